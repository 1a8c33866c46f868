import RowwiseEvaluation
import Testing

@testable import RowwiseCommand

struct LogisticRegressionTests {
  /// Pictures of one gray each: dark ones and light ones, which a line divides.
  @Test func dividesWhatALineDivides() throws {
    let place = try Workplace()
    for number in 0..<30 {
      try place.writePicture("data/dark/\(number).png", value: UInt8(number * 3))
      try place.writePicture("data/light/\(number).png", value: UInt8(150 + number * 3))
    }
    let setup = try ConsoleTests.make(terminal: false)
    let engine = try EngineOptions.parse(["--threads", "2"])
    let data = try BaselineData(
      "\(place.path)/data", seed: 0, try ListOptions.parse([]), try ReadingOptions.parse([]),
      engine, setup.console)
    let candidate = try LogisticRegression(
      data: data, seed: 0, engine: engine, console: setup.console
    ).train()
    #expect(candidate.model.parameterCount == 64 * 2 + 2)
    #expect(!candidate.isNetwork && !candidate.isUnfinished && candidate.seconds > 0)
    #expect(candidate.training?.best?.accuracy == 1)
    var count = 0
    try candidate.model.forEachPrediction(of: data.test) { _, label, row in
      #expect(ProbabilityRow.prediction(row.span) == label)
      count += 1
    }
    #expect(count == 12)
    // The pictures are of one colour each, which is told first.
    let rows = setup.errors.text.split(separator: "\n")
    #expect(rows.first?.hasPrefix("warning: ") == true && rows.first?.contains("colour") == true)
    #expect(
      rows.dropFirst().contains { $0.hasPrefix("logistic regression: weight decay ") }
        && setup.errors.text.contains("validation 100.00 % in epoch "))
  }
}
