import Foundation
import RowwiseTexts
import TestSupport
import Testing

@Suite struct JSONValueTests {
  @Test func writesEveryKind() {
    let value = JSONValue.object([
      .init("b", .bool(true)), .init("a", .null), .init("n", .int(-3)),
      .init("d", .double(0.1)), .init("f", .float(0.1)), .init("nan", .double(.nan)),
      .init("inf", .float(-.infinity)), .init("list", .array([.int(1), .string("x")])),
    ])
    #expect(
      value.compact
        == #"{"b":true,"a":null,"n":-3,"d":0.1,"f":0.1,"nan":null,"inf":null,"list":[1,"x"]}"#)
  }

  @Test func prettyKeepsPlainArraysInOneRow() {
    let value = JSONValue.object([
      .init("matrix", .array([.array([.int(1), .int(0)]), .array([.int(2), .int(3)])])),
      .init("empty", .array([])), .init("means", .object([.init("f1", .double(1))])),
    ])
    let expected = """
      {
        "matrix": [
          [1, 0],
          [2, 3]
        ],
        "empty": [],
        "means": {"f1": 1.0}
      }

      """
    #expect(value.pretty == expected)
  }

  @Test func hostileNamesReadBack() throws {
    let value = JSONValue.array(hostileNames.map(JSONValue.string))
    for text in [value.compact, value.pretty] {
      let parsed = try JSONDecoder().decode([String].self, from: Data(text.utf8))
      #expect(parsed.map { Array($0.utf8) } == hostileNames.map { Array($0.utf8) })
      #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0 == "<" })
    }
  }

  @Test(arguments: [
    0, 1e-300, 1e300, 1.0 / 3, -0.0, .leastNonzeroMagnitude, 123456789.125, 1e16,
  ])
  func numbersReadBack(number: Double) throws {
    let text = JSONValue.array([.double(number)]).compact
    let parsed = try JSONDecoder().decode([Double].self, from: Data(text.utf8))
    #expect(parsed == [number])
  }
}
