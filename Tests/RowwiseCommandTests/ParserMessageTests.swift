import ArgumentParser
import Testing

@testable import RowwiseCommand

/// What is added to the argument parser's texts.
struct ParserMessageTests {
  private func text(_ message: String, _ arguments: String...) -> String {
    ParserMessage(message, arguments: arguments, commands: ["train", "runs"]).text
  }

  @Test func commandsAreSuggested() {
    #expect(
      text("2 unexpected arguments", "trian", "x")
        == "there is no command \"trian\"; did you mean \"train\"?")
    #expect(
      text("Unexpected argument", "sing") == "there is no command \"sing\"; expected train, runs")
    #expect(text("Unknown option '-x'.", "-x") == "Unknown option '-x'")
    #expect(text("Something\n  else.", "runs") == "Something else")
    #expect(text("Something", "") == "Something")
    #expect(
      CommandFailure.help(["help", "trian"])?.message
        == "there is no command \"trian\"; did you mean \"train\"? (see rowwise --help)")
    #expect(
      text("Unexpected argument", "Fit")
        == "there is no command \"Fit\"; here it is called \"train\"")
    for known in [["help"], ["help", "train"], ["help", "--version"], ["train", "trian"], []] {
      #expect(CommandFailure.help(known) == nil)
    }
  }

  @Test func suggestionsMustBeNear() {
    let parser = "Unknown option '--shift'. Did you mean '--quiet'?"
    #expect(text(parser, "train", "--shift") == "Unknown option '--shift'")
    let near = "Unknown option '--epohcs'. Did you mean '--epochs'?"
    #expect(text(near, "train", "--epohcs") == near)
    let options = ["--validation-split", "--validation", "--batch-size", "--threads"]
    for (option, known) in [
      ("--val", "--validation"), ("--batch", "--batch-size"), ("--workers", "--threads"),
    ] {
      let message = ParserMessage(
        "Unknown option '\(option)'", arguments: [], commands: [], options: options)
      #expect(message.text == "Unknown option '\(option)'. Did you mean '\(known)'?")
    }
    // What the command does not have, and what says too little.
    #expect(ForeignWord.option("--lr", among: options) == nil)
    #expect(ForeignWord.option("--b", among: options) == nil)
  }

  @Test func valuesMayBeginWithADash() {
    let missing = "Missing value for '--augment <changes>'"
    #expect(
      text(missing, "train", "--augment", "-x")
        == "\(missing); a value that begins with - is written --augment=-x")
    #expect(text(missing, "train", "--augment", "--quiet") == missing)
    #expect(text(missing, "train", "--augment") == missing)
    #expect(text(missing, "train", "--augment", "-") == missing)
  }

  @Test func numbersAreAskedFor() {
    for (value, expected) in [
      ("many", "a number"), ("", "a number"), ("1.5", "a whole number"), ("1e3", "a whole number"),
      ("-1", "a whole number of at least 0"), ("99999999999999999999", "a smaller number"),
      ("-", "a number"),
    ] {
      #expect(ParserMessage.number(insteadOf: value) == expected)
    }
    let known = "is invalid for '--format <format>'. Please provide one of 'csv' and 'table'"
    #expect(text("The value 'xml' \(known).") == "The value 'xml' \(known)")
    #expect(
      text("The value 'tabel' \(known).")
        == "The value 'tabel' \(known); did you mean \"table\"?")
  }

  /// Every option of every command says what it expects instead of a wrong value.
  @Test func everyOptionSaysWhatItExpects() throws {
    var count = 0
    for command in RowwiseCommand.configuration.subcommands {
      let name = command._commandName
      let help = RowwiseCommand.helpMessage(for: command, includeHidden: true)
      for row in help.split(separator: "\n") where row.hasPrefix("  -") {
        guard let start = row.range(of: "--"), row[start.lowerBound...].contains("<") else {
          continue
        }
        let option = "--" + row[start.upperBound...].prefix { $0.isLetter || $0 == "-" }
        let arguments = [name, "\(option)=?!"]
        do {
          _ = try RowwiseCommand.parseAsRoot(arguments)
        } catch {
          let message = CommandFailure(error, arguments: arguments).message
          guard message.contains("'?!' is invalid") else { continue }
          count += 1
          let isSaid = ["expected ", "Please provide one of", "known are", "known: "].contains {
            message.contains($0)
          }
          #expect(isSaid, "\(name): \(message)")
        }
      }
    }
    #expect(count > 60)
  }
}

/// Negative numbers behind options.
struct NegativeValuesTests {
  @Test func numbersAreJoinedToTheirOptions() {
    for (arguments, expected) in [
      (["train", "--shift", "-3"], ["train", "--shift=-3"]),
      (["--decay", "-0.1", "-.5", "-1e-3"], ["--decay=-0.1", "-.5", "-1e-3"]),
      (["--a=1", "-3"], ["--a=1", "-3"]), (["--quiet", "-q", "-3"], ["--quiet", "-q", "-3"]),
      (["--a", "-b"], ["--a", "-b"]), (["--a", "-"], ["--a", "-"]), (["--", "-3"], ["--", "-3"]),
      (["--a", "--", "-3"], ["--a", "--", "-3"]), ([], []),
    ] {
      #expect(NegativeValues.joined(arguments) == expected)
    }
  }
}
