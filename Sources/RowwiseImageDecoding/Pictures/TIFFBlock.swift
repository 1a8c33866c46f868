/// The first directory of a TIFF block (TIFF 6.0, section 2), as EXIF and the Multi-Picture Format have it.
struct TIFFBlock {
  /// An entry of a directory.
  struct Entry {
    let type: Int
    let count: Int
    /// Where its value is, or the place of it.
    let place: Int
  }

  static let shortType = 3

  private let bytes: UnsafeBufferPointer<UInt8>
  private let isBigEndian: Bool

  /// Nil where it is none.
  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count >= 8 else { return nil }
    switch (bytes[0], bytes[1]) {
    case (0x49, 0x49): isBigEndian = false
    case (0x4D, 0x4D): isBigEndian = true
    default: return nil
    }
    self.bytes = bytes
    guard number(at: 2, bytes: 2) == 42 else { return nil }
  }

  /// A number of so many bytes; nil beyond the block.
  func number(at offset: Int, bytes count: Int) -> Int? {
    guard offset >= 0, offset <= bytes.count - count else { return nil }
    var value = 0
    for index in 0..<count {
      value = value << 8 | Int(bytes[isBigEndian ? offset + index : offset + count - 1 - index])
    }
    return value
  }

  /// The first entry of a tag; nil where there is none.
  func entry(_ wanted: Int) -> Entry? {
    guard let directory = number(at: 4, bytes: 4), let entries = number(at: directory, bytes: 2)
    else { return nil }
    for index in 0..<entries {
      let entry = directory + 2 + index * 12
      guard let tag = number(at: entry, bytes: 2), let type = number(at: entry + 2, bytes: 2) else {
        return nil
      }
      guard tag == wanted else { continue }
      return Entry(type: type, count: number(at: entry + 4, bytes: 4) ?? 0, place: entry + 8)
    }
    return nil
  }
}
