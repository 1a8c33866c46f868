import Testing

@testable import RowwiseCommand

struct NeighborIndexTests {
  /// Bytes that look random, the same every time.
  private static func image(_ seed: Int, bytes: Int) -> [UInt8] {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
    return (0..<bytes).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(state >> 56)
    }
  }

  @Test func findsWhatSortingAllFinds() {
    // Squared, powers of two: weighting is exact in both.
    let deviations = [0.5, 1, 2]
    let images = (0..<60).map { Self.image($0, bytes: 7 * 3) }
    let index = NeighborIndex(images, standardDeviations: deviations)
    #expect(index.count == 60 && index.valueCount == 60 * 21)
    for question in (100..<120).map({ Self.image($0, bytes: 7 * 3) }) {
      let expected = images.enumerated().map { number, image in
        var distance = 0.0
        for place in image.indices {
          let difference = (Double(image[place]) - Double(question[place])) / deviations[place % 3]
          distance += difference * difference
        }
        return NeighborIndex.Neighbor(index: number, distance: distance)
      }.sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }
      for limit in [1, 5, 60] {
        #expect(index.nearest(limit, to: question) == Array(expected.prefix(limit)))
      }
      #expect(index.nearest(100, to: question) == expected)
    }
  }

  @Test func ofEquallyNearImagesTheFirstCounts() {
    let index = NeighborIndex(
      [[10, 10], [7, 10], [10, 13], [13, 10], [10, 7]], standardDeviations: [1])
    #expect(index.nearest(3, to: [10, 10]).map(\.index) == [0, 1, 2])
    #expect(index.nearest(5, to: [10, 10]).map(\.distance) == [0, 9, 9, 9, 9])
  }

  @Test func largeImagesDoNotOverflow() {
    // 40,000 · 255² > 2³¹.
    let size = 40_000
    let index = NeighborIndex(
      [[UInt8](repeating: 0, count: size), [UInt8](repeating: 1, count: size)],
      standardDeviations: [1])
    let found = index.nearest(2, to: [UInt8](repeating: 255, count: size))
    #expect(found.map(\.index) == [1, 0])
    #expect(found[0].distance == 2_580_640_000)
    #expect(found[1].distance == 2_601_000_000)
  }
}
