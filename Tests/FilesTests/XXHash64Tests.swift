import RowwiseFiles
import Testing

@Suite struct XXHash64Tests {
  @Test(
    arguments: [
      ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
      ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
    ] as [(String, UInt64)])
  func givesThePublishedValues(text: String, expected: UInt64) {
    var hash = XXHash64()
    hash.update(text)
    #expect(hash.value == expected)
  }

  @Test func piecesChangeNothing() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 7) }
    var whole = XXHash64()
    bytes.withUnsafeBytes { whole.update($0) }
    for size in [1, 3, 31, 32, 33, 64, 100] {
      var pieces = XXHash64()
      for start in stride(from: 0, to: bytes.count, by: size) {
        bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { pieces.update($0) }
      }
      #expect(pieces.value == whole.value, "pieces of \(size)")
    }
  }
}
