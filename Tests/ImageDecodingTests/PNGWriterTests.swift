import Foundation
import RowwiseImageDecoding
import Testing

struct PNGWriterTests {
  @Test("What is written is read back", arguments: [1, 3])
  func roundTrip(channels: Int) throws {
    for (width, height) in [(1, 1), (1, 9), (9, 1), (28, 28), (67, 31), (1_000, 3)] {
      let image = TestPictures.pattern(width: width, height: height, channels: channels)
      let bytes = try PNGWriter.encode(image)
      let options = DecodingOptions(pixelFormat: channels == 1 ? .gray8 : .rgb8)
      #expect(try ImageDecoder.decode(bytes: bytes, options: options) == image)
    }
  }

  @Test("Writing replaces a file whole and leaves nothing beside it")
  func write() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "rowwise-png-writer-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "picture.png").path
    for size in [5, 40] {
      let image = TestPictures.pattern(width: size, height: size, channels: 3)
      try PNGWriter.write(image, toPath: path)
      #expect(try ImageDecoder.decode(path: path) == image)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["picture.png"])
  }

  @Test("A folder that is not there is named")
  func unwritable() {
    let path = "/nonexistent-folder/picture.png"
    #expect(
      throws: ImageDecodingError.cannotWrite(path: path, reason: "No such file or directory")
    ) {
      try PNGWriter.write(
        TestPictures.pattern(width: 2, height: 2, channels: 1), toPath: path)
    }
  }

  @Test("Pictures that PNG cannot hold are refused")
  func invalid() {
    let empty = DecodedImage(width: 0, height: 0, channels: 1, pixels: [])
    let alpha = TestPictures.pattern(width: 2, height: 2, channels: 4)
    var short = TestPictures.pattern(width: 2, height: 2, channels: 3)
    short.pixels.removeLast()
    for image in [empty, alpha, short] {
      #expect(
        throws: ImageDecodingError.invalidImage(
          width: image.width, height: image.height, channels: image.channels,
          bytes: image.pixels.count)
      ) { try PNGWriter.encode(image) }
    }
  }
}
