import Testing

@testable import RowwiseTexts

struct JSONScannerValuesTests {
  @Test(arguments: [
    ("0", 0), ("-0", -0.0), ("12", 12), ("-1.5e+2", -150), ("1E2", 100), (" 7", 7),
    ("0.1", 0.1), ("36893488147419103232", 36_893_488_147_419_103_232),
  ])
  func numbers(_ text: String, _ value: Double) throws {
    var scanner = JSONScanner(bytes: Array(text.utf8))
    #expect(try scanner.number() == value)
    try scanner.expectEnd()
  }

  @Test(arguments: ["", "-", "01", "1.", "1.e1", "1e", "1e+", "1e999", "a", "+1", ".5"])
  func noNumbers(_ text: String) {
    #expect(throws: JSONSyntaxError.self) {
      var scanner = JSONScanner(bytes: Array(text.utf8))
      _ = try scanner.number()
      try scanner.expectEnd()
    }
  }

  @Test func skippedValues() throws {
    let text = #"{"a":[1,-2.5,{"b":"\"]"},[],{}],"c":true,"d":null,"e":false} 7"#
    var scanner = JSONScanner(bytes: Array(text.utf8))
    try scanner.skipValue()
    #expect(try scanner.number() == 7)
  }

  @Test(arguments: ["[", "{", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{1:2}", "tru", "\"a", "[1 2]"])
  func notSkipped(_ text: String) {
    #expect(throws: JSONSyntaxError.self) {
      var scanner = JSONScanner(bytes: Array(text.utf8))
      try scanner.skipValue()
    }
  }

  @Test func depthIsLimited() {
    #expect(throws: JSONSyntaxError.self) {
      var scanner = JSONScanner(bytes: [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000))
      try scanner.skipValue()
    }
    #expect(throws: JSONSyntaxError.self) {
      var scanner = JSONScanner(bytes: [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000))
      try scanner.numbers { _ in }
    }
  }

  @Test(arguments: [
    ("[]", []), ("[1]", [1]), ("[[1,2],[3,4]]", [1, 2, 3, 4]), ("[[[1],[2]],[[3]]]", [1, 2, 3]),
  ])
  func numbersInArrays(_ text: String, _ values: [Double]) throws {
    var scanner = JSONScanner(bytes: Array(text.utf8))
    var found: [Double] = []
    try scanner.numbers { number throws(JSONSyntaxError) in found.append(number) }
    #expect(found == values)
    try scanner.expectEnd()
  }

  @Test(arguments: ["1", "[1", "[1,[2]", "[1,\"a\"]", "[,1]", "[1 2]"])
  func noNumbersInArrays(_ text: String) {
    #expect(throws: JSONSyntaxError.self) {
      var scanner = JSONScanner(bytes: Array(text.utf8))
      try scanner.numbers { _ in }
    }
  }
}
