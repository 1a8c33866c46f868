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
    let message = ParserMessage(
      "Unknown option '--val'", arguments: [], commands: [], options: options)
    #expect(message.text == "Unknown option '--val'. Did you mean '--validation'?")
    // What the command does not have, and what says too little.
    #expect(ForeignWord.option("--lr", among: options) == nil)
    #expect(ForeignWord.option("--b", among: options) == nil)
  }

  /// Other toolkits' options are answered, whatever the command is.
  @Test func foreignOptionsAreAnswered() throws {
    func message(_ arguments: String...) -> String {
      do {
        _ = try RowwiseCommand.parseAsRoot(arguments)
        return ""
      } catch {
        return CommandFailure(error, arguments: arguments).message
      }
    }
    let device =
      "Rowwise computes on the CPU; leave it out (--threads N says how many cores) (see rowwise "
    for (command, rest) in [
      ("train", "digits"), ("inspect", "digits"), ("runs", "runs"), ("search", "space.yaml"),
    ] {
      #expect(message(command, rest, "--device=0") == "--device: \(device)\(command) --help)")
      #expect(message(command, rest, "--gpu") == "--gpu: \(device)\(command) --help)")
    }
    for command in ["evaluate", "classify", "calibrate"] {
      #expect(message(command, "m", "x", "--gpu") == "--gpu: \(device)\(command) --help)")
    }
    for (option, name) in [
      ("--imgsz", "--size"), ("--batch", "--batch-size"), ("--lr", "--learning-rate"),
      ("--model", "--layers"), ("--workers", "--threads"), ("--num_workers", "--threads"),
      ("--opt", "--optimizer"), ("--validation_data", "--validation"), ("--project", "--output"),
    ] {
      #expect(
        message("train", "digits", option, "1")
          == "\(option) is called \(name) here (see rowwise train --help)")
    }
    for (arguments, start) in [
      (
        ["classify", "--model", "m", "--source", "x"],
        "--model is no option here: rowwise classify "
      ),
      (
        ["classify", "m", "--source", "x"],
        "--source is no option here: rowwise classify MODEL PATH"
      ),
      (["evaluate", "m", "--data", "x"], "--data is no option here: rowwise evaluate MODEL DATA"),
      (["classify", "m", "x", "--imgsz", "3"], "--imgsz: the model says which size it reads"),
      (["train", "digits", "--classes", "3"], "--classes: classes follow from the data"),
      (["train", "digits", "--source", "x"], "--source is no option here: rowwise train DATA"),
      (["train", "digits", "epochs=3", "imgsz=4"], "epochs=3 is written --epochs 3 here"),
      (["train", "digits", "lr0=0.01"], "lr0=0.01 is written --learning-rate 0.01 here"),
      (["train", "digits", "x=0.01"], "Unexpected argument 'x=0.01'"),
      (["train", "digits", "--weights", "x"], "--weights"),
    ] {
      do {
        _ = try RowwiseCommand.parseAsRoot(arguments)
        Issue.record("\(arguments) are parsed")
      } catch {
        let failure = CommandFailure(error, arguments: arguments)
        #expect(failure.status == .usage && failure.message.hasPrefix(start), "\(failure.message)")
        #expect(!failure.message.contains("Unknown option"))
      }
    }
    #expect(ForeignWord.key("imgsz", among: ["size", "batch_size"]) == "size")
    #expect(ForeignWord.key("bs", among: ["size", "batch_size"]) == "batch_size")
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
