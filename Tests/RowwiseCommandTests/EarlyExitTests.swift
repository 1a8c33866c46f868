import Foundation
import RowwiseDatasetLoading
import RowwiseImageDecoding
import RowwiseSafetensors
import Testing

@testable import RowwiseCommand

/// `calibrate`, `classify` and `evaluate --early-exit`, and training for them.
@Suite struct EarlyExitTests {
  private func trained(_ arguments: String...) throws -> Workplace {
    let place = try Workplace()
    let result = try place.rowwise(
      ["train", "digits", "--output", "m", "--quiet"] + arguments)
    #expect(result.status == 0, "\(result.errors)")
    return place
  }

  private func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  private var digits: String {
    Workplace.package.appendingPathComponent("Datasets/digits-png").path
  }

  /// From training to answers: the rule is kept in the model, files stop early, and the evaluation counts
  /// what that costs.
  @Test func fromTrainingToAnswers() throws {
    let place = try trained("--recipe", "streaming", "--epochs", "12", "--augment", "none")
    let before = try place.rowwise("classify", "m", digits, "--early-exit")
    #expect(before.status == CommandStatus.badData.rawValue)
    #expect(before.errors.contains("the model has no early exit; give it one with"))

    let calibrated = try place.rowwise("calibrate", "m", "digits", "--early-exit", "lost<=0.06")
    #expect(calibrated.status == 0, "\(calibrated.errors)")
    #expect(calibrated.errors.contains("lost<=0.06, guaranteed with 95.0 % confidence"))
    #expect(calibrated.output.hasSuffix("model.safetensors\n"))

    let run = try place.rowwise("classify", "m", digits, "--early-exit", "--format", "jsonl")
    #expect(run.status == 0, "\(run.errors)")
    let rows = try objects(run.output)
    let early = rows.filter { $0["early"] as? Bool == true }
    #expect(!early.isEmpty)
    for row in rows {
      let read = try #require(row["row"] as? Int)
      #expect(row["rows"] as? Int == 8)
      #expect((row["early"] as? Bool) == (read < 8) && row["answer"] as? Bool == true)
      #expect((row["complete"] as? Bool) == (read == 8))
      let guarantee = try #require(row["guarantee"] as? [String: Any])
      #expect(guarantee["risk"] as? String == "lost" && guarantee["at_most"] as? Double == 0.06)
    }
    #expect(run.errors.contains("of the rows were read"))

    // Bytes as they come say the same.
    let path = try #require(rows[0]["path"] as? String)
    let streamed = try place.rowwise(
      "classify", "m", "--stream", path, "--early-exit", "--format", "jsonl")
    let same = try objects(streamed.output)[0]
    #expect(same["row"] as? Int == rows[0]["row"] as? Int)
    #expect(same["probability"] as? Double == rows[0]["probability"] as? Double)

    let csv = try place.rowwise("classify", "m", digits, "--early-exit", "--format", "csv")
    #expect(csv.output.hasPrefix("path,prediction,probability,"))
    let columns = ",error,unusual,inverted,row,rows,early"
    #expect(
      csv.output.split(separator: "\n")[0].hasSuffix(columns + "\r")
        || csv.output.split(separator: "\n")[0].hasSuffix(columns))

