import RowwiseImageDecoding
import Testing

@Suite(.enabled(if: ConformanceSet.isPresent, "needs ../shared/data/decoder"))
struct JPEGScalingTests {
  /// Means over `count` × `count` areas of whole pixels.
  private func means(_ image: DecodedImage, count: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: count * count)
    var counts = sums
    for y in 0..<image.height {
      for x in 0..<image.width {
        let area = y * count / image.height * count + x * count / image.width
        sums[area] += Double(image.pixels[y * image.width + x])
        counts[area] += 1
      }
    }
    return zip(sums, counts).map { $0 / $1 }
  }

  @Test("A scaled JPEG is smaller, upright and nearly the same on average")
  func scaled() throws {
    for file in ["exif/exo_Landscape_1.jpg", "exif/exo_Landscape_6.jpg"] {
      let path = ConformanceSet.path(file)
      let full = try ImageDecoder.decode(path: path, options: DecodingOptions(pixelFormat: .gray8))
      let options = DecodingOptions(
        pixelFormat: .gray8, jpegScaling: .downTo(width: 28, height: 28))
      let small = try ImageDecoder.decode(path: path, options: options)
      #expect((small.width, small.height) == (450, 300), "\(file)")
      let differences = zip(means(full, count: 25), means(small, count: 25)).map { abs($0 - $1) }
      #expect(differences.reduce(0, +) / 625 < 1, "\(file)")

      let reader = try ImageRowReader(path: path, options: options)
      #expect((reader.width, reader.height) == (450, 300), "\(file)")
      var rows: [UInt8] = []
      var row = [UInt8](repeating: 0, count: reader.bytesPerRow)
      while try reader.readRow(into: &row) { rows += row }
      #expect(rows == small.pixels, "\(file)")
    }
  }

  @Test("A picture that would get too small keeps its size")
  func kept() throws {
    let path = ConformanceSet.path("exif/exo_Landscape_1.jpg")
    let reader = try ImageRowReader(
      path: path, options: DecodingOptions(jpegScaling: .downTo(width: 113, height: 70)))
    #expect((reader.width, reader.height) == (1_800, 1_200))
  }
}
