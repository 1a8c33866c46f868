import Foundation
import Rowwise
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseRowSequencing
import Testing

@testable import RowwiseCommand

/// `rowwise train --from`: training that begins with another model's weights.
struct TrainFromTests {
  /// A place with a model of the digits in `a`.
  private func place(_ options: String...) throws -> Workplace {
    let place = try Workplace()
    let run = try ToolRun(
      [
        "train", "digits", "--epochs", "3", "--layers", "lstm:16", "--learning-rate", "0.01",
        "--augment", "none", "--quiet", "--output", "a",
      ] + options, in: place.path)
    try #require(run.status == 0, "\(run.errors)")
    return place
  }

  private func model(_ place: Workplace, _ run: String) throws -> (
    classifier: ImageClassifier, provenance: Provenance
  ) {
    try ImageClassifier.load(path: "\(place.path)/\(run)/model.safetensors", threads: 1)
  }

  private func config(_ place: Workplace, _ run: String) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: place.bytes("\(run)/config.json")) as? [String: Any])
  }

  /// The row of standard error that says what was kept, and the next.
  private func rows(_ run: ToolRun) -> [Substring] {
    let lines = run.errors.split(separator: "\n")
    return lines.firstIndex { $0.hasPrefix("from ") }.map { Array(lines[$0...].prefix(2)) } ?? []
  }

  /// What has no weights cannot keep any.
  @Test func layersWithoutWeightsAreNotFrozen() throws {
    let place = try place()
    let layers = ["--layers", "dropout:0.1,lstm:16,lstm:8"]
    let start = try place.rowwise(["train", "digits", "--epochs", "1", "--output", "s"] + layers)
    #expect(start.status == 0, "\(start.errors)")
    let refused = try place.rowwise(
      ["train", "digits", "--from", "s", "--freeze", "1", "--epochs", "1"] + layers)
    #expect(refused.status == CommandStatus.usage.rawValue)
    #expect(
      refused.errors.contains("--freeze 1 would keep nothing: the first layer has no weights"))
    let run = try place.rowwise(
      ["train", "digits", "--from", "s", "--freeze", "2", "--epochs", "1"] + layers)
    #expect(run.status == 0, "\(run.errors)")
  }

  /// Frozen layers keep the model's bits; the others learn, and a run goes on so.
  @Test func frozenLayersKeepTheModelsWeights() throws {
    let place = try place()
    let run = try place.rowwise(
      "train", "digits", "--from", "a", "--freeze", "1", "--epochs", "2", "--output", "b")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("frozen: the first layer, 1,600 of the parameters"))
    #expect(try config(place, "b")["freeze"] as? Int == 1)
    let (first, own) = (try model(place, "a").classifier, try model(place, "b").classifier)
    for parameter in own.network.parameters {
      #expect(
        (own.network.values(of: parameter) == first.network.values(of: parameter))
          == parameter.name.hasPrefix("layers.0."), "\(parameter.name)")
    }
    let other = try place.rowwise(
      "train", "--config", "b/config.json", "--quiet", "--threads", "1", "--output", "c")
    #expect(other.status == 0, "\(other.errors)")
    #expect(try place.bytes("c/model.safetensors") == place.bytes("b/model.safetensors"))
    let further = try place.rowwise("train", "--resume", "b", "--epochs", "3")
    #expect(further.status == 0, "\(further.errors)")
    let last = try ImageClassifier.load(path: "\(place.path)/b/last.safetensors", threads: 1)
    for parameter in last.classifier.network.parameters where parameter.name.hasPrefix("layers.0.")
    {
      #expect(
        last.classifier.network.values(of: parameter) == first.network.values(of: parameter))
    }
    let changed = try place.rowwise("train", "--resume", "b", "--freeze", "0", "--epochs", "4")
    #expect(
      changed.status != 0 && changed.errors.contains("started with freeze 1, not 0"),
      "\(changed.errors)")
  }

  /// Same classes, size and layers: the first epoch is far better, the same bytes every time, and
  /// the images are read as the model reads them.
  @Test func theSameTaskGoesOn() throws {
    let place = try place()
    func accuracy(_ name: String, _ options: String...) throws -> Double {
      let run = try ToolRun(
        ["train", "digits", "--epochs", "1", "--augment", "none", "--output", name] + options,
        in: place.path)
      #expect(run.status == 0, "\(run.errors)")
      if options.first == "--from" { #expect(rows(run).first == "from a: kept all 5 arrays") }
      return try #require(
        RunSummary(path: "\(place.path)/\(name)").epochs.first?.validationAccuracy)
    }
    let with = try accuracy("b", "--from", "a", "--threads", "1")
    let without = try accuracy("c", "--layers", "lstm:16")
    #expect(with > without + 0.2, "\(with) with, \(without) without")
    _ = try accuracy("d", "--from", "a", "--threads", "3")
    #expect(try place.bytes("d/model.safetensors") == place.bytes("b/model.safetensors"))
    let (first, own) = (try model(place, "a"), try model(place, "b"))
    #expect(own.classifier.preprocessing == first.classifier.preprocessing)
    #expect(first.classifier.preprocessing.mean != nil)
    let hash = try FileFingerprint.text(ofFileAt: "\(place.path)/a/model.safetensors")
    #expect(own.provenance.startedFrom == hash && first.provenance.startedFrom == nil)
    #expect(try place.rowwise("inspect", "b").output.contains(hash))

    let options = try config(place, "b")
    #expect(options["from"] as? String == "a")
    #expect(options["layers"] as? String == "lstm:16")
    #expect(options["size"] as? String == "8x8")
    #expect(options["peephole"] as? String == "none")
    #expect(options["standardize"] as? Bool == true)
    let again = try place.rowwise(
      "train", "--config", "b/config.json", "--quiet", "--output", "e")
    #expect(again.status == 0 && again.errors == "", "\(again.errors)")
    #expect(try place.bytes("e/model.safetensors") == place.bytes("b/model.safetensors"))
    #expect(try place.text("e/config.json") == place.text("b/config.json"))
    // A model file does as well as its folder.
    let file = try place.rowwise(
      "train", "--config", "b/config.json", "--from", "a/model.safetensors", "--output", "f")
    #expect(rows(file).first == "from a/model.safetensors: kept all 5 arrays")
    #expect(try place.bytes("f/model.safetensors") == place.bytes("b/model.safetensors"))
  }

  /// The model's mean and deviation are used for other images, and none where it has none.
  @Test func statisticsAreTheModels() throws {
    let place = try place("--no-standardize")
    for (index, name) in ["0", "1"].enumerated() {
      for number in 0..<12 {
        try place.writePicture(
          "two/\(name)/\(number).png", value: UInt8(index * 100 + number * 3))
      }
    }
    let plain = try place.rowwise(
      "train", "two", "--from", "a", "--epochs", "1", "--augment", "none", "--output", "b")
    #expect(plain.status == 0, "\(plain.errors)")
    #expect(rows(plain).first == "from a: kept all 5 arrays", "\(plain.errors)")
    #expect(try model(place, "b").classifier.preprocessing.mean == nil)
    #expect(try config(place, "b")["standardize"] as? Bool == false)
    let own = try place.rowwise(
      "train", "two", "--from", "a", "--standardize", "--epochs", "1", "--augment", "none",
      "--quiet", "--output", "c")
    #expect(own.status == 0, "\(own.errors)")
    let mean = try #require(try model(place, "c").classifier.preprocessing.mean)
    let last = try place.rowwise(
      "train", "digits", "--from", "c", "--epochs", "1", "--augment", "none", "--output", "d")
    #expect(last.status == 0, "\(last.errors)")
    let first = try #require(rows(last).first)
    #expect(first == "from c: kept 3 of 5 arrays, of the output 2 of 10 classes")
    #expect(try model(place, "d").classifier.preprocessing.mean == mean)
    let none = try place.rowwise(
      "train", "digits", "--from", "c", "--no-standardize", "--epochs", "1", "--augment", "none",
      "--output", "e")
    #expect(none.status == 0)
    #expect(try model(place, "e").classifier.preprocessing.mean == nil)
    // Of one channel they say nothing about three.
    let rgb = try place.rowwise(
      "train", "two", "--from", "c", "--color", "rgb", "--epochs", "1", "--augment", "none",
      "--output", "f")
    #expect(rows(rgb).first == "from c: kept 4 of 5 arrays; new: 0.input_weight (other input)")
    #expect(try model(place, "f").classifier.preprocessing.mean?.count == 3)
  }

  @Test(arguments: [
    (["--size", "12x9"], "kept 4 of 5 arrays; new: 0.input_weight (other input)", "lstm:16"),
    (["--size", "8x20"], "kept all 5 arrays", "lstm:16"),
    (
      ["--layers", "lstm:16,dense:12:relu"],
      "kept 3 of 7 arrays", "lstm:16,dense:12:relu"
    ),
    (["--layers", "lstm:16,dropout:0.1,lstm:4"], "kept 3 of 8 arrays", nil),
    (["--peephole", "full"], "kept 5 of 6 arrays; new: 0.peephole_weight (not there)", nil),
    (["--reading-order", "columns"], "kept all 5 arrays", nil),
  ])
  func whatIsTypedWins(options: [String], kept: String, layers: String?) throws {
    let place = try place()
    let run = try ToolRun(
      ["train", "digits", "--from", "a", "--epochs", "1", "--augment", "none", "--output", "b"]
        + options,
      in: place.path)
    #expect(run.status == 0, "\(run.errors)")
    let rows = rows(run)
    #expect(rows.first == "from a: \(kept)", "\(run.errors)")
    #expect(rows.allSatisfy { $0.count <= 80 })
    let config = try config(place, "b")
    if let layers { #expect(config["layers"] as? String == layers) }
    for (name, value) in zip(options, options.dropFirst()) where name.hasPrefix("--") {
      let key = name.dropFirst(2).replacingOccurrences(of: "-", with: "_")
      #expect(config[key] as? String == value)
    }
  }

  /// Layers, peephole, size and order come out of the model.
  @Test func everythingOfTheNetworkIsTakenOver() throws {
    let place = try Workplace()
    let layers = "lstm:6:bidirectional:chrono,dropout:0.1,lstm:5:backwards:residual,pool:attention"
    let first = try place.rowwise(
      "train", "digits", "--epochs", "1", "--augment", "none", "--layers", layers, "--peephole",
      "diagonal", "--size",
      "7x9", "--reading-order", "serpentine", "--recipe", "keras", "--quiet", "--output", "a")
    try #require(first.status == 0, "\(first.errors)")
    let run = try place.rowwise(
      "train", "digits", "--from", "a", "--epochs", "1", "--augment", "none", "--seed", "4",
      "--output", "b")
    #expect(run.status == 0, "\(run.errors)")
    #expect(rows(run).first?.hasPrefix("from a: kept all ") == true, "\(run.errors)")
    let config = try config(place, "b")
    #expect(config["layers"] as? String == layers)
    #expect(config["peephole"] as? String == "diagonal")
    #expect(config["size"] as? String == "7x9")
    #expect(config["reading_order"] as? String == "serpentine")
    #expect(config["standardize"] as? Bool == false)
    #expect(
      try model(place, "b").classifier.network.layers
        == model(place, "a").classifier.network.layers)
  }

  /// A run that was killed goes on to the same bytes when the model is gone.
  @Test func resumesWithoutTheModel() throws {
    let place = try place()
    let options = [
      "train", "digits", "--from", "a", "--epochs", "8", "--augment", "none", "--checkpoint-every",
      "5", "--quiet",
      "--output",
    ]
    let whole = try ToolRun(options + ["whole"], in: place.path)
    try #require(whole.status == 0, "\(whole.errors)")
    _ = try ToolRun(options + ["run"], in: place.path) { process in
      let deadline = Date(timeIntervalSinceNow: 20)
      while (try? FileManager.default.contentsOfDirectory(
        atPath: "\(place.path)/run/checkpoints"))?.contains(where: { $0.hasPrefix("step-") })
        != true, Date() < deadline
      { usleep(1_000) }
      kill(process.processIdentifier, SIGKILL)
    }
    try FileManager.default.removeItem(atPath: "\(place.path)/a")
    let run = try place.rowwise("train", "--resume", "run")
    #expect(run.status == 0, "\(run.errors)")
    #expect(rows(run).isEmpty, "it does not start from it again: \(run.errors)")
    for name in ["model.safetensors", "last.safetensors", "start.safetensors"] {
      #expect(try place.bytes("run/\(name)") == place.bytes("whole/\(name)"), "\(name)")
    }
    let other = try place.rowwise("train", "--resume", "run", "--from", "whole")
    #expect(other.status == CommandStatus.usage.rawValue)
    #expect(other.errors.contains("started with from \"a\", not \"whole\""), "\(other.errors)")
    // A run that was killed before it had kept anything needs the model.
    for name in ["start.safetensors", "checkpoints"] {
      try FileManager.default.removeItem(atPath: "\(place.path)/run/\(name)")
    }
    let lost = try place.rowwise("train", "--resume", "run")
    #expect(lost.status == CommandStatus.inputNotFound.rawValue)
    #expect(lost.errors.hasPrefix("rowwise: a: no such file or folder; expected a model file"))
  }

  @Test func foldsStartFromIt() throws {
    let place = try place()
    let run = try place.rowwise(
      "train", "digits", "--from", "a", "--folds", "2", "--epochs", "1", "--augment", "none",
      "--output", "b")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.components(separatedBy: "from a: kept all 5 arrays\n").count == 3)
    for name in ["b", "b/fold-1", "b/fold-2"] {
      #expect(try config(place, name)["from"] as? String == "a")
    }
    let hash = try FileFingerprint.text(ofFileAt: "\(place.path)/a/model.safetensors")
    #expect(try model(place, "b/fold-2").provenance.startedFrom == hash)
  }

  @Test func searchesStartFromIt() throws {
    let place = try place()
    try place.write(
      Data("data: digits\nfrom: a\nepochs: 1\naugment: none\nlearning_rate: [0.001, 0.01]\n".utf8),
      to: "s.yaml")
    let run = try place.rowwise("search", "s.yaml", "--trials", "2", "--output", "s")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try config(place, "s/trial-002")["layers"] as? String == "lstm:16")
    try place.write(Data("data: digits\nfrom: [a, b]\nepochs: 1\n".utf8), to: "t.yaml")
    let none = try place.rowwise("search", "t.yaml", "--trials", "9", "--output", "t")
    #expect(none.status == CommandStatus.inputNotFound.rawValue)
    #expect(none.errors.hasPrefix("rowwise: b: no such file or folder"), "\(none.errors)")
    #expect(!place.contents.contains("t"))
  }

  @Test func theRateFinderStartsFromIt() throws {
    let place = try place()
    let run = try place.rowwise(
      "train", "digits", "--from", "a", "--epochs", "1", "--augment", "none",
      "--find-learning-rate", "--output", "rates")
    // What has learned already: no rate makes the loss fall by more than batches differ.
    #expect(run.status == CommandStatus.badData.rawValue, "\(run.errors)")
    #expect(run.errors.contains("rowwise: the loss never fell noticeably at any learning rate"))
    #expect(rows(run).first == "from a: kept all 5 arrays")
  }

  @Test func whatIsNoModel() throws {
    let place = try place()
    try place.write(Data("text".utf8), to: "text")
    try place.folder.folder("empty")
    let cases: [(options: [String], status: CommandStatus, text: String)] = [
      (["--from", "none"], .inputNotFound, "none: no such file or folder; expected a model file"),
      (["--from", "text"], .badData, "text: not a model file: "),
      (["--from", "empty"], .badData, "empty: a folder without model.safetensors"),
      (
        ["--from", "a", "--layers", "lstm:9", "--size", "6x6"], .badData,
        "a: none of its weights can be kept (layers.0.input_weight: other input); take the model's "
          + "layers, image size or classes, or begin without it\n"
      ),
      (
        ["--from", "a", "--layers", "gru:16", "--peephole", "full"], .usage,
        "--peephole full is for lstm layers; --layers gru:16 has none"
      ),
    ]
    for (options, status, text) in cases {
      let run = try ToolRun(["train", "digits", "--output", "b"] + options, in: place.path)
      #expect(run.status == status.rawValue)
      #expect(run.errors.hasPrefix("rowwise: \(text)"), "\(run.errors)")
      #expect(!place.contents.contains("b"))
    }
  }

  /// What goes with the model's layers is known when it is read.
  @Test func optionsThatDoNotGoWithTheModel() throws {
    let place = try Workplace()
    func save(_ layers: [any Layer], _ name: String) throws {
      try ImageClassifier(
        hiddenLayers: layers, preprocessing: Preprocessing(width: 8, height: 8),
        classNames: (0..<10).map { "\($0)" }, threads: 1
      ).save(toPath: "\(place.path)/\(name)")
    }
    try save([GRU(4)], "gru")
    try save([LSTM(4, peephole: .full), Dropout(0.1), Bidirectional(LSTM(3))], "mixed")
    func errors(_ options: String...) throws -> String {
      try ToolRun(
        ["train", "digits", "--epochs", "1", "--augment", "none", "--output", "b"] + options,
        in: place.path
      )
      .errors
    }
    #expect(
      try errors("--from", "gru", "--peephole", "full")
        == "rowwise: --peephole full is for lstm layers; the model's gru:4 has none (see rowwise "
        + "train --help)\n")
    #expect(
      try errors("--from", "gru", "--precision", "bfloat16")
        .contains("--precision bfloat16 is for lstm layers without coupled"))
    #expect(!place.contents.contains("b"))
    // Each keeps its own, unless one is said for all.
    #expect(try errors("--from", "mixed").contains("from mixed: kept all "))
    #expect(
      try errors("--from", "mixed", "--peephole", "none", "--output", "c")
        .contains("from mixed: kept all "))
  }

  /// One row or two, none wider than a terminal.
  @Test func whatIsSaid() {
    func adopted(_ entries: [(String, AdoptedWeights.Fate)]) -> AdoptedWeights {
      AdoptedWeights(
        entries: entries.map { .init(name: "layers.\($0.0)", fate: $0.1) }, classCount: 100)
    }
    let few = adopted([
      ("0.input_weight", .new(.otherInput)), ("0.bias", .kept), ("2.weight", .new(.otherClasses)),
      ("2.bias", .new(.otherClasses)),
    ])
    #expect(
      StartingModel.rows(few, of: "a") == [
        "from a: kept 1 of 4 arrays",
        "new: 0.input_weight (other input); 2.weight, 2.bias (other classes)",
      ])
    #expect(
      StartingModel.rows(few, of: "a", columns: 95) == [
        "from a: kept 1 of 4 arrays; new: 0.input_weight (other input); 2.weight, 2.bias "
          + "(other classes)"
      ])
    let many = adopted(
      (0..<40).map { ("\($0).recurrent_weight", .new(.otherShape)) } + [
        ("41.weight", .keptForClasses(12)), ("41.bias", .keptForClasses(12)),
      ])
    let name = String(repeating: "folder/", count: 20) + "model.safetensors"
    #expect(
      StartingModel.rows(many, of: name) == [
        "from …er/model.safetensors: kept 0 of 42 arrays, of the output 12 of 100 classes",
        "new: 0.recurrent_weight, 1.recurrent_weight (other shape) and 38 more",
      ])
  }
}
