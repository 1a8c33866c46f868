import Foundation
import Testing

@testable import RowwiseCommand

/// `rowwise runs`, `rowwise search`, cross-validation and the learning-rate finder.
struct RunsCommandTests {
  @Test func historiesAreRead() {
    let records = RunFolderTests.records
    let rows = RunSummary.rows(HistoryTable.text(records) + "3,cut")
    #expect(rows.count == 2)
    #expect(rows[0].validationAccuracy == nil && rows[0].loss == 2.25)
    #expect(rows[1].validationAccuracy == 1 && rows[1].epoch == 2)
    #expect(RunSummary.rows("").isEmpty)
  }

  /// The best epoch of a table is the one whose weights the run has kept.
  @Test func theBestEpochIsThatOfTheModel() throws {
    let place = try Workplace()
    func best(_ rows: [(accuracy: String, loss: String)]) throws -> Int? {
      let lines = rows.enumerated().map { "\($0 + 1),1,0.5,\($1.loss),\($1.accuracy)\n" }
      let head = "epoch,loss,accuracy,validation_loss,validation_accuracy\n"
      try place.write(Data((head + lines.joined()).utf8), to: "run/history.csv")
      try place.write(Data("{\"epochs\": 9}".utf8), to: "run/config.json")
      return try RunSummary(path: "\(place.path)/run").best(.validationAccuracy)?.epoch
    }
    #expect(try best([("0.5", "1"), ("0.7", "2"), ("0.6", "0.5")]) == 2)
    #expect(try best([("0.7", "1"), ("0.7", "0.9"), ("0.7", "0.95")]) == 2, "the lower loss")
    #expect(try best([("0.7", "1"), ("0.7", "1")]) == 1, "of equals the first")
    #expect(try best([("", ""), ("", ""), ("", "")]) == 3, "without validation the last")
    #expect(try best([]) == nil)
  }