    let evaluated = try place.rowwise(
      "evaluate", "m", "digits", "--early-exit", "--report", "r", "--require",
      "early_exit.lost<=0.06", "--require", "early_exit.mean_rows<8")
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    #expect(evaluated.output.contains("rows read"))
    let metrics = try #require(
      try JSONSerialization.jsonObject(with: place.bytes("r/metrics.json")) as? [String: Any])
    let exit = try #require(metrics["early_exit"] as? [String: Any])
    #expect((exit["accuracy_by_row"] as? [Double])?.count == 8)
    #expect((exit["exits"] as? [Int])?.reduce(0, +) == metrics["samples"] as? Int)
    #expect(exit["whole_accuracy"] as? Double == metrics["accuracy"] as? Double)
    let page = String(decoding: try place.bytes("r/report.html"), as: UTF8.self)
    #expect(page.contains("Where reading ends"))

    // Another temperature is another model.
    let scaled = try place.rowwise("calibrate", "m", "digits")
    #expect(scaled.status == 0, "\(scaled.errors)")
    let voided = try place.rowwise("classify", "m", digits, "--early-exit")
    #expect(voided.status == CommandStatus.badData.rawValue)
    #expect(voided.errors.contains("have changed since its early exit was calibrated"))
  }

  /// Images that the model knows are refused, whichever way they are named.
  @Test func imagesOfTrainingAreRefused() throws {
    let place = try trained("--layers", "lstm:8", "--recipe", "keras", "--epochs", "1")
    for arguments in [["--part", "train"], ["--part", "validation"]] {
      let run = try place.rowwise(
        ["calibrate", "m", "digits", "--early-exit", "lost<=0.1"] + arguments)
      #expect(run.status != 0, "\(arguments)")
    }
    let run = try place.rowwise(
      "calibrate", "m", "digits", "--early-exit", "lost<=0.1", "--part", "train")
    #expect(run.errors.contains("the model was trained on these images, or most of them"))
  }

  /// A model that reads both ways is told so, not to be calibrated; and a requirement what it needs.
  @Test func whatCannotStreamIsSaidFirst() throws {
    let place = try trained(
      "--layers", "lstm:6:bidirectional", "--recipe", "keras", "--epochs", "1")
    for arguments in [
      ["classify", "m", digits], ["evaluate", "m", "digits"],
    ] {
      let run = try place.rowwise(arguments + ["--early-exit"])
      #expect(run.status == CommandStatus.badData.rawValue)
      #expect(run.errors.contains("(lstm:6:bidirectional) needs the whole picture"), "\(arguments)")
    }
    let calibrated = try place.rowwise("calibrate", "m", "digits", "--early-exit", "lost<=0.1")
    #expect(calibrated.errors.contains("(lstm:6:bidirectional) needs the whole picture"))
    let required = try place.rowwise(
      "evaluate", "m", "digits", "--require", "early_exit.lost<=0.1")
    #expect(required.status == CommandStatus.usage.rawValue)
    #expect(required.errors.contains("--require early_exit.lost goes with --early-exit"))
  }

  /// Where only agreement with the whole picture counts, a folder of pictures will do; where labels count
  /// it does not.
  @Test func disagreementNeedsNoLabels() throws {
    let place = try trained("--recipe", "streaming", "--epochs", "6", "--augment", "none")
    try FileManager.default.createDirectory(
      atPath: "\(place.path)/scans", withIntermediateDirectories: true)
    for digit in 0..<10 {
      let folder = "\(digits)/\(digit)"
      for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
        try FileManager.default.copyItem(
          atPath: "\(folder)/\(name)", toPath: "\(place.path)/scans/\(digit)-\(name)")
      }
    }
    let run = try place.rowwise(
      "calibrate", "m", "scans", "--early-exit", "disagreement<=0.3", "--confidence", "0.8")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains(" images of scans, without labels"))
    #expect(run.errors.contains("can be told of "))
    #expect(run.errors.contains("what is guaranteed holds only if it was not on the others"))
    #expect(!run.errors.contains("classes without images"))
    #expect(run.errors.contains("disagreement<=0.3, guaranteed with 80.0 % confidence"))
    let read = try objects(
      try place.rowwise("classify", "m", "scans", "--early-exit", "--format", "jsonl").output)
    #expect(read.contains { $0["early"] as? Bool == true })

    let lost = try place.rowwise("calibrate", "m", "scans", "--early-exit", "lost<=0.3")
    #expect(lost.status == CommandStatus.badData.rawValue, "\(lost.errors)")

    // What is wrong with a data set is still said: folders are classes.
    for name in ["train", "foo"] {
      try FileManager.default.createDirectory(
        atPath: "\(place.path)/wrong/\(name)", withIntermediateDirectories: true)
      try place.writePicture("wrong/\(name)/1.png", value: 9)
    }
    let wrong = try place.rowwise("calibrate", "m", "wrong", "--early-exit", "disagreement<=0.3")
    #expect(wrong.status == CommandStatus.badData.rawValue, "\(wrong.errors)")
    #expect(!wrong.errors.contains("guaranteed"))
  }

  /// Images that the model was trained on are known again, without labels and in another order.
  @Test func learntImagesAreKnownByTheirPixels() throws {
    let place = try trained("--recipe", "keras", "--layers", "lstm:8", "--epochs", "1")
    let digits = try DatasetLoader.open(
      Workplace.package.appendingPathComponent("Datasets/digits").path)
    func write(_ dataset: ImageDataset, every step: Int, to folder: String, inClasses: Bool) throws
    {
      for index in stride(from: 0, to: dataset.count, by: step) {
        let name = inClasses ? "\(dataset.labels[index])/\(9999 - index)" : "\(9999 - index)"
        try place.folder.write([], to: "\(folder)/\(name).png")
        try PNGWriter.write(
          DecodedImage(width: 8, height: 8, channels: 1, pixels: try dataset.pixels(at: index)),
          toPath: "\(place.path)/\(folder)/\(name).png")
      }
    }
    let train = try #require(digits.train)
    try write(train, every: 2, to: "flat", inClasses: false)
    try write(train, every: 2, to: "classes", inClasses: true)
    for (folder, risk) in [("flat", "disagreement<=0.3"), ("classes", "lost<=0.3")] {
      let run = try place.rowwise("calibrate", "m", folder, "--early-exit", risk)
      #expect(run.status == CommandStatus.badData.rawValue, "\(run.errors)")
      #expect(
        run.errors.contains("\(folder): the model was trained on images with the same pixels"),
        "\(run.errors)")
    }
    // Others are not refused, whether they have labels or not.
    let test = try #require(digits.test)
    try write(test, every: 1, to: "others", inClasses: false)
    try write(test, every: 1, to: "other-classes", inClasses: true)
    for folder in ["others", "other-classes"] {
      let run = try place.rowwise(
        "calibrate", "m", folder, "--early-exit", "disagreement<=0.3", "--output", "c.safetensors")
      #expect(run.status == 0, "\(run.errors)")
      #expect(!run.errors.contains("trained on"), "\(run.errors)")
    }
    // A model of an earlier version says nothing of its images.
    let new = try SafetensorsFile(path: "\(place.path)/m/model.safetensors")
    let description = try #require(new.metadata["rowwise"])
    let start = try #require(description.range(of: "\"trainingPixels\":\""))
    let end = try #require(description[start.upperBound...].firstIndex(of: "\""))
    let rest = description[description.index(after: end)...]
    let old = description[..<start.lowerBound] + (rest.hasPrefix(",") ? rest.dropFirst() : rest)
    try SafetensorsFile(tensors: new.tensors, metadata: ["rowwise": String(old)])
      .write(toPath: "\(place.path)/old.safetensors")
    let run = try place.rowwise(
      "calibrate", "old.safetensors", "flat", "--early-exit", "disagreement<=0.3")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("which an earlier version trained, has learnt some of these"))
  }

  @Test func tooFewImagesAreSaid() throws {
    let place = try trained("--layers", "lstm:8", "--recipe", "keras", "--epochs", "1")
    let run = try place.rowwise("calibrate", "m", "digits", "--early-exit", "lost<=0.005")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("nothing stops early; at least 598 have to test"))
  }

  @Test(arguments: [
    (["--early-exit", "lost<0.1"], "expected lost<=SHARE or disagreement<=SHARE"),
    (["--early-exit", "lots<=0.1"], "did you mean \"lost\"?"),
    (["--early-exit", "lost<=1.5"], "expected lost<=SHARE"),
    (["--confidence", "0.9"], "--confidence goes with --early-exit only"),
    (["--early-exit", "lost<=0.1", "--confidence", "1"], "--confidence must be from 0.5"),
    (["--early-exit", "lost<=0.1", "--of", "early", "--per", "class"], "exclude each other"),
  ])
  func whatMakesNoSenseIsSaid(_ arguments: [String], _ message: String) throws {
    let run = try Workplace().rowwise(["calibrate", "m", "digits"] + arguments)
    #expect(run.status == CommandStatus.usage.rawValue)
    #expect(run.errors.contains(message), "\(run.errors)")
  }

  @Test func theEarlyLossIsForLayersThatReadForwards() throws {
    let run = try Workplace().rowwise(
      "train", "digits", "--early-loss", "0.3", "--layers", "lstm:8:bidirectional")
    #expect(run.status == CommandStatus.usage.rawValue)
    #expect(run.errors.contains("of lstm:8:bidirectional layer 1 does not"))
    let range = try Workplace().rowwise("train", "digits", "--early-loss", "1")
    #expect(range.status == CommandStatus.usage.rawValue)
  }

  /// Without the early loss the bytes are those of a training that knows nothing of it, and a resumed
  /// training with it ends as one that was not interrupted.
  @Test func noEarlyLossIsNoChange() throws {
    let place = try Workplace()
    let common = ["train", "digits", "--layers", "lstm:8", "--recipe", "keras", "--quiet"]
    for (name, extra) in [
      ("a", []), ("b", ["--early-loss", "0"]), ("c", ["--early-loss", "0.4"]),
    ] {
      let run = try place.rowwise(common + ["--epochs", "2", "--output", name] + extra)
      #expect(run.status == 0, "\(run.errors)")
    }
    let models = try ["a", "b", "c"].map { try place.bytes("\($0)/model.safetensors") }
    #expect(models[0] == models[1])
    #expect(models[0] != models[2])
    let config = String(decoding: try place.bytes("c/config.json"), as: UTF8.self)
    #expect(config.contains("\"early_loss\": 0.4"))
    let more = try place.rowwise("train", "--resume", "c", "--epochs", "3", "--quiet")
    #expect(more.status == 0, "\(more.errors)")
  }
}
