import RowwiseEvaluation
import RowwiseTexts
import Testing

@Suite struct ConfusionMatrixTextTests {
  @Test func showsShortNamesAsHeads() {
    let expected = """
      true \\ pred.  a  b  c
      a             3  1  ·
      b             ·  2  ·
      c             1  ·  ·

      """
    #expect(ConfusionMatrixTests.small.text() == expected)
  }

  @Test func headsLongNamesByIndex() {
    let matrix = ConfusionMatrix(classNames: ["Ankle boot", "Bag"], counts: [812, 3, 0, 9])
    let expected = """
      true \\ pred.   [0] [1]
      [0] Ankle boot 812   3
      [1] Bag          ·   9

      """
    #expect(matrix.text() == expected)
  }

  @Test func sumsTheClassesThatDoNotFit() {
    // Class 3 is taken for class 5 four times; class 7 for 5 once; all else is right.
    var matrix = ConfusionMatrix(classCount: 40)
    for index in 0..<40 { matrix.add(label: index, prediction: index, count: 10) }
    matrix.add(label: 3, prediction: 5, count: 4)
    matrix.add(label: 7, prediction: 5, count: 1)
    let expected = """
      true \\ pred.      3      5 others
      3                10      4      ·
      5                 ·     10      ·
      (38 others)       ·      1    380
      Shown: the 2 of 40 classes with most errors.

      """
    #expect(matrix.text(maximumClasses: 2) == expected)
  }

  @Test(arguments: [1, 24, 30, 47, 80, 200], [1, 2, 5, 10, 137])
  func staysWithinTheWidth(width: Int, classes: Int) {
    let names = (0..<classes).map {
      ["猫の\($0)", "x\($0)", "a very long class name, number \($0)", "e\u{301}\n\($0)"][$0 % 4]
    }
    var matrix = ConfusionMatrix(classNames: names)
    for pair in PairGenerator(seed: 3, classes: classes).pairs(5_000) {
      matrix.add(label: pair.label, prediction: pair.prediction)
    }
    let text = matrix.text(width: width)
    let rows = text.split(separator: "\n").filter { !$0.hasPrefix("Shown") }
    #expect(rows.count >= 2)
    #expect(Set(rows.map { TerminalText.width(String($0)) }).count == 1, "\(text)")
    for row in rows { #expect(TerminalText.width(String(row)) <= max(width, 30), "\(text)") }
    // Whatever is shown sums to all samples.
    let sum = rows.dropFirst().reduce(0) { sum, row in
      sum + row.split(separator: " ").suffix(columns(rows[0])).compactMap { Int($0) }.reduce(0, +)
    }
    #expect(sum == 5_000, "\(text)")
  }

  private func columns(_ head: Substring) -> Int {
    head.split(separator: " ").count { $0 != "true" && $0 != "\\" && $0 != "pred." && $0 != "…" }
  }

  @Test func colorsRightAndWrong() {
    let matrix = ConfusionMatrix(classNames: ["a", "b"], counts: [1, 2, 0, 0])
    let text = matrix.text(colored: true)
    #expect(text.contains("\u{1B}[32m  1\u{1B}[0m\u{1B}[31m  2\u{1B}[0m"))
    #expect(!matrix.text().contains("\u{1B}"))
  }
}
