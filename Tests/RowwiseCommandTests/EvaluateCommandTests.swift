import Foundation
import RowwiseImageDecoding
import Testing

@testable import RowwiseCommand

/// `rowwise evaluate` with requirements, baselines, folds and reports.
struct EvaluateCommandTests {
  private func place(epochs: Int = 3) throws -> Workplace {
    let place = try Workplace()
    let run = try place.rowwise(
      "train", "digits", "--epochs", "\(epochs)", "--layers", "lstm:24", "--learning-rate", "0.01",
      "--output", "run")
    #expect(run.status == 0)
    return place
  }

  @Test func requirementsDecideTheStatus() throws {
    let place = try place()
    let good = try place.rowwise(
      "evaluate", "run", "digits", "--require", "accuracy>=0.3", "--require", "roc_auc.macro>0.5")
    #expect(good.status == 0)
    #expect(good.errors == "accuracy>=0.3: met\nroc_auc.macro>0.5: met\n")
    let bad = try place.rowwise(
      "evaluate", "run", "digits", "--require", "accuracy>=0.3", "--require",
      "per_class.recall>=0.999", "--junit", "results.xml", "--quiet")
    #expect(bad.status == 1)
    #expect(bad.errors.hasPrefix("rowwise: per_class.recall>=0.999: not met for "))
    #expect(bad.errors.split(separator: "\n").count == 1)
    #expect(bad.output == good.output, "the figures are written all the same")
    let results = try place.text("results.xml")
    #expect(results.contains("tests=\"2\" failures=\"1\""))
    #expect(results.contains("name=\"per_class.recall&gt;=0.999\""))

    for (options, message) in [
      (["--require", "accuracy=0.9"], "accuracy=0.9"),
      (["--require", "acuracy>=0.9"], "there is no metric \"acuracy\""),
      (["--junit", "x.xml"], "--junit goes with --require or --baseline"),
      (["--fold-epochs", "3"], "--fold-epochs and --fold-seed go with --folds"),
      (["--folds", "1"], "--folds must be from 2 to 100000, got 1"),
    ] {
      let run = try ToolRun(["evaluate", "run", "digits"] + options, in: place.path)
      #expect(run.status == 64, "\(options)")
      #expect(run.errors.contains(message), "\(run.errors)")
    }
  }

  @Test func aDropFromTheBaselineFails() throws {
    let place = try place(epochs: 8)
    let poor = try place.rowwise(
      "train", "digits", "--epochs", "1", "--layers", "lstm:8", "--output", "poor")
    #expect(poor.status == 0)
    let first = try place.rowwise("evaluate", "run", "digits", "--report", "before")
    #expect(first.status == 0)
    let same = try place.rowwise(
      "evaluate", "run", "digits", "--baseline", "before/metrics.json", "--format", "csv")
    #expect(same.status == 0)
    #expect(same.errors.contains("on the same samples (0 newly right, 0 newly wrong"))
    let paired = try place.rowwise(
      "evaluate", "poor", "digits", "--baseline", "before/metrics.json", "--junit", "j.xml")
    #expect(paired.status == 1)
    #expect(
      paired.errors.hasPrefix("rowwise: no significant drop from before/metrics.json: not met"))
    #expect(try place.text("j.xml").contains("failures=\"1\""))
    // Without the table, or with other samples, accuracies alone are compared.
    try place.write(try place.bytes("before/metrics.json"), to: "alone/metrics.json")
    let alone = try place.rowwise(
      "evaluate", "poor", "digits", "--baseline", "alone/metrics.json")
    #expect(alone.status == 1)
    #expect(alone.errors.contains("(95 % interval -"))
    let others = try place.rowwise(
      "evaluate", "poor", "digits", "--part", "train", "--baseline", "before/metrics.json")
    #expect(others.status == 1)
    #expect(others.errors.contains("(95 % interval -"))

    try place.write(Data("{\"samples\": 3}".utf8), to: "bad.json")
    let bad = try place.rowwise("evaluate", "run", "digits", "--baseline", "bad.json")
    #expect(bad.status == 65)
    #expect(bad.errors.hasPrefix("rowwise: bad.json: not a metrics.json"))
    let missing = try place.rowwise("evaluate", "run", "digits", "--baseline", "none.json")
    #expect(missing.status == 66)
  }

  @Test func theReportFolderHoldsEverything() throws {
    let place = try place()
    let run = try place.rowwise("evaluate", "run", "digits", "--report", "report")
    #expect(run.status == 0)
    let names = place.contents.filter { $0.hasPrefix("report/") }.map { $0.dropFirst(7) }
    #expect(
      names == [
        "confusion.csv", "confusion.png", "metrics.json", "predictions.csv", "report.html",
        "suspected_labels.csv",
      ])
    let picture = try ImageDecoder.decode(path: "\(place.path)/report/confusion.png")
    #expect(picture.channels == 3 && picture.width > 600)
    let page = try place.text("report/report.html")
    #expect(page.contains("Training history: loss") && page.contains("Training history: accuracy"))
    let metrics =
      try JSONSerialization.jsonObject(with: place.bytes("report/metrics.json")) as? [String: Any]
    for key in ["model_fingerprint", "data_fingerprint"] {
      let fingerprint = try #require(metrics?[key] as? String)
      #expect(fingerprint.hasPrefix("xxh64:") && page.contains(fingerprint))
    }
    #expect(metrics?["part"] as? String == "test")
    // A model repeats the labels that it has learnt: of those none is suspected.
    let again = try place.rowwise(
      "evaluate", "run", "digits", "--part", "train", "--report", "report")
    #expect(again.status == 0)
    #expect(!place.contents.contains("report/suspected_labels.csv"))
    #expect(!(try place.text("report/report.html")).contains("Suspected label errors"))
  }

  @Test func foldsJudgeTheTrainingPart() throws {
    let place = try place()
    let run = try place.rowwise(
      "evaluate", "run", "digits", "--folds", "3", "--report", "report", "--format", "json")
    #expect(run.status == 0)
    let metrics = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    #expect(metrics?["samples"] as? Int == 1437)
    #expect(metrics?["folds"] as? Int == 3)
    #expect(metrics?["part"] as? String == "train")
    let accuracy = try #require(metrics?["accuracy"] as? Double)
    #expect(accuracy > 0.6, "chance is 10 %: \(accuracy)")
    #expect(run.errors.split(separator: "\n").filter { $0.hasPrefix("fold ") }.count == 3)
    let suspects = try CSVTable(path: "\(place.path)/report/suspected_labels.csv")
    #expect(suspects.columns.prefix(3) == ["sample", "label", "suggestion"])
    #expect(suspects.rows.allSatisfy { $0[1] != $0[2] })
    #expect(try place.text("report/report.html").contains("3 networks that had not learnt it"))
    let again = try place.rowwise(
      "evaluate", "run", "digits", "--folds", "3", "--format", "json", "--threads", "1")
    #expect(again.output == run.output)
  }
}
