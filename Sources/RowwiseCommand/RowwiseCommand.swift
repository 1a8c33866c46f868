import ArgumentParser
import Rowwise
import RowwiseFiles
import RowwiseSystem

/// The command `rowwise`.
public struct RowwiseCommand: ParsableCommand {
  /// Name, texts and subcommands.
  public static let configuration = CommandConfiguration(
    commandName: "rowwise",
    abstract: "Classify images by reading them row by row with a stacked LSTM.",
    discussion: """
      Exit status: 0 done; 1 done, but some inputs could not be read or something required does not \
      hold; 64 wrong command line or option; 65 bad data; 66 no such input; 70 internal error; 71 the \
      system lacks memory, threads or open files; 73 the output cannot be created; 74 reading or \
      writing failed; 130 interrupted, what was reached is saved.

      Completion of command lines in bash, zsh or fish, which make install sets up:
        source <(rowwise --generate-completion-script bash)
      """,
    version: ToolkitVersion.current,
    subcommands: [
      TrainCommand.self, EvaluateCommand.self, ClassifyCommand.self, InspectCommand.self,
      BenchmarkCommand.self, CalibrateCommand.self, CompareCommand.self, CombineCommand.self,
      ExplainCommand.self, EmbedCommand.self, ServeCommand.self, RunsCommand.self,
      SearchCommand.self, ExportCommand.self, ImportCommand.self,
    ])

  /// Makes an empty command, for the argument parser.
  public init() {}

  /// Reads a command line, with the files of options that it names.
  ///
  /// - Throws: `CommandFailure`, which says where the file has what is wrong; `ConfigurationError` and
  ///   `FileError` about the files; an error whose exit code is that of success where help, the version
  ///   or a completion script is asked for.
  static func read(_ arguments: [String]) throws -> any ParsableCommand {
    if let failure = CommandFailure.help(arguments) { throw failure }
    let expansion = try ArgumentExpansion(arguments)
    do {
      return try parseAsRoot(expansion.arguments)
    } catch {
      guard exitCode(for: error) != .success else { throw error }
      throw expansion.located(CommandFailure(error, arguments: arguments))
    }
  }

  /// Parses the process's arguments, runs what they ask for and ends the process.
  ///
  /// What was asked for goes to standard output; an error becomes one row on standard error, and
  /// the exit status says of which kind it was (``CommandStatus``).
  public static func start() -> Never {
    // A limit of the size of files is an error of the write then, which says which file.
    _ = signal(SIGXFSZ, SIG_IGN)
    // As bytes: not every name of a file is UTF-8.
    let arguments = (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { SystemPath.text($0) }
    }
    do {
      var command = try read(arguments)
      try command.run()
      endProcess(.done)
    } catch let end as EndedWith {
      endProcess(end.status)
    } catch {
      guard exitCode(for: error) != .success else {
        // Help, the version or a completion script was asked for.
        let text = CompletionScript.mended(fullMessage(for: error))
        print(HelpText.folded(text, to: Console.forProcess().outputColumns))
        endProcess(.done)
      }
      let failure = CommandFailure(error, arguments: arguments)
      Console.forProcess().fail(failure.message)
      endProcess(failure.status)
    }
  }
}

/// Ends the process; a function of its own, because inside a command `exit` is the parser's.
private func endProcess(_ status: CommandStatus) -> Never {
  exit(status.rawValue)
}

/// Thrown by a command that has said everything itself and now ends with a status.
struct EndedWith: Error, Equatable {
  /// The process's exit status.
  let status: CommandStatus
}
