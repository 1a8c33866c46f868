import Foundation
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
    #expect(
      try errors("{\n\"data\": \"digits\",\n\"epochs\": \"many\"}", "run.json")
        .hasPrefix("rowwise: run.json, line 3: The value 'many' is invalid for '--epochs"))
    #expect(
      try errors("a", "run.txt")
        == "rowwise: run.txt: the name of a configuration file must end in .yaml, .yml, .json or "
        + ".toml\n")
    #expect(try errors("epochs: 3").contains("name the data set"))
    let none = try place.rowwise("train", "--config", "none.yaml")
    #expect(none.status == CommandStatus.inputNotFound.rawValue)
  }
}
