import RowwiseImageDecoding
import Testing

struct ImageOrientationTests {
  /// Upright pixel (x, y) of each orientation by EXIF's definition: the stored first row and column
  /// are at the named edges.
  private func expected(_ orientation: ImageOrientation, _ image: DecodedImage) -> [UInt8] {
    let size = orientation.uprightSize(width: image.width, height: image.height)
    var pixels: [UInt8] = []
    for y in 0..<size.height {
      for x in 0..<size.width {
        let (right, bottom) = (size.width - 1 - x, size.height - 1 - y)
        let (row, column) =
          switch orientation {
          case .topLeft: (y, x)
          case .topRight: (y, right)
          case .bottomRight: (bottom, right)
          case .bottomLeft: (bottom, x)
          case .leftTop: (x, y)
          case .rightTop: (right, y)
          case .rightBottom: (right, bottom)
          case .leftBottom: (x, bottom)
          }
        let start = (row * image.width + column) * image.channels
        pixels += image.pixels[start..<start + image.channels]
      }
    }
    return pixels
  }

  @Test("Every orientation, both ways of reading", arguments: ImageOrientation.allCases)
  func upright(orientation: ImageOrientation) throws {
    for channels in [1, 3] {
      let image = TestPictures.pattern(width: 7, height: 4, channels: channels)
      let turned = image.upright(from: orientation)
      #expect(turned.pixels == expected(orientation, image))
      let exif = TestPictures.chunk(
        "eXIf", TestPictures.exif(orientation: UInt8(orientation.rawValue)))
      let png = TestPictures.inserting(exif, before: "IDAT", in: try PNGWriter.encode(image))
      let options = DecodingOptions(pixelFormat: channels == 1 ? .gray8 : .rgb8)
      #expect(try ImageDecoder.decode(bytes: png, options: options) == turned)

      let reader = try ImageRowReader(bytes: png, options: options)
      #expect((reader.width, reader.height) == (turned.width, turned.height))
      #expect(reader.wholeImageReasons == (orientation.rawValue > 2 ? [.orientation] : []))
      var rows: [UInt8] = []
      var row = [UInt8](repeating: 0, count: reader.bytesPerRow)
      while try reader.readRow(into: &row) { rows += row }
      #expect(rows == turned.pixels)
    }
  }

  @Test("An EXIF block after the pixels turns a decoded picture and warns a row reader")
  func late() throws {
    let image = TestPictures.pattern(width: 7, height: 4, channels: 3)
    let exif = TestPictures.chunk("eXIf", TestPictures.exif(orientation: 6, bigEndian: false))
    let png = TestPictures.inserting(exif, before: "IEND", in: try PNGWriter.encode(image))
    #expect(try ImageDecoder.decode(bytes: png) == image.upright(from: .rightTop))
    let reader = try ImageRowReader(bytes: png)
    var row = [UInt8](repeating: 0, count: reader.bytesPerRow)
    while try reader.readRow(into: &row) {}
    #expect(reader.warnings == [.lateOrientation(.rightTop)])
  }

  @Test("A damaged EXIF block leaves the picture as it is")
  func damaged() throws {
    let image = TestPictures.pattern(width: 7, height: 4, channels: 3)
    let png = try PNGWriter.encode(image)
    let whole = TestPictures.exif(orientation: 6)
    for length in 4..<20 {
      let exif = TestPictures.chunk("eXIf", Array(whole.prefix(length)))
      let bytes = TestPictures.inserting(exif, before: "IDAT", in: png)
      #expect(try ImageDecoder.decode(bytes: bytes) == image, "\(length) bytes")
    }
    for value: UInt8 in [0, 9, 255] {
      let exif = TestPictures.chunk("eXIf", TestPictures.exif(orientation: value))
      let bytes = TestPictures.inserting(exif, before: "IDAT", in: png)
      #expect(try ImageDecoder.decode(bytes: bytes) == image, "orientation \(value)")
    }
  }
}
