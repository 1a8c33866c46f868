import RowwiseRowSequencing

/// Where each pixel's values stand in a sequence: at one place, or at several where windows overlap.
struct PixelPlaces {
  /// Places, those of a pixel side by side.
  private var places: [Int]
  /// Where those of each pixel begin, and where the last ones end.
  private var starts: [Int]

  init(_ preprocessing: Preprocessing) {
    let pixels = preprocessing.width * preprocessing.height
    let order = preprocessing.readingOrder.pixelOrder(
      width: preprocessing.width, height: preprocessing.height)
    var counts = [Int](repeating: 0, count: pixels + 1)
    for pixel in order where pixel >= 0 { counts[pixel + 1] += 1 }
    for pixel in 0..<pixels { counts[pixel + 1] += counts[pixel] }
    starts = counts
    places = [Int](repeating: 0, count: counts[pixels])
    for (place, pixel) in order.enumerated() where pixel >= 0 {
      places[counts[pixel]] = place * preprocessing.color.channels
      counts[pixel] += 1
    }
  }

  /// Where the values of a pixel begin.
  subscript(pixel: Int) -> ArraySlice<Int> { places[starts[pixel]..<starts[pixel + 1]] }
}
