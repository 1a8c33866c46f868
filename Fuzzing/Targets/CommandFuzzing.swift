import RowwiseCommand
import RowwiseEvaluation
import RowwiseLayers
import RowwiseRowSequencing

/// What people write: command lines, files of options, search spaces and the words in them. Nothing
/// that they ask for is done.
enum CommandFuzzing {
  /// Each row is an argument. What `train` accepts says the same once it stands in `config.json`.
  static func arguments(_ bytes: [UInt8]) throws(FuzzFinding) {
    let arguments = text(bytes[...]).split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
    // They name files, which are another target's.
    guard !arguments.contains(where: { $0.hasPrefix("--config") || $0.hasPrefix("--resume") })
    else { return }
    try checkRefusal { () throws(TextReading.Refusal) in try TextReading.commandLine(arguments) }
    guard (try? TextReading.commandLine(arguments)) != nil else { return }
    let configurations: (given: String, read: String)?
    do throws(TextReading.Refusal) {
      configurations = try TextReading.configurations(arguments)
    } catch {
      throw FuzzFinding("its config.json is refused: \(error.message)")
    }
    if let (given, read) = configurations {
      try expect(given == read, "config.json reads back as other options: \(given), \(read)")
    }
  }

  /// The first byte, even or odd, tells YAML (and so JSON) from TOML.
  static func configuration(_ bytes: [UInt8]) throws(FuzzFinding) {
    guard let first = bytes.first else { return }
    try checkRefusal { () throws(TextReading.Refusal) in
      try TextReading.configuration(text(bytes.dropFirst()), isTOML: first & 1 == 1)
    }
  }

  /// As above. What is drawn of a range lies in it, and is whole where it has to be.
  static func searchSpace(_ bytes: [UInt8]) throws(FuzzFinding) {
    guard let first = bytes.first else { return }
    var draws: [TextReading.Draws] = []
    try checkRefusal { () throws(TextReading.Refusal) in
      draws = try TextReading.searchSpace(
        text(bytes.dropFirst()), isTOML: first & 1 == 1, trials: 4)
    }
    for draw in draws {
      for text in draw.texts {
        let isRight = Double(text).map(draw.range.contains) ?? false
        try expect(
          isRight && (!draw.isWhole || Int(text) != nil),
          "\(text) drawn from \(draw.range)\(draw.isWhole ? ", whole" : "")")
      }
    }
  }

  /// Options with a language of their own.
  private static let options = [
    ["train", "--layers"], ["train", "--augment"], ["train", "--reading-order"],
    ["train", "--class-weights"], ["train", "--size"], ["train", "--checkpoint-every"],
    ["train", "--patience"], ["train", "--clip-norm"], ["train", "--learning-rate"],
    ["evaluate", "--require"], ["benchmark", "--layers"], ["import", "--layers"],
  ]

  /// What is understood means the same once it is written anew.
  static func words(_ bytes: [UInt8]) throws(FuzzFinding) {
    let text = text(bytes[...])
    if let layers = try? LayersText(text) {
      try expect((try? LayersText(layers.description)) == layers, "layers become \(layers)")
    }
    if let changes = try? Augmentation(text) {
      try expect((try? Augmentation(changes.text)) == changes, "changes become \(changes.text)")
    }
    if let order = ReadingOrder(text) {
      try expect(order.description == text, "the order becomes \(order)")
    }
    if let requirement = try? Requirement(text) {
      try expect(
        (try? Requirement(requirement.text)) == requirement, "it becomes \(requirement.text)")
    }
    for option in options {
      try checkRefusal { () throws(TextReading.Refusal) in
        try TextReading.commandLine([option[0], "digits", "\(option[1])=\(text)"])
      }
    }
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  /// A refusal is one row that can be read, and never the program's own fault.
  private static func checkRefusal(
    _ body: () throws(TextReading.Refusal) -> Void
  ) throws(FuzzFinding) {
    do throws(TextReading.Refusal) {
      try body()
    } catch {
      try expect(
        error.status == .usage || error.status == .badData,
        "status \(error.status.rawValue): \(error.message)")
      try expect(!error.message.isEmpty, "a refusal without a word")
      try expect(
        error.message.unicodeScalars.allSatisfy { $0.value >= 0x20 },
        "a refusal with controls: \(error.message)")
      try expect(
        error.message.utf8.count <= 20_000, "a refusal of \(error.message.utf8.count) bytes")
    }
  }
}
