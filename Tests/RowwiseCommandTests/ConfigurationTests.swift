import Foundation
import RowwiseEvaluation
import RowwiseTexts
import Testing

@testable import RowwiseCommand

/// `config.json` and `--config`: a run can be repeated from what it wrote.
struct ConfigurationTests {
  /// The options that `--help` shows.
  private var helpOptions: Set<String> {
    let help = TrainCommand.helpMessage(includeHidden: false)
    var options: Set<String> = []
    for line in help.split(separator: "\n") where line.hasPrefix("  -") {
      guard let start = line.range(of: "--") else { continue }
      options.insert(String(line[start.upperBound...].prefix { $0.isLetter || $0 == "-" }))
    }
    return options
  }

  /// Every option that `--help` shows is explained in the documentation of training.
  @Test func everyOptionIsInTheDocumentation() throws {
    let path = Workplace.package.appendingPathComponent("Sources/Rowwise/Rowwise.docc/Training.md")
    let text = try String(contentsOf: path, encoding: .utf8)
    let options = helpOptions.subtracting(["help", "version"])
    #expect(options.count > 40)
    let named = Set(
      text.components(separatedBy: "--").dropFirst().map { rest in
        String(rest.prefix { $0.isLetter || $0 == "-" })
      })
    #expect(options.subtracting(named) == [])
  }

  /// Every option that `--help` shows is in `config.json`, and nothing else is.
  @Test func everyOptionIsInTheConfiguration() throws {
    let options = helpOptions
    let notOfTheRun: Set<String> = [
      "output", "config", "resume", "find-learning-rate", "quiet", "no-progress", "version", "help",
    ]
    let keys = try TrainCommand.parse(["digits"]).members().map(\.key)
    #expect(Set(keys).count == keys.count)
    let expected = options.subtracting(notOfTheRun).map {
      $0.replacingOccurrences(of: "-", with: "_")
    }
    // The data set is an argument, the fold an option for the command itself.
    #expect(Set(keys) == Set(expected + ["data", "fold"]))
  }

