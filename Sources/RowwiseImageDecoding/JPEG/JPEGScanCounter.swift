/// Counts the scans of a JPEG without decoding them.
enum JPEGScanCounter {
  /// How many scans start in `bytes`, from within a JPEG at a marker or in entropy-coded data.
  ///
  /// Segments are stepped over by their lengths, so that a thumbnail in one is not counted. In
  /// entropy-coded data 0xFF is followed by 0, a restart number or more 0xFF (T.81, B.1.1.5).
  static func count(in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var scans = 0
    var position = 0
    while position + 1 < bytes.count {
      guard bytes[position] == 0xFF else {
        position += 1
        continue
      }
      let marker = bytes[position + 1]
      switch marker {
      case 0xFF:
        position += 1
      case 0x00, 0x01, 0xD0...0xD8:
        position += 2
      case 0xD9:
        return scans
      default:
        if marker == 0xDA { scans += 1 }
        guard position + 3 < bytes.count else { return scans }
        position += 2 + max(Int(bytes[position + 2]) << 8 | Int(bytes[position + 3]), 2)
      }
    }
    return scans
  }
}