  @Test func runsAreSortedByTheirMetric() throws {
    let place = try Workplace()
    for (name, rate) in [("slow", "0.0001"), ("fast", "0.02")] {
      _ = try place.rowwise(
        "train", "digits", "--layers", "lstm:16", "--epochs", "2", "--learning-rate", rate,
        "--quiet", "--output", "all/\(name)")
    }
    let table = try place.rowwise("runs", "all")
    #expect(table.status == 0, "\(table.errors)")
    let lines = table.output.split(separator: "\n")
    try #require(lines.count == 3)
    #expect(lines[0].hasPrefix("run ") && lines[0].hasSuffix("learning_rate"))
    #expect(lines[1].hasPrefix("all/fast") && lines[1].hasSuffix("0.02"))
    #expect(lines[2].hasPrefix("all/slow"))
    let csv = try place.rowwise("runs", "all", "--format", "csv", "--sort", "validation-loss")
    let head = "run,epochs,planned_epochs,best_epoch,validation_accuracy,validation_loss,"
    #expect(csv.output.hasPrefix("\(head)validation_macro_f1,loss,accuracy,learning_rate\n"))
    // The very numbers of the history.
    let fast = try RunSummary(path: "\(place.path)/all/fast")
    let best = try #require(fast.best(.validationLoss))
    #expect(
      csv.output.split(separator: "\n")[1]
        == "all/fast,2,2,2,\(try #require(best.validationAccuracy)),"
        + "\(try #require(best.validationLoss)),\(try #require(best.validationMacroF1)),"
        + "\(best.loss),\(best.accuracy),0.02")
    let json = try place.rowwise("runs", "all", "--format", "json", "--sort", "validation-loss")
    let rows = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
    #expect(rows?.map { $0["run"] as? String } == ["all/fast", "all/slow"])
    #expect(json.output.contains("\"validation_loss\": \(try #require(best.validationLoss)),"))
    #expect(json.output.contains("\"accuracy\": \(best.accuracy),"))
    #expect(rows?[0]["options"] as? [String: String] == ["learning_rate": "0.02"])
    #expect(try place.rowwise("runs", "nowhere").status == CommandStatus.inputNotFound.rawValue)
    #expect(try place.rowwise("runs", "Datasets").status == CommandStatus.badData.rawValue)
  }

  @Test func stagesShrinkAndGrow() {
    let plan = SearchPlan(.halving, trials: 9, epochs: 9)
    #expect(plan.stages.map(\.trials) == [9, 3, 1])
    #expect(plan.stages.map(\.epochs) == [1, 3, 9])
    #expect(SearchPlan(.random, trials: 4, epochs: 7).stages == [.init(trials: 4, epochs: 7)])
    #expect(SearchPlan(.halving, trials: 1, epochs: 7).stages == [.init(trials: 1, epochs: 7)])
    #expect(SearchPlan(.halving, trials: 20, epochs: 2).stages.map(\.epochs) == [1, 2])
  }

  @Test func spacesAreDrawnFrom() throws {
    let file = try ConfigurationFile(
      text: """
        data: digits
        layers: ["lstm:4", "lstm:8"]
        learning_rate: {min: 0.001, max: 0.1, scale: log}
        batch_size: {min: 10, max: 20, type: whole}
        """, path: "space.yaml")
    let space = try SearchSpace(file)
    let trials = (1...200).map { space.trial($0, seed: 1) }
    #expect(space.trial(1, seed: 1) == trials[0] && space.trial(1, seed: 2) != trials[0])
    func numbers(_ index: Int) -> [Double] {
      trials.compactMap { if case .text(let text) = $0[index].value { Double(text) } else { nil } }
    }
    #expect(numbers(2).count == 200 && numbers(2).allSatisfy { (0.001...0.1).contains($0) })
    let low = numbers(2).filter { $0 < 0.01 }.count
    #expect((70...130).contains(low), "half of them below the geometric mean")
    #expect(Set(numbers(3)) == Set((10...20).map { Double($0) }))
    #expect(Set(trials.map { "\($0[1].value)" }).count == 2)
    for (text, part) in [
      ("learnin_rate: 1", "did you mean \"learning_rate\""), ("epochs: {min: 3}", "a range"),
      ("a: 1\ndata: digits", "f, line 1: there is no option \"a\"; see rowwise train --help"),
      ("epochs: 3", "f: it does not say what to train on; add a line such as data: digits"),
      (
        "data: digits\n\nlearning_rate:\n  mim: 1\n  max: 2",
        "f, line 4: \"learning_rate\" knows no \"mim\"; expected min, max, scale, type; did you "
          + "mean \"min\"?"
      ),
      (
        "data: d\nmixup: {min: 1, max: 2, scale: lgo}",
        "f, line 2: \"mixup\" knows no \"lgo\"; expected linear, log; did you mean \"log\"?"
      ),
      ("epochs: {min: 3, max: 1}", "min not above max"), ("output: x", "the search decides it"),
      ("learning_rate: {min: 0, max: 1, scale: log}", "above 0"),
    ] {
      #expect {
        _ = try SearchSpace(ConfigurationFile(text: text, path: "f"))
      } throws: {
        "\($0)".contains(part)
      }
    }
  }

  @Test func searchesAreResumed() throws {
    let place = try Workplace()
    try place.write(
      Data(
        """
        data: digits
        epochs: 3
        layers: ["lstm:8"]
        learning_rate: {min: 0.0003, max: 0.03, scale: log}
        """.utf8), to: "space.yaml")
    let arguments = [
      "search", "space.yaml", "--trials", "3", "--strategy", "halving", "--output", "found",
    ]
    let run = try ToolRun(arguments, in: place.path)
    #expect(run.status == 0, "\(run.errors)")
    let lines = run.output.split(separator: "\n")
    try #require(lines.count == 4)
    #expect(lines[1].contains(" 3/3 ") && lines[2].contains(" 1/3 ") && lines[3].contains(" 1/3 "))
    let again = try ToolRun(arguments, in: place.path)
    #expect(again.output == run.output)
    // The winner, paused and resumed, is the run that its options give.
    let winner = String(lines[1].prefix { $0 != " " })
    let whole = try place.rowwise(
      "train", "--config", "\(winner)/config.json", "--quiet", "--output", "whole")
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(
      try place.bytes("whole/model.safetensors") == place.bytes("\(winner)/model.safetensors"))
    let other = try ToolRun(arguments + ["--seed", "1"], in: place.path)
    #expect(other.status == CommandStatus.badData.rawValue)
    #expect(other.errors.contains("holds another search"))
  }

  /// A trial that cannot be names the line of the option that it was given.
  @Test func badTrialsNameTheirLine() throws {
    let place = try Workplace()
    func errors(_ text: String, _ name: String = "space.yaml") throws -> String {
      try place.write(Data(text.utf8), to: name)
      let run = try place.rowwise("search", name, "--trials", "3")
      #expect(run.status == CommandStatus.usage.rawValue)
      #expect(place.contents.allSatisfy { $0.hasPrefix("space.") }, "\(place.contents)")
      return run.errors
    }
    #expect(
      try errors("data: digits\nepochs: 1\nlearning_rate: {min: -2, max: -1}\n")
        .hasPrefix(
          "rowwise: space.yaml, line 3, \"learning_rate\" in trial 1: --learning-rate must be "
            + "from 1e-20 to 1e+40, got -1."))
    #expect(
      try errors("data: digits\n# Two.\noptimizer: [adam]\nmomentum: 0.9\n")
        .hasPrefix(
          "rowwise: space.yaml, line 4, \"momentum\" in trial 1: --momentum and --nesterov go with")
    )
    #expect(
      try errors("epochs = 1\ndata = \"digits\"\nlayers = [\"lsmt:8\"]\n", "space.toml")
        .hasPrefix("rowwise: space.toml, line 3, \"layers\" in trial 1: The value 'lsmt:8' is"))
  }

  /// What fails before anything is trained leaves nothing behind.
  @Test func failedBeginningsLeaveNothing() throws {
    let place = try Workplace()
    try place.write(Data("data: nowhere\nepochs: 1\n".utf8), to: "space.yaml")
    try place.folder.folder("mine")
    let before = place.contents
    for arguments in [
      ["search", "space.yaml"], ["search", "space.yaml", "--output", "a/b"],
      ["search", "space.yaml", "--output", "mine"],
      ["train", "nowhere", "--folds", "3", "--output", "a/b/"],
      ["train", "digits", "--folds", "1438", "--output", "mine"],
      ["train", "nowhere", "--find-learning-rate"],
    ] {
      let run = try ToolRun(arguments, in: place.path)
      #expect(run.status != 0 && run.output == "", "\(arguments)")
      #expect(place.contents == before, "\(arguments)")
    }
    // Where every loss explodes the runs stay, for whoever wants to know why.
    try place.write(
      Data("data: digits\nepochs: 1\nlayers: lstm:4\noptimizer: sgd\nlearning_rate: 1e39\n".utf8),
      to: "space.yaml")
    let run = try place.rowwise("search", "space.yaml", "--trials", "2")
    #expect(run.status == CommandStatus.badData.rawValue)
    #expect(
      run.errors.hasSuffix(
        "rowwise: space.yaml: no trial came to the end of an epoch; the warnings say why\n"))
    let kept = (1...2).flatMap { trial in
      ["runs/search/trial-00\(trial)", "runs/search/trial-00\(trial)/config.json"]
    }
    #expect(
      Set(place.contents)
        == Set(before + ["runs", "runs/search", "runs/search/search.json"] + kept)
    )
  }

  @Test func foldsAreRunsOfTheirOwn() throws {
    let place = try Workplace()
    let run = try place.rowwise(
      "train", "digits", "--folds", "3", "--epochs", "1", "--layers", "lstm:8", "--quiet",
      "--output", "cv")
    #expect(run.status == 0, "\(run.errors)")
    let lines = run.output.split(separator: "\n")
    try #require(lines.count == 8)
    #expect(lines[4].hasPrefix("mean") && lines[5].hasPrefix("±"))
    #expect(
      lines[6...] == [
        "Each fold counts with its last epoch, not its best.",
        "±: standard deviation of the 3 folds (n − 1), not the error of their mean",
      ])
    let table = try place.text("cv/folds.csv").split(separator: "\n")
    #expect(table.count == 4)
    #expect(try place.text("cv/fold-2/config.json").contains("\"fold\": 2,"))
    #expect(
      try place.bytes("cv/fold-1/model.safetensors") != place.bytes("cv/fold-2/model.safetensors"))
    let again = try place.rowwise("train", "--resume", "cv", "--quiet")
    #expect(again.status == 0, "\(again.errors)")
    #expect(again.output == run.output)
    let wrong = try place.rowwise("train", "digits", "--folds", "1")
    #expect(wrong.status == CommandStatus.usage.rawValue)
  }

  /// The best epoch would be chosen by the images that judge it.
  @Test func foldsCountWithTheirLastEpoch() throws {
    let header = HistoryTable.columns.joined(separator: ",")
    let rows = [
      ["1,1,0.5,0.9,0.8,0.1,1,1,0.7", "2,1,0.5,1.0,0.7,0.1,1,1,0.6"],
      ["1,1,0.5,0.5,0.8,0.1,1,1,0.7", "2,1,0.5,0.4,0.9,0.1,1,1,0.8"],
    ]
    let place = try Workplace()
    let folds = try rows.enumerated().map { number, rows in
      try place.folder.folder("\(number)")
      try place.write(Data("{}".utf8), to: "\(number)/config.json")
      let text = ([header] + rows).joined(separator: "\n") + "\n"
      try place.write(Data(text.utf8), to: "\(number)/history.csv")
      return try RunSummary(path: "\(place.path)/\(number)")
    }
    #expect(folds[0].best(.validationAccuracy)?.epoch == 1)
    let table = FoldTable(folds)
    let lines = table.text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(lines[1] == ["1", "2", "0.7000", "1.0000", "0.6000"])
    #expect(lines[3] == ["mean", "0.8000", "0.7000", "0.7000"])
    // √((0.1² + 0.1²)/1), √(2 · 0.3²)
    #expect(lines[4] == ["±", "0.1414", "0.4243", "0.1414"])
    #expect(table.csv.hasSuffix("\n1,2,0.7,1.0,0.6\n2,2,0.9,0.4,0.8\n"))
  }

  @Test func learningRatesAreFound() throws {
    let place = try Workplace()
    let run = try place.rowwise(
      "train", "digits", "--find-learning-rate", "--layers", "lstm:16", "--output", "found")
    #expect(run.status == 0, "\(run.errors)")
    let rate = try #require(Double(run.output.dropLast()))
    #expect(rate > 1e-4 && rate < 1)
    let picture = try place.text("found/learning-rate.svg")
    #expect(picture.hasPrefix("<svg xmlns="))
    #expect(picture.contains("suggested: \(run.output.dropLast())</text>"))
    let table = try place.text("found/learning-rate.csv")
    #expect(table.hasPrefix("learning_rate,loss,smoothed_loss\n"))
    #expect(!place.contents.contains { $0.hasPrefix("runs") })
    #expect(LearningRateJob.short(0.00312) == "0.0031")
    #expect(LearningRateJob.short(1.26) == "1.3")
  }

  /// No number is taken, and a second search takes the first one's place.
  @Test func searchesOfRatesAreNoRuns() throws {
    let place = try Workplace()
    for layers in ["lstm:8", "lstm:4"] {
      let run = try place.rowwise("train", "digits", "--find-learning-rate", "--layers", layers)
      #expect(run.status == 0, "\(run.errors)")
      #expect(!run.errors.contains("run folder"))
      #expect(run.errors.contains("picture: runs/digits-learning-rate/learning-rate.svg\n"))
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: "\(place.path)/runs")
          == ["digits-learning-rate"])
    }
    let run = try place.rowwise("train", "digits", "--epochs", "1", "--layers", "lstm:2")
    #expect(run.output == "runs/digits-1/model.safetensors\n")
  }

  /// With steps that are kept too short to change anything no rate is better than another.
  @Test func flatLossesSuggestNoRate() throws {
    let place = try Workplace()
    let run = try place.rowwise(
      "train", "digits", "--find-learning-rate", "--layers", "lstm:4", "--optimizer", "sgd",
      "--clip-norm", "1e-6")
    #expect(run.status == CommandStatus.badData.rawValue, "\(run.errors)")
    #expect(run.output.isEmpty)
    let last = run.errors.split(separator: "\n").last ?? ""
    #expect(last.hasPrefix("rowwise: the loss never fell noticeably at any learning rate (from 2."))
    #expect(last.contains("; try larger batches, standardised images or another network"))
    #expect(!place.contents.contains { $0.hasPrefix("runs") })
  }

  @Test func contactSheetsAreDrawn() throws {
    let place = try Workplace()
    let run = try place.rowwise(
      "inspect", "digits", "--augment", "strong", "--contact-sheet", "sheet.png")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output == "sheet.png\n")
    #expect(try place.bytes("sheet.png").starts(with: [0x89, 0x50, 0x4E, 0x47]))
    let alone = try place.rowwise("inspect", "digits", "--augment", "strong")
    #expect(alone.status == CommandStatus.usage.rawValue)
    let wrong = try place.rowwise("train", "digits", "--augment", "strnog")
    #expect(wrong.errors.contains("did you mean \"strong\"?"))
  }

  @Test func tensorBoardFilesAreWritten() throws {
    let place = try Workplace()
    let run = try place.rowwise(
      "train", "digits", "--epochs", "1", "--layers", "lstm:4", "--tensorboard", "--quiet",
      "--output", "run")
    #expect(run.status == 0, "\(run.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(place.path)/run/tensorboard")
    #expect(names.count == 1 && names[0].hasPrefix("events.out.tfevents."))
    let events = try place.bytes("run/tensorboard/\(names[0])")
    for tag in [
      "loss/batches", "accuracy/batches", "learning_rate/batches", "loss/train",
      "_hparams_/session_start_info", "lstm:4", "model/validation_accuracy",
      "_hparams_/session_end_info",
    ] {
      #expect(events.firstRange(of: Array(tag.utf8)) != nil, "\(tag)")
    }
    #expect(try place.text("run/curves.svg").contains("<svg"))
  }

  @Test func sparklinesShowTheCourse() {
    #expect(TrainingCurves.sparkline([0, 1, 2, 3, 4, 5, 6, 7], columns: 40) == "▁▂▃▄▅▆▇█")
    #expect(TrainingCurves.sparkline([1, 1], columns: 40) == "▁▁")
    #expect(TrainingCurves.sparkline((0..<1000).map { Double($0) }, columns: 40).count == 40)
  }
}