  @Test func aRunIsRepeatedFromItsConfiguration() throws {
    let place = try Workplace()
    let first = try place.rowwise(
      "train", "digits", "--layers", "lstm:8,dropout:0.2,dense:12:relu", "--epochs", "2", "--seed",
      "18446744073709551615", "--optimizer", "sgd", "--momentum", "0.9", "--nesterov",
      "--learning-rate", "0.05", "--schedule", "step", "--schedule-epochs", "1",
      "--schedule-factor", "0.5", "--class-weights", "balanced", "--augment", "digits,noise:0.02",
      "--patience", "3", "--standardize", "--quiet", "--output", "a")
    #expect(first.status == 0, "\(first.errors)")
    let json = try place.text("a/config.json")
    let object =
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] ?? [:]
    // The same as YAML and as TOML.
    var yaml = ""
    var toml = ""
    for (key, value) in object where !(value is NSNull) {
      let text: String =
        value is String
        ? "\"\(value)\""
        : json.contains("\"\(key)\": true")
          ? "true" : json.contains("\"\(key)\": false") ? "false" : "\(value)"
      yaml += "\(key): \(text)\n"
      toml += "\(key) = \(text)\n"
    }
    try place.write(Data(yaml.utf8), to: "run.yaml")
    try place.write(Data(toml.utf8), to: "run.toml")
    for (name, file) in [("b", "a/config.json"), ("c", "run.yaml"), ("d", "run.toml")] {
      let run = try place.rowwise("train", "--config", file, "--quiet", "--output", name)
      #expect(run.status == 0, "\(file): \(run.errors)")
      #expect(try place.bytes("\(name)/model.safetensors") == place.bytes("a/model.safetensors"))
      #expect(try place.text("\(name)/config.json") == json)
    }
    let other = try place.rowwise(
      "train", "--config", "a/config.json", "--epochs", "1", "--quiet", "--output", "e")
    #expect(other.status == 0, "\(other.errors)")
    #expect(try place.text("e/config.json").contains("\"epochs\": 1,"))
  }

  /// Every option, in every form that it is written in, is read again.
  @Test func whatIsWrittenIsRead() throws {
    let common = [
      "digits", "--size", "12x10", "--color", "rgb", "--reading-order", "pixels-permuted:3",
      "--standardize", "--lenient", "--layers", "lstm:8:bidirectional:residual,pool:attention",
      "--peephole", "diagonal", "--epochs", "7", "--batch-size", "5", "--accumulate", "2",
      "--activation-memory", "512", "--seed", "18446744073709551615", "--learning-rate", "1e-05",
      "--warm-up", "0.5", "--clip-norm", "1.5", "--clip-value", "0.25", "--average-decay", "0.999",
      "--label-smoothing", "0.1", "--focal-gamma", "2", "--class-weights", "1,0.5,2.25",
      "--sampling", "balanced", "--augment", "digits,noise:0.02,flip", "--mixup", "0.2", "--cutmix",
      "1", "--metric", "validation-macro-f1", "--patience", "3", "--minimum-delta", "1e-07",
      "--checkpoint-every", "1.5m", "--tensorboard", "--precision", "bfloat16", "--threads", "3",
      "--invert", "auto", "--background", "#ffffe0", "--range", "auto", "--from", "runs/a: b",
      "--freeze", "1", "--teacher", "runs/a,b c", "--teacher-weight", "0.25",
      "--teacher-temperature", "4.5",
      "--picture-memory", "700", "--memory", "2000",
    ]
    let lines = [
      common + [
        "--optimizer", "sgd", "--momentum", "0.9", "--nesterov", "--schedule", "step",
        "--schedule-epochs", "2", "--schedule-factor", "0.3", "--validation", "other data: #1",
        "--fit", "letterbox", "--no-trim", "--columns", "file,Kind of: it,set",
      ],
      common + [
        "--optimizer", "adamw", "--weight-decay", "0.05", "--schedule", "plateau",
        "--schedule-patience", "1", "--schedule-floor", "0.01", "--validation-split", "0.25",
        "--trim",
      ],
      common + [
        "--folds", "4", "--fold", "2", "--checkpoint-every", "500", "--split-seed",
        "18446744073709551615",
      ],
      ["true"], ["null", "--augment", "none", "--class-weights", "none"], ["a: ['b']"],
      [
        "digits", "--recipe", "keras", "--optimizer", "lion", "--schedule", "one-cycle", "--size",
        "9", "--early-loss", "0.3",
      ],
      [
        "digits", "--recipe", "best", "--budget", "1.5h",
      ],
      [
        "digits", "--recipe", "fast", "--budget", "6s",
      ],
    ]
    let plain = try TrainCommand.parse(["data"]).members()
    var unchanged = Set(plain.map(\.key))
    for line in lines {
      let members = try TrainCommand.parse(line).members()
      let text = JSONValue.object(members).pretty
      let file = try ConfigurationFile(text: text, path: "config.json")
      let read = try TrainCommand.parse(ArgumentExpansion.arguments(of: file))
      #expect(JSONValue.object(read.members()).pretty == text)
      for (member, other) in zip(members, plain) where member.value != other.value {
        unchanged.remove(member.key)
      }
    }
    #expect(unchanged == [], "options that no line above changes")
  }

  /// `none` takes back what a file says, and null says nothing.
  @Test func noneSwitchesOff() throws {
    let place = try Workplace()
    try place.write(
      Data("data: digits\nclip_norm: none\npatience: null\nclip_value: 2\n".utf8), to: "a.yaml")
    let expansion = try ArgumentExpansion(
      ["train", "--config", "\(place.path)/a.yaml", "--clip-value", "none"])
    let command = try RowwiseCommand.parseAsRoot(expansion.arguments) as? TrainCommand
    #expect(command?.training.clipNorm == nil && command?.training.clipValue == nil)
    #expect(command?.optimization.clipNorm?.description == "none")
  }

  /// Another optimizer or schedule than the file's has no use for the settings of that one.
  @Test func theCommandLineWins() throws {
    let place = try Workplace()
    let file = "\(place.path)/config.json"
    for written in [
      ["--optimizer", "adamw"], ["--optimizer", "sgd", "--momentum", "0.9", "--nesterov"],
      ["--schedule", "plateau"], ["--schedule", "step"],
      ["--validation-split", "0.2", "--split-seed", "7"],
      ["--validation", "x"],
    ] {
      let members = try TrainCommand.parse(["digits"] + written).members()
      try place.write(Data(JSONValue.object(members).pretty.utf8), to: "config.json")
      for given in [
        ["--optimizer", "rmsprop"], ["--optimizer=lion"], ["--schedule", "constant"],
        ["--validation-split", "0.1"], ["--validation", "y"], ["--folds", "3"],
      ] {
        let expansion = try ArgumentExpansion(["train", "--config", file] + given)
        #expect(throws: Never.self) { try RowwiseCommand.parseAsRoot(expansion.arguments) }
      }
    }
    let members = try TrainCommand.parse(["d", "--optimizer", "adamw", "--weight-decay", "0.2"])
      .members()
    try place.write(Data(JSONValue.object(members).pretty.utf8), to: "config.json")
    let same = try ArgumentExpansion(["train", "--config", file, "--optimizer", "adamw"])
    let command = try RowwiseCommand.parseAsRoot(same.arguments) as? TrainCommand
    #expect(command?.optimization.weightDecay == 0.2, "the same optimizer keeps its settings")
  }

  @Test func mistakesAreLocated() throws {
    let place = try Workplace()
    func errors(_ text: String, _ name: String = "run.yaml") throws -> String {
      try place.write(Data(text.utf8), to: name)
      let run = try place.rowwise("train", "--config", name, "--output", "out")
      #expect(run.status != 0)
      return run.errors
    }
    #expect(
      try errors("data: digits\nepohcs: 3\n")
        == "rowwise: run.yaml, line 2: there is no option \"epohcs\"; did you mean \"epochs\"?\n")
    for (key, option) in [("lr", "learning_rate"), ("batch", "batch_size")] {
      #expect(
        try errors("data: digits\n\(key): 3\n")
          == "rowwise: run.yaml, line 2: there is no option \"\(key)\"; did you mean "
          + "\"\(option)\"?\n")
    }
    #expect(
      try errors("{\n\"data\": \"digits\",\n\"epochs\": \"many\"}", "run.json")
        == "rowwise: run.json, line 3, \"epochs\": The value 'many' is invalid for '--epochs "
        + "<epochs>': expected a number (see rowwise train --help)\n")
    #expect(
      try errors("data: digits\nepochs: -3\n")
        == "rowwise: run.yaml, line 2, \"epochs\": --epochs must be from 1 to 1000000, got -3 "
        + "(see rowwise train --help)\n")
    #expect(
      try errors("data = \"digits\"\n\nepochs = 2\nclip_norm = -1.5\n", "run.toml")
        .hasPrefix(
          "rowwise: run.toml, line 4, \"clip_norm\": --clip-norm must be from 1e-20 to 1e+20"))
    // The optimizer is as it should be, and what depends on it is in another line.
    #expect(
      try errors("optimizer: sgd\ndata: digits\nmomentum: 1.5\nnesterov: true\n")
        .hasPrefix("rowwise: run.yaml, line 3, \"momentum\": --momentum must be from 0 to 1"))
    #expect(
      try errors("data: digits\nvalidation: digits\nvalidation_split: 0.2\n")
        .hasPrefix(
          "rowwise: run.yaml, lines 2 and 3, \"validation\" and \"validation_split\": "
            + "--validation and --validation-split exclude each other"))
    #expect(
      try errors("data: digits\nlayers: lstm:8,dropout:1.5\n")
        .hasPrefix("rowwise: run.yaml, line 2, \"layers\": The value 'lstm:8,dropout:1.5' is"))
    #expect(
      try errors("data: digits\nresume: runs/x\n")
        == "rowwise: run.yaml, line 2: \"resume\" takes no value in a file; give --resume on the "
        + "command line\n")
    #expect(
      try errors("a", "run.txt")
        == "rowwise: run.txt: the name of a configuration file must end in .yaml, .yml, .json or "
        + ".toml\n")
    try place.folder.folder("run")
    let folder = try place.rowwise("train", "--config", "run")
    #expect(
      folder.errors == "rowwise: run: a folder; expected a configuration file, such as a run "
        + "folder's config.json\n")
    #expect(try errors("epochs: 3").contains("name the data set"))
    // What the command line itself says is not the file's fault.
    try place.write(Data("data: digits\nepochs: 2\n".utf8), to: "good.yaml")
    let own = try place.rowwise("train", "--config", "good.yaml", "--batch-size", "0")
    #expect(
      own.errors
        == "rowwise: --batch-size must be from 1 to 16777216, got 0 (see rowwise train --help)\n")
    let none = try place.rowwise("train", "--config", "none.yaml")
    #expect(none.status == CommandStatus.inputNotFound.rawValue)
  }
}
