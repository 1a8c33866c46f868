import RowwiseTexts
import Testing

@Suite struct NumberTextTests {
  @Test(arguments: [
    (0.0, 4, "0.0000"), (1.0, 4, "1.0000"), (0.97219, 4, "0.9722"), (-0.5, 1, "-0.5"),
    (-0.00001, 2, "0.00"), (0.05, 1, "0.1"), (12.3456, 2, "12.35"), (7, 0, "7"),
    (.nan, 2, "–"), (.infinity, 2, "–"), (0.001, 3, "0.001"), (99.999, 2, "100.00"),
  ])
  func fixesDecimals(value: Double, decimals: Int, text: String) {
    #expect(NumberText.fixed(value, decimals: decimals) == text)
  }

  @Test func percentAndThousands() {
    #expect(NumberText.percent(0.97219) == "97.22 %")
    #expect(NumberText.percent(.nan) == "–")
    #expect(NumberText.grouped(1_234_567) == "1,234,567")
    #expect(NumberText.grouped(999) == "999")
    #expect(NumberText.grouped(-1_000) == "-1,000")
  }
}
