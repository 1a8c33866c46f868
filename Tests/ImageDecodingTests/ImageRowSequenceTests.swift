import RowwiseImageDecoding
import Testing

struct ImageRowSequenceTests {
  /// `bytes` as an asynchronous sequence of pieces of `size` bytes.
  private func chunks(_ bytes: [UInt8], size: Int) -> AsyncStream<ArraySlice<UInt8>> {
    AsyncStream { continuation in
      for start in stride(from: 0, to: bytes.count, by: size) {
        continuation.yield(bytes[start..<min(start + size, bytes.count)])
      }
      continuation.finish()
    }
  }

  @Test("Rows come in order and equal the decoded picture", arguments: [1, 7, 100_000])
  func rows(size: Int) async throws {
    let image = TestPictures.pattern(width: 17, height: 9, channels: 3)
    let bytes = try PNGWriter.encode(image)
    var pixels: [UInt8] = []
    var indices: [Int] = []
    for try await row in ImageRowSequence(chunks(bytes, size: size)) {
      pixels += row.pixels
      indices.append(row.index)
      #expect(row.info.width == 17)
    }
    #expect(pixels == image.pixels)
    #expect(indices == Array(0..<9))
  }

  @Test("An end before the last row is an error")
  func truncated() async throws {
    let bytes = try PNGWriter.encode(TestPictures.pattern(width: 17, height: 9, channels: 3))
    await #expect(throws: ImageDecodingError.self) {
      for try await _ in ImageRowSequence(chunks(Array(bytes.dropLast(20)), size: 10)) {}
    }
  }
}
