/// Counts the pictures of a JPEG file in the index of the Multi-Picture Format (CIPA DC-007, 5.2.3), which
/// stereo cameras and phones write.
enum MultiPictureReader {
  private static let (countTag, entriesTag) = (0xB001, 0xB002)
  private static let entryBytes = 16
  /// More than any camera writes.
  private static let mostPictures = 1 << 16
  /// The upper byte of an entry's type, for smaller copies of the first picture.
  private static let previewClass = 1

  /// The pictures of the file, smaller copies of the first for displays not counted; 1 where the block is
  /// damaged: the first is read in any case.
  static func count(inTIFF bytes: UnsafeBufferPointer<UInt8>) -> Int {
    guard let block = TIFFBlock(bytes), let count = block.entry(countTag),
      let number = block.number(at: count.place, bytes: 4), (1...mostPictures).contains(number)
    else { return 1 }
    guard let entries = block.entry(entriesTag),
      let first = block.number(at: entries.place, bytes: 4)
    else { return number }
    let previews = (1..<number).count { index in
      let attributes = block.number(at: first + index * entryBytes, bytes: 4) ?? 0
      return attributes >> 16 & 0xFF == previewClass
    }
    return number - previews
  }
}
