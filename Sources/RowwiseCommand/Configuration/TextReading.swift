import ArgumentParser
import RowwiseTexts

/// What the command makes of texts before it does what they ask for, for whoever feeds them to it and
/// wants to know only that.
package enum TextReading {
  /// Why a text is refused: the row that people would see and the exit status.
  package struct Refusal: Error, Sendable, Equatable {
    /// One row, without the program's name.
    package let message: String
    /// The exit status.
    package let status: CommandStatus
  }

  /// Numbers drawn from a range of a search space.
  package struct Draws: Sendable, Equatable {
    /// Where they may lie.
    package let range: ClosedRange<Double>
    /// Whether all must be whole.
    package let isWhole: Bool
    /// As options take them.
    package fileprivate(set) var texts: [String] = []
  }

  /// Reads a command line; one that asks for help or the version is not refused.
  package static func commandLine(_ arguments: [String]) throws(Refusal) {
    _ = try command(arguments)
  }

  /// The options of a command line of `train` as its run's `config.json` has them: as they were given,
  /// and as they are once they were read from there; nil for other command lines.
  package static func configurations(
    _ arguments: [String]
  ) throws(Refusal) -> (given: String, read: String)? {
    guard let command = try command(arguments) as? TrainCommand else { return nil }
    let given = JSONValue.object(command.members()).pretty
    return try refusing(["train"]) {
      let file = try ConfigurationFile(text: given, path: "config.json")
      let again = try TrainCommand.parse(ArgumentExpansion.arguments(of: file))
      return (given, JSONValue.object(again.members()).pretty)
    }
  }

  /// Reads a file of options of `train`.
  package static func configuration(_ text: String, isTOML: Bool) throws(Refusal) {
    try refusing(["train"]) {
      let file = try ConfigurationFile(text: text, path: "options", isTOML: isTOML)
      let expansion = try ArgumentExpansion(["train"], options: ArgumentExpansion.options(of: file))
      do {
        _ = try RowwiseCommand.parseAsRoot(expansion.arguments)
      } catch {
        throw expansion.located(CommandFailure(error, arguments: ["train"]))
      }
    }
  }

  /// Reads a search space and draws some trials of it.
  ///
  /// - Returns: what was drawn from each of its ranges.
  package static func searchSpace(
    _ text: String, isTOML: Bool, trials: Int
  ) throws(Refusal) -> [Draws] {
    try refusing(["search"]) {
      let space = try SearchSpace(ConfigurationFile(text: text, path: "space", isTOML: isTOML))
      var draws = space.options.map { option -> Draws? in
        guard case .range(let range, _, let isWhole) = option.dimension else { return nil }
        return Draws(range: range, isWhole: isWhole)
      }
      for trial in 1...trials {
        let entries = space.trial(trial, seed: 0)
        for (index, entry) in entries.enumerated() {
          if case .text(let text) = entry.value { draws[index]?.texts.append(text) }
        }
        _ = try Search.command(of: entries, trial: trial, path: space.path)
      }
      return draws.compactMap { $0 }
    }
  }

  /// Nil where help or the version is asked for.
  private static func command(_ arguments: [String]) throws(Refusal) -> (any ParsableCommand)? {
    try refusing(arguments) {
      do {
        return try RowwiseCommand.read(arguments)
      } catch  where RowwiseCommand.exitCode(for: error) == .success {
        return nil
      }
    }
  }

  private static func refusing<Value>(
    _ arguments: [String], _ body: () throws -> Value
  ) throws(Refusal) -> Value {
    do {
      return try body()
    } catch {
      let failure = CommandFailure(error, arguments: arguments)
      throw Refusal(message: failure.message, status: failure.status)
    }
  }
}
