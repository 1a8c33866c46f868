import Foundation
import RowwiseRowSequencing
import Testing

@Suite struct ReadingOrderTests {
  /// 3 wide, 2 high:  0 1 2
  ///                  3 4 5
  @Test(arguments: [
    (ReadingOrder.rows, [0, 1, 2, 3, 4, 5], 2),
    (.rowsBottomUp, [3, 4, 5, 0, 1, 2], 2),
    (.columns, [0, 3, 1, 4, 2, 5], 3),
    (.serpentine, [0, 1, 2, 5, 4, 3], 2),
    (.pixels, [0, 1, 2, 3, 4, 5], 6),
  ])
  func readsASmallPicture(order: ReadingOrder, pixels: [Int], timesteps: Int) {
    #expect(order.pixelOrder(width: 3, height: 2) == pixels)
    #expect(order.timesteps(width: 3, height: 2) == timesteps)
    #expect(order.pixelsPerTimestep(width: 3, height: 2) * timesteps == 6)
  }

  @Test func permutationsAreTheSameForEver() throws {
    let golden = try Golden.load().permutations
    #expect(golden.count == 5)
    for permutation in golden {
      let order = ReadingOrder.pixelsPermuted(seed: permutation.seed)
      #expect(order.pixelOrder(width: permutation.count, height: 1) == permutation.order)
    }
    let order = ReadingOrder.pixelsPermuted(seed: 42)
    #expect(order.pixelOrder(width: 8, height: 8).prefix(4) == golden[3].order.prefix(4))
    #expect(order.timesteps(width: 8, height: 8) == 64)
  }

  @Test(arguments: [
    ReadingOrder.rows, .rowsBottomUp, .columns, .serpentine, .pixels, .pixelsPermuted(seed: 9),
  ])
  func everyPixelIsReadOnce(order: ReadingOrder) {
    #expect(order.pixelOrder(width: 13, height: 7).sorted() == Array(0..<91))
  }

  @Test(arguments: [
    (ReadingOrder.rows, "rows"), (.rowsBottomUp, "rows-bottom-up"), (.columns, "columns"),
    (.serpentine, "serpentine"), (.pixels, "pixels"),
    (.pixelsPermuted(seed: 0), "pixels-permuted:0"),
    (.pixelsPermuted(seed: .max), "pixels-permuted:18446744073709551615"),
  ])
  func namesReadBack(order: ReadingOrder, name: String) throws {
    #expect(order.description == name)
    #expect(ReadingOrder(name) == order)
    let json = try JSONEncoder().encode([order])
    #expect(String(decoding: json, as: UTF8.self) == "[\"\(name)\"]")
    #expect(try JSONDecoder().decode([ReadingOrder].self, from: json) == [order])
  }

  @Test(arguments: [
    "", "row", "Rows", "pixels-permuted", "pixels-permuted:", "pixels-permuted:-1",
    "pixels-permuted:+1", "pixels-permuted:01", "pixels-permuted:18446744073709551616",
  ])
  func unknownNamesAreRefused(name: String) {
    #expect(ReadingOrder(name) == nil)
    #expect(throws: PreprocessingError.unknownReadingOrder(name)) {
      try JSONDecoder().decode([ReadingOrder].self, from: JSONEncoder().encode([name]))
    }
  }
}
