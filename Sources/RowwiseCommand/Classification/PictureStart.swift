/// Finds where a picture begins among other bytes.
enum PictureStart {
  /// First bytes that hardly stand anywhere else: of PNG and of JPEG.
  private static let signatures: [[UInt8]] = [
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], [0xFF, 0xD8, 0xFF],
  ]

  /// Where the next picture begins, behind the first byte; where none does, `found` is false and `index`
  /// the first byte that could still belong to a beginning.
  static func next(in bytes: [UInt8]) -> (index: Int, found: Bool) {
    for index in bytes.indices.dropFirst() {
      for signature in signatures {
        let rest = bytes[index...].prefix(signature.count)
        if rest.elementsEqual(signature) { return (index, true) }
        if rest.count < signature.count, signature.starts(with: rest) { return (index, false) }
      }
    }
    return (bytes.count, false)
  }
}
