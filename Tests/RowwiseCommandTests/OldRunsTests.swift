import Foundation
import Testing

/// Run folders that version 0.1.0 has written: their models, options and checkpoints are still read.
@Suite struct OldRunsTests {
  /// What 0.1.0 said of the first test picture of the bundled digits.
  static let runs: [(name: String, prediction: String, probability: Double)] = [
    ("plain", "3", 0.11033524), ("full", "2", 0.11270915), ("diagonal", "1", 0.14665154),
    ("cells", "7", 0.1187049),
  ]

  private func place(_ name: String) throws -> Workplace {
    let place = try Workplace()
    try FileManager.default.copyItem(
      at: Workplace.package.appendingPathComponent(
        "Tests/RowwiseCommandTests/Fixtures/runs-0.1.0/\(name)"),
      to: URL(fileURLWithPath: "\(place.path)/\(name)"))
    return place
  }

  @Test(arguments: runs)
  func modelsSayWhatTheySaid(
    _ run: (name: String, prediction: String, probability: Double)
  ) throws {
    let place = try place(run.name)
    let result = try place.rowwise("evaluate", run.name, "digits", "--report", "r", "--quiet")
    #expect(result.status == 0, "\(result.errors)")
    let row = try place.text("r/predictions.csv").split(separator: "\n")[1].split(separator: ",")
    #expect(row[2] == run.prediction)
    // Another instruction set may round the last bits otherwise.
    #expect(abs((Double(row[3]) ?? 0) - run.probability) < 1e-5)
  }

  @Test(arguments: runs.map(\.name))
  func trainingGoesOn(_ name: String) throws {
    let place = try place(name)
    let resumed = try place.rowwise("train", "--resume", name, "--epochs", "2", "--quiet")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try place.text("\(name)/history.csv").split(separator: "\n").count == 3)
  }

  @Test(arguments: runs.map(\.name))
  func optionsMakeTheSameRun(_ name: String) throws {
    let place = try place(name)
    let repeated = try place.rowwise(
      "train", "--config", "\(name)/config.json", "--output", "again", "--quiet")
    #expect(repeated.status == 0, "\(repeated.errors)")
    let losses = try [name, "again"].map { run in
      try Double(
        place.text("\(run)/history.csv").split(separator: "\n")[1].split(separator: ",")[1])
    }
    #expect(abs((losses[0] ?? 0) - (losses[1] ?? 1)) < 1e-4)
  }
}
