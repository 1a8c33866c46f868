import Foundation
import RowwiseImageDecoding
import TestSupport
import Testing

struct ImageRowReaderTests {
  @Test("A hand-written baseline JPEG is decoded")
  func grayJPEG() throws {
    let options = DecodingOptions(pixelFormat: .gray8)
    let image = try ImageDecoder.decode(bytes: TestPictures.grayJPEG, options: options)
    #expect(image.pixels == [UInt8](repeating: 128, count: 256))
    let info = try ImageRowReader(bytes: TestPictures.grayJPEG).info
    #expect(info.format == .jpeg && info.streams && info.colorModel == .gray)
    #expect((info.width, info.height, info.bitDepth) == (16, 16, 8))
  }

  @Test("Palettes are called that, also where a colour of theirs is transparent")
  func palettes() throws {
    for transparency in [[], TestPictures.chunk("tRNS", [0])] {
      let png =
        TestPictures.header(width: 2, height: 1, colorType: 3)
        + TestPictures.chunk("PLTE", [9, 8, 7, 255, 0, 0]) + transparency
        + TestPictures.chunk("IDAT", PNGBytes.stored([0, 1, 0]))
        + TestPictures.chunk("IEND", [])
      let reader = try ImageRowReader(
        bytes: png, options: DecodingOptions(pixelFormat: .rgba8))
      #expect(reader.info.colorModel == .palette && reader.info.bitDepth == 8)
      var row = [UInt8](repeating: 0, count: 8)
      #expect(try reader.readRow(into: &row))
      #expect(row == [255, 0, 0, 255, 9, 8, 7, transparency.isEmpty ? 255 : 0])
    }
  }

  @Test("Every truncation is an error, or in lenient mode a prefix of the rows")
  func truncations() throws {
    let png = try PNGWriter.encode(TestPictures.pattern(width: 13, height: 11, channels: 3))
    var files = [("png", png), ("jpeg", TestPictures.grayJPEG)]
    if ConformanceSet.isPresent {
      for file in [
        "png-interlaced/ps_basi3p02.png", "png-16bit/ps_basn2c16.png",
        "jpeg-valid/moz_jpg-size-17x17.jpg", "jpeg-arithmetic/ljt_testimgari.jpg",
      ] {
        files.append((file, try ConformanceSet.bytes(file)))
      }
    }
    for (name, bytes) in files {
      let whole = try ImageDecoder.decode(bytes: bytes)
      let step = max(1, bytes.count / 400)
      for count in stride(from: 0, to: bytes.count, by: step) {
        try checkTruncation(Array(bytes.prefix(count)), of: whole, name: "\(name)[..<\(count)]")
      }
    }
  }

