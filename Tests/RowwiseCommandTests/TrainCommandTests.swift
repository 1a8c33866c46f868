import Foundation
import Rowwise
import Testing

@testable import RowwiseCommand

/// Training, evaluating and classifying with the tool as it is built, on the bundled digits.
struct TrainCommandTests {
  @Test func trainsEvaluatesAndClassifies() throws {
    let place = try Workplace()
    let train = try place.rowwise(
      "train", "digits", "--epochs", "3", "--layers", "lstm:16", "--learning-rate", "0.01")
    #expect(train.status == 0)
    #expect(train.output == "runs/digits-1/model.safetensors\n")
    let log = train.errors.split(separator: "\n")
    #expect(log.contains { $0.hasPrefix("recipe auto: 3 epochs of batch 32, ") })
    #expect(log.contains { $0.hasPrefix("test accuracy: ") && $0.hasSuffix(" % of 360 images") })
    #expect(log.last == "next: rowwise evaluate runs/digits-1 digits --report report")
    #expect(
      log.first
        == "data: 1,292 images to train on, 145 to validate by, 10 classes, 8 × 8 gray")
    #expect(log.filter { $0.hasPrefix("epoch ") }.count == 3)
    #expect(
      place.contents == [
        "runs", "runs/digits-1", "runs/digits-1/checkpoints",
        "runs/digits-1/checkpoints/step-00000082.safetensors",
        "runs/digits-1/checkpoints/step-00000123.safetensors", "runs/digits-1/config.json",
        "runs/digits-1/curves.png", "runs/digits-1/curves.svg",
        "runs/digits-1/history.csv", "runs/digits-1/last.safetensors",
        "runs/digits-1/model.safetensors",
      ])
    let history = try place.text("runs/digits-1/history.csv").split(separator: "\n")
    #expect(history.count == 4)
    let config =
      try JSONSerialization.jsonObject(with: place.bytes("runs/digits-1/config.json"))
      as? [String: Any]
    #expect(config?["layers"] as? String == "lstm:16")
    #expect(config?["epochs"] as? Int == 3)

    let evaluate = try place.rowwise(
      "evaluate", "runs/digits-1", "digits", "--report", "report", "--format", "json")
    #expect(evaluate.status == 0)
    #expect(try place.text("report/metrics.json") == evaluate.output)
    let metrics =
      try JSONSerialization.jsonObject(with: Data(evaluate.output.utf8)) as? [String: Any]
    #expect(metrics?["samples"] as? Int == 360)
    let predictions = try place.text("report/predictions.csv").split(separator: "\n")
    #expect(predictions.count == 361)
    let correct = predictions.filter { $0.split(separator: ",")[4] == "true" }.count
    #expect(correct > 216, "60 %, where chance is 10 %")
    #expect(evaluate.output.contains("\"accuracy\": \(Double(correct) / 360),"))
    let page = try place.text("report/report.html")
    #expect(page.lowercased().hasPrefix("<!doctype html>"))
    #expect(page.contains("data:image/png;base64,"), "misread pictures are embedded")
    let table = try place.rowwise("evaluate", "runs/digits-1", "digits", "--report", "report")
    #expect(table.status == 0, "a report may be written again")
    #expect(table.output.contains("\naccuracy "))
    #expect(table.output.contains("\ntrue \\ pred."))
  }

  /// Pictures that were written as PNG are classified as those in the IDX files, to the last bit.
  @Test func pngFilesGiveTheNumbersOfIDX() throws {
    let place = try Workplace()
    _ = try place.rowwise(
      "train", "digits", "--epochs", "2", "--layers", "lstm:16", "--output", "run")
    _ = try place.rowwise("evaluate", "run", "digits", "--report", "report")
    var expected: [String: [Substring]] = [:]
    for row in try place.text("report/predictions.csv").split(separator: "\n").dropFirst() {
      let fields = row.split(separator: ",")
      expected[String(fields[0])] = [fields[2], fields[3]] + fields[6...]
    }
    let run = try place.rowwise("classify", "run", "Datasets/digits-png", "--format", "csv")
    #expect(run.status == 0)
    #expect(run.errors == "")
    let rows = run.output.split(separator: "\n").dropFirst()
    #expect(rows.count == 50)
    for row in rows {
      let fields = row.split(separator: ",")
      let stem = fields[0].split(separator: "/").last?.dropLast(4) ?? ""
      let index = try #require(Int(stem))
      #expect(expected[String(index)] == Array(fields[1...]), "\(fields[0])")
    }
  }

  @Test func threadsAndRepetitionDoNotMatter() throws {
    let place = try Workplace()
    for (name, threads) in [("a", "1"), ("b", "2"), ("c", "3"), ("d", "2")] {
      let run = try place.rowwise(
        "train", "digits", "--epochs", "2", "--layers", "lstm:24:bidirectional,dropout:0.3,lstm:9",
        "--peephole", "diagonal", "--batch-size", "37", "--standardize", "--quiet",
        "--threads", threads, "--output", name)
      #expect(run.status == 0)
      #expect(run.errors == "")
      #expect(try place.bytes("\(name)/model.safetensors") == place.bytes("a/model.safetensors"))
      #expect(try place.bytes("\(name)/last.safetensors") == place.bytes("a/last.safetensors"))
    }
    let other = try place.rowwise(
      "train", "digits", "--epochs", "2", "--layers", "lstm:24:bidirectional,dropout:0.3,lstm:9",
      "--peephole", "diagonal", "--batch-size", "37", "--standardize", "--seed", "1", "--output",
      "e")
    #expect(other.status == 0)
    #expect(try place.bytes("e/model.safetensors") != place.bytes("a/model.safetensors"))
  }

  /// Every kind of layer is trained, stored with its options, read again and described, and gives the
  /// same bytes for any number of threads.
  @Test(arguments: [
    (
      "gru:9:residual:zoneout=0.1,lstm:9:bidirectional:coupled:learned-state,pool:attention",
      ["gru, 9 units, zoneout 0.1 of h, 0.0 of c, residual", "pooling, attention"]
    ),
    (
      "lstm:8:layer-norm:recurrent-dropout=0.2:chrono,rnn:7:backwards,minlstm:6:residual",
      ["lstm, 8 units, layer normalisation, recurrent dropout 0.2", "pooling, last"]
    ),
    ("flatten,dense:16:relu", ["flatten", "dense, 16 units, relu"]),
    (
      "dense:9:tanh,lstm:8:refined:zoneout-cell=0.1,norm,mlp:2",
      [
        "dense, 9 units, tanh\n", "lstm, 8 units, refine gate, zoneout 0.0 of h, 0.1 of c",
        "layer normalisation\n", "mlp, ratio 2\n",
      ]
    ),
    (
      "dense:6,sweep:4:residual,mlp:2,merge:2,norm",
      [
        "dense, 6 units, linear, each of 8 patches", "sweep, 4 units, 8 columns, residual",
        "mlp, ratio 2, each of 8 patches", "layer normalisation, each of 4 patches",
      ]
    ),
  ])
  func everyKindOfLayer(layers: String, descriptions: [String]) throws {
    let place = try Workplace()
    for threads in ["1", "2", "3"] {
      let run = try place.rowwise(
        "train", "digits", "--epochs", "1", "--layers", layers, "--threads", threads, "--output",
        threads)
      #expect(run.status == 0, "\(run.errors)")
      #expect(try place.bytes("\(threads)/model.safetensors") == place.bytes("1/model.safetensors"))
    }
    let summary = try place.rowwise("inspect", "1")
    for description in descriptions { #expect(summary.output.contains(description)) }
    let evaluation = try place.rowwise("evaluate", "1", "digits", "--format", "json")
    #expect(evaluation.status == 0, "\(evaluation.errors)")
  }

  /// What only plain LSTMs have is refused where there is none, and goes with a learned state.
  @Test func optionsOfPlainLSTMs() throws {
    let place = try Workplace()
    for layers in ["gru:8", "lstm:8:layer-norm,dropout:0.1", "lstm:8:zoneout=0.1"] {
      for (name, option) in [
        ("--precision bfloat16", ["--precision", "bfloat16"]),
        ("--activation-memory", ["--activation-memory", "1"]),
      ] {
        let run = try ToolRun(["train", "digits", "--layers", layers] + option, in: place.path)
        #expect(run.status == CommandStatus.usage.rawValue)
        #expect(
          run.errors.contains("\(name) is for lstm layers without coupled, refined, layer-norm"),
          "\(run.errors)")
      }
    }
    #expect(place.contents.isEmpty)
    let run = try place.rowwise(
      "train", "digits", "--layers", "lstm:8:learned-state,gru:8", "--peephole", "none",
      "--epochs", "1", "--precision", "bfloat16", "--activation-memory", "1", "--output", "run")
    #expect(run.status == 0, "\(run.errors)")
  }

  /// What the grammar allows but no network can be made of.
  @Test func peepholesThatACellCannotHave() throws {
    let place = try Workplace()
    let run = try place.rowwise(
      "train", "digits", "--layers", "lstm:8:zoneout=0.1", "--peephole", "full")
    #expect(run.status == 64)
    #expect(
      run.errors.contains(
        "layer 1: peephole full together with regularisers or a learned state does not go with the "
          + "cell lstm"))
    #expect(place.contents.isEmpty)
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func interruptionSavesWhatWasReached(signal: Int32) throws {
    let place = try Workplace()
    let run = try ToolRun(
      ["train", "digits", "--epochs", "10000", "--layers", "lstm:8", "--output", "run"],
      in: place.path
    ) { process in
      let deadline = Date(timeIntervalSinceNow: 60)
      while !FileManager.default.fileExists(atPath: "\(place.path)/run/history.csv"),
        Date() < deadline
      {
        usleep(10_000)
      }
      kill(process.processIdentifier, signal)
      while process.isRunning, Date() < deadline { usleep(10_000) }
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
    #expect(run.status == 130)
    #expect(run.output == "run/model.safetensors\n")
    #expect(run.errors.contains("stopped; what was reached is in run\n"))
    let epochs = try place.text("run/history.csv").split(separator: "\n").count - 1
    #expect(epochs >= 1 && epochs < 10000)
    let last = try ImageClassifier.load(path: "\(place.path)/run/last.safetensors")
    #expect(last.provenance.epochs == epochs)
    #expect(last.classifier.classNames.count == 10)
    _ = try ImageClassifier.load(path: "\(place.path)/run/model.safetensors")
  }

  @Test func classifyKeepsTheOrderAndShowsFailures() throws {
    let place = try Workplace()
    _ = try place.rowwise("train", "digits", "--epochs", "1", "--layers", "lstm:4", "--output", "m")
    try place.writePicture("b.png", value: 200)
    try place.writePicture("a.png", value: 0)
    try place.write(Data("text".utf8), to: "c.png")
    let run = try place.rowwise(
      "classify", "m", "b.png", "-", "--format", "jsonl", "--top", "1",
      input: "c.png\nmissing.png\na.png\n")
    #expect(run.status == 1)
    let rows = try run.output.split(separator: "\n").map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
    #expect(rows.map { $0?["path"] as? String } == ["b.png", "c.png", "missing.png", "a.png"])
    #expect(rows.map { $0?["error"] == nil } == [true, false, false, true])
    #expect(rows.map { ($0?["top"] as? [Any])?.count } == [1, 0, 0, 1])
    #expect(
      run.errors == """
        warning: 2 of 2 images are unlike those that the model was trained on (2 constant)
        rowwise: 2 of 4 images cannot be classified; the first: c.png: not a picture: expected \
        the first bytes of a PNG, JPEG, PNM or BMP file, found 74 65 78 74; check the file, or convert it \
        to PNG

        """)
  }
}
