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
    (.windows(rows: 2, step: 1), [0, 1, 2, 3, 4, 5, 3, 4, 5, -1, -1, -1], 2),
    (.windows(rows: 2, step: 2), [0, 1, 2, 3, 4, 5], 1),
    (.patches(1), [0, 1, 2, 3, 4, 5], 2),
    (.patches(2), [0, 1, 3, 4, 2, -1, 5, -1], 1),
  ])
  func readsASmallPicture(order: ReadingOrder, pixels: [Int], timesteps: Int) {
    #expect(order.pixelOrder(width: 3, height: 2) == pixels)
    #expect(order.timesteps(width: 3, height: 2) == timesteps)
    #expect(order.pixelsPerTimestep(width: 3, height: 2) * timesteps == pixels.count)
  }

  @Test(arguments: [
    (ReadingOrder.rows, 13), (.rowsBottomUp, 13), (.columns, 7), (.serpentine, 1), (.pixels, 1),
    (.windows(rows: 3, step: 1), 1), (.patches(4), 4), (.patches(13), 1),
  ])
  func knowsItsColumns(order: ReadingOrder, columns: Int) {
    #expect(order.columns(width: 13, height: 7) == columns)
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
    .windows(rows: 3, step: 3), .patches(4),
  ])
  func everyPixelIsReadOnce(order: ReadingOrder) {
    let pixels = order.pixelOrder(width: 13, height: 7)
    #expect(pixels.filter { $0 >= 0 }.sorted() == Array(0..<91))
    #expect(
      pixels.count
        == order.timesteps(width: 13, height: 7) * order.pixelsPerTimestep(width: 13, height: 7))
  }

  @Test(arguments: [
    (ReadingOrder.rows, "rows"), (.rowsBottomUp, "rows-bottom-up"), (.columns, "columns"),
    (.serpentine, "serpentine"), (.pixels, "pixels"),
    (.pixelsPermuted(seed: 0), "pixels-permuted:0"),
    (.pixelsPermuted(seed: .max), "pixels-permuted:18446744073709551615"),
    (.windows(rows: 4, step: 2), "windows:4/2"), (.patches(256), "patches:256"),
  ])
  func namesReadBack(order: ReadingOrder, name: String) throws {
    #expect(order.description == name)
    #expect(ReadingOrder(name) == order)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    let json = try encoder.encode([order])
    #expect(String(decoding: json, as: UTF8.self) == "[\"\(name)\"]")
    #expect(try JSONDecoder().decode([ReadingOrder].self, from: json) == [order])
  }

  @Test(arguments: [
    "", "row", "Rows", "pixels-permuted", "pixels-permuted:", "pixels-permuted:-1",
    "pixels-permuted:+1", "pixels-permuted:01", "pixels-permuted:18446744073709551616",
    "windows", "windows:", "windows:3", "windows:3/", "windows:/1", "windows:0/0", "windows:2/3",
    "windows:03/1", "windows:3/1/1", "windows:257/1", "patches", "patches:", "patches:0",
    "patches:-1", "patches:257", "rows:2",
  ])
  func unknownNamesAreRefused(name: String) {
    #expect(ReadingOrder(name) == nil)
    #expect(throws: PreprocessingError.unknownReadingOrder(name)) {
      try JSONDecoder().decode([ReadingOrder].self, from: JSONEncoder().encode([name]))
    }
  }

  /// Where only the numbers are wrong, what they must be is said.
  @Test func numbersAreExplained() {
    for (name, words) in [
      ("windows:2/3", "the step no larger than the rows"), ("windows", "windows:ROWS/STEP"),
      ("patches:0", "a number from 1 to 256"), ("pixels-permuted:-1", "a whole number from 0"),
    ] {
      #expect(ReadingOrder.numbers(in: name)?.contains(words) == true, "\(name)")
    }
    #expect(ReadingOrder.numbers(in: "diagonal:2") == nil)
  }
}