  private func checkTruncation(_ bytes: [UInt8], of whole: DecodedImage, name: String) throws {
    #expect(throws: ImageDecodingError.self, "\(name)") {
      try ImageDecoder.decode(bytes: bytes, named: name)
    }
    let options = DecodingOptions(strictness: .lenient)
    guard let reader = try? ImageRowReader(bytes: bytes, named: name, options: options) else {
      return
    }
    var rows: [UInt8] = []
    var row = [UInt8](repeating: 0, count: reader.bytesPerRow)
    do {
      while try reader.readRow(into: &row) { rows += row }
      #expect(rows.elementsEqual(whole.pixels.prefix(rows.count)), "\(name)")
      #expect(reader.warnings.count == 1, "\(name): \(reader.warnings)")
    } catch {
      // Before the first row it is an error even so.
      #expect(rows.isEmpty, "\(name): \(error)")
    }
  }

  @Test("Missing rows of a lenient decode have the background's colour")
  func lenientDecode() throws {
    let image = TestPictures.pattern(width: 50, height: 40, channels: 3)
    let png = try PNGWriter.encode(image)
    let options = DecodingOptions(
      background: BackgroundColor(red: 1, green: 2, blue: 3), strictness: .lenient)
    let cut = Array(png.prefix(png.count / 2))
    let (decoded, warnings) = try ImageDecoder.decodeWithWarnings(
      bytes: cut, named: "cut", options: options)
    guard case .stopped(let rows, let reason)? = warnings.first else {
      Issue.record("no warning")
      return
    }
    #expect(reason == .truncated(source: "cut", format: .png, rows: rows, height: 40))
    #expect((1..<40).contains(rows))
    #expect(decoded.pixels.prefix(rows * 150) == image.pixels.prefix(rows * 150))
    #expect(Array(decoded.pixels.suffix(3)) == [1, 2, 3])
    #expect(
      warnings.damage
        == "only \(rows) rows could be read: \(reason.description.dropFirst(5))"
        .replacing("; get the file again, or read it leniently to keep those rows", with: ""))
    // Of nothing there is no picture.
    #expect(
      throws: ImageDecodingError.truncated(source: "cut", format: .png, rows: 0, height: 40)
    ) {
      try ImageDecoder.decodeWithWarnings(
        bytes: Array(png.prefix(60)), named: "cut", options: options)
    }
  }

  @Test("Rows of a damaged picture that is turned are those of the decoded one", arguments: 1...8)
  func lenientTurned(orientation: UInt8) throws {
    let exif = TestPictures.chunk("eXIf", TestPictures.exif(orientation: orientation))
    let png = TestPictures.inserting(
      exif, before: "IDAT",
      in: try PNGWriter.encode(TestPictures.pattern(width: 50, height: 150, channels: 3)))
    let cut = Array(png.prefix(png.count / 2))
    for format in [PixelFormat.gray8, .rgb8, .rgba8] {
      let options = DecodingOptions(
        pixelFormat: format, background: BackgroundColor(red: 1, green: 2, blue: 3),
        strictness: .lenient)
      let (decoded, warnings) = try ImageDecoder.decodeWithWarnings(
        bytes: cut, named: "cut", options: options)
      let reader = try ImageRowReader(bytes: cut, named: "cut", options: options)
      var row = [UInt8](repeating: 0, count: reader.bytesPerRow)
      var rows: [UInt8] = []
      while try reader.readRow(into: &row) { rows += row }
      // Rows that keep their order end where the file does.
      #expect(rows.elementsEqual(decoded.pixels.prefix(rows.count)))
      #expect(orientation <= 2 ? rows.count < decoded.pixels.count : rows == decoded.pixels)
      #expect(!rows.isEmpty && reader.warnings == warnings && warnings.count == 1)
    }
    #expect(throws: ImageDecodingError.self) {
      let reader = try ImageRowReader(bytes: cut, named: "cut")
      var row = [UInt8](repeating: 0, count: reader.bytesPerRow)
      while try reader.readRow(into: &row) {}
    }
  }

  @Test("Files: missing, empty, a folder, a text")
  func files() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "rowwise-row-reader-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let missing = folder.appending(path: "missing.png").path
    #expect(
      throws: ImageDecodingError.cannotRead(
        source: missing, reason: "No such file or directory")
    ) { try ImageDecoder.decode(path: missing) }
    #expect(
      throws: ImageDecodingError.cannotRead(
        source: folder.path, reason: "it is a folder, expected a regular file")
    ) { try ImageDecoder.decode(path: folder.path) }
    let empty = folder.appending(path: "empty.png")
    try Data().write(to: empty)
    #expect(throws: ImageDecodingError.empty(source: empty.path)) {
      try ImageDecoder.decode(path: empty.path)
    }
    let text = folder.appending(path: "text.png")
    try Data("not a picture".utf8).write(to: text)
    #expect(
      throws: ImageDecodingError.unknownFormat(
        source: text.path, firstBytes: Array("not a picture".utf8))
    ) { try ImageDecoder.decode(path: text.path) }
  }

  @Test("Rows of a file larger than one portion equal those in memory")
  func largeFile() throws {
    var image = TestPictures.pattern(width: 700, height: 500, channels: 3)
    var state: UInt32 = 1
    for index in image.pixels.indices {
      state = state &* 1_664_525 &+ 1_013_904_223
      image.pixels[index] = UInt8(state >> 24)
    }
    let file = FileManager.default.temporaryDirectory
      .appending(path: "rowwise-large-\(UUID().uuidString).png")
    defer { try? FileManager.default.removeItem(at: file) }
    try PNGWriter.write(image, toPath: file.path)
    #expect(try ImageDecoder.decode(path: file.path) == image)
    let reader = try ImageRowReader(path: file.path)
    var rows: [UInt8] = []
    var row = [UInt8](repeating: 0, count: reader.bytesPerRow)
    while try reader.readRow(into: &row) { rows += row }
    #expect(rows == image.pixels)
    #expect(reader.rowsRead == 500)
  }
}
