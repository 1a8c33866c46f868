import Foundation
import RowwiseEvaluation
import TestSupport
import Testing

@Suite struct ModelComparisonTests {
  /// Three models: the second gets ten more right than the first, the third is the first again.
  static func comparison() throws -> ModelComparison {
    let names = ["cat", "dog", "<b>emu</b>"]
    func model(_ name: String, _ hits: [Bool]) throws -> ComparedModel {
      var accumulator = EvaluationAccumulator(classNames: names)
      for (sample, isHit) in hits.enumerated() {
        let label = sample % 3
        var row: [Float] = [0.125, 0.125, 0.125]
        row[isHit ? label : (label + 1) % 3] = 0.75
        try accumulator.add(label: label, probabilities: row)
      }
      return try ComparedModel(
        name: name, accumulator: accumulator,
        cost: ModelCost(
          parameters: 1_234, imagesPerSecond: 5_678.9, latency: 0.00025,
          trainingSeconds: name == "b" ? 12 : nil))
    }
    let first = (0..<60).map { $0 % 4 != 0 }
    let second = (0..<60).map { $0 % 4 != 0 || $0 >= 20 }
    return try ModelComparison(
      [model("a & co", first), model("b", second), model("c", first)], data: "zoo")
  }

  @Test func everyTwoAreComparedOnTheSameSamples() throws {
    let comparison = try Self.comparison()
    #expect(comparison.pairs.map { [$0.first, $0.second] } == [[0, 1], [0, 2], [1, 2]])
    let (ab, ac, bc) = (comparison.pairs[0], comparison.pairs[1], comparison.pairs[2])
    #expect(ab.accuracy.onlyFirst == 10 && ab.accuracy.onlySecond == 0)
    #expect(isClose(ab.accuracy.difference, 10.0 / 60))
    // Ten of ten coins on one side: 2 · 2⁻¹⁰; the smallest of three p values times 3.
    #expect(isClose(ab.accuracy.pValue, 2.0 / 1024))
    #expect(isClose(ab.correctedPValue, 6.0 / 1024))
    #expect(ab.isSignificant && bc.isSignificant && !ac.isSignificant)
    #expect(ac.correctedPValue == 1 && ac.accuracy.difference == 0)
    #expect(isClose(bc.accuracy.difference, -10.0 / 60))
    #expect(ab.accuracy.interval.lower > 0 && bc.accuracy.interval.upper < 0)
    // Each sample won costs −ln 0.75 in place of −ln 0.125.
    #expect(isClose(ab.lossDifference, 10 * (log(0.125) - log(0.75)) / 60))
    #expect(ab.lossInterval.upper < 0)
    let cells = ab.matrixDifference
    #expect(cells.joined().reduce(0, +) == 0)
    let gained = cells[0][0] + cells[1][1] + cells[2][2]
    #expect(gained == 10)
    #expect(Set(ac.matrixDifference.joined()) == [0])
  }

  @Test func otherClassesCannotBeCompared() throws {
    var accumulator = EvaluationAccumulator(classNames: ["x", "y", "z"])
    try accumulator.add(label: 0, probabilities: [1, 0, 0])
    let other = try ComparedModel(
      name: "o", accumulator: accumulator,
      cost: ModelCost(parameters: 1, imagesPerSecond: 1, latency: 1))
    let first = try Self.comparison().models[0]
    #expect(throws: EvaluationError.self) { try ModelComparison([first, other], data: "d") }
  }

  @Test func tablesShowWhatDiffers() throws {
    var comparison = try Self.comparison()
    comparison.verdict = "b it is."
    let rows = comparison.table(width: 120).split(separator: "\n").prefix(4)
    #expect(
      rows.joined(separator: "\n") == """
           model   accuracy  95 % interval  macro F1    loss  parameters  images/s  latency
        1  a & co   75.00 %    62.77–84.22    0.7500  0.7356       1,234     5,678   250 µs
        2  b        91.67 %    81.93–96.39    0.9166  0.4370       1,234     5,678   250 µs
        3  c        75.00 %    62.77–84.22    0.7500  0.7356       1,234     5,678   250 µs
        """)
    let text = comparison.table()
    #expect(text.contains("\n2 − 1  +16.67  "))
    #expect(text.contains("p is corrected for 3 pairs (Holm)\n"))
    #expect(text.contains("2 against 1, errors: "))
    #expect(!text.contains("3 against 1"))
    #expect(text.hasSuffix("\nb it is.\n"))
  }

  @Test func holmCorrects() {
    let corrected = holmCorrected([0.01, 0.04, 0.03, 0.005])
    for (value, expected) in zip(corrected, [0.03, 0.06, 0.06, 0.02]) {
      #expect(isClose(value, expected))
    }
    #expect(holmCorrected([0.9, 0.8]) == [1, 1])
    #expect(holmCorrected([]) == [])
  }

  @Test func thePageShowsThemSideBySide() throws {
    let text = try Self.comparison().page()
    #expect(text.contains("&lt;b&gt;emu&lt;/b&gt;") && !text.contains("<b>emu"))
    #expect(text.contains("a &amp; co"))
    let changes = text.components(separatedBy: "data-change=\"").dropFirst().compactMap {
      Int($0.prefix { $0 != "\"" })
    }
    let pairs = try Self.comparison().pairs
    let expected = Array((pairs[0].matrixDifference + pairs[1].matrixDifference).joined())
    #expect(changes == expected)
    #expect(!text.contains("http://") && !text.contains("https://"))
  }

  @Test(.enabled(if: Browser.path != nil, "no Chromium is installed"))
  func thePageOpensInABrowser() throws {
    let page = try Self.comparison().page()
    let result = try Browser.open(page) {
      """
      document.querySelectorAll("table.sortable button")[1].click();
      document.querySelectorAll("table.sortable button")[1].click();
      document.body.dataset.first =
        document.querySelector("table.sortable tbody th").textContent;
      """
    }
    #expect(!result.messages.contains("CONSOLE"), "\(result.messages)")
    #expect(result.document.contains("data-requests=\"0\""))
    #expect(result.document.contains("data-first=\"b\""), "the most accurate comes first")
  }
}
