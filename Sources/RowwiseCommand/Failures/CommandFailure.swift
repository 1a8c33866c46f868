import ArgumentParser
import Rowwise
import RowwiseDatasetLoading
import RowwiseEvaluation
import RowwiseFiles
import RowwiseImageDecoding
import RowwiseLayers
import RowwiseONNXExchange
import RowwiseRowSequencing
import RowwiseSafetensors
import RowwiseServing
import RowwiseSystem
import RowwiseTexts
import RowwiseTraining
import RowwiseWeightExchange

/// How an error ends the process: one row of text on standard error and an exit status.
///
/// The one place where errors of every module get both.
struct CommandFailure: Error, Sendable, Equatable {
  /// The text, without the program's name, printable on any terminal.
  let message: String
  /// The exit status.
  let status: CommandStatus

  /// Finds text and status of an error.
  ///
  /// - Parameter arguments: the command line, to name the right help page where it is at fault.
  init(_ error: any Error, arguments: [String] = []) {
    switch error {
    case let error as CommandFailure:
      self = error
    case let error as CommandError:
      self.init(message: error.description, status: error.status)
    case let error as ConfigurationError:
      self.init(message: error.description, status: error.status)
    case let error as CheckpointError:
      self.init(message: error.description, status: .badData)
    case let error as FileError:
      self.init(message: error.description, status: Self.status(of: error))
    case let error as DatasetError:
      self.init(message: error.description, status: Self.status(of: error))
    case let error as ImageDecodingError:
      self.init(message: error.description, status: Self.status(of: error))
    case let error as EnsembleError:
      self.init(message: error.description, status: .badData)
    case let error as EvidenceError:
      self.init(message: error.description, status: .badData)
    case let error as EarlyExitError:
      self.init(message: error.description, status: .badData)
    case let error as ServerError:
      self.init(message: error.description, status: .systemLacks)
    case let error as StreamingError:
      self.init(message: error.description, status: .badData)
    case let error as PreprocessingError:
      self.init(message: error.description, status: .badData)
    case let error as ModelFileError:
      self.init(message: error.description, status: .badData)
    case let error as TrainingError:
      self.init(message: error.description, status: Self.status(of: error))
    case let error as LayersTextError:
      self.init(message: error.description, status: .usage)
    case let error as LayerError:
      self.init(message: "--layers: \(error)", status: .usage)
    case let error as EvaluationError:
      self.init(message: error.description, status: Self.status(of: error))
    case let error as WeightExchangeError:
      self.init(message: error.description, status: .badData)
    case let error as ONNXExchangeError:
      self.init(message: error.description, status: .badData)
    case let error as SafetensorsError:
      self.init(message: error.description, status: Self.status(of: error))
    default:
      self = Self.usageFailure(error, arguments: arguments) ?? Self.internalFailure(error)
    }
  }

  init(message: String, status: CommandStatus) {
    // A path may hold anything: no text moves the cursor or takes a second row.
    self.message = TerminalText.printable(MessageText.cut(message))
    self.status = status
  }

  private static func status(of error: FileError) -> CommandStatus {
    switch error {
    case .cannotRead(_, let code) where [EMFILE, ENFILE, ENOMEM].contains(code): return .systemLacks
    case .cannotWrite(_, let code) where [EMFILE, ENFILE, ENOMEM].contains(code):
      return .systemLacks
    case .badArchive: return .badData
    case .cannotRead, .endedEarly:
      return error.isNotFound ? .inputNotFound : .inputOutput
    case .cannotWrite(_, let code):
      // Disk full and the like: the output could be created, but not all of it written.
      return [ENOSPC, EDQUOT, EFBIG, EIO].contains(code) ? .inputOutput : .cannotCreateOutput
    }
  }

  private static func status(of error: DatasetError) -> CommandStatus {
    if error.isMissingInput { return .inputNotFound }
    return error.isInputOutput ? .inputOutput : .badData
  }

  private static func status(of error: ImageDecodingError) -> CommandStatus {
    switch error {
    case .outOfMemory: .systemLacks
    case .cannotRead: .inputOutput
    case .cannotWrite: .cannotCreateOutput
    case .invalidImage: .internalError
    case .empty, .unknownFormat, .foreignFormat, .unsupportedVariant, .corrupt, .truncated,
      .overLimit:
      .badData
    }
  }

  private static func status(of error: TrainingError) -> CommandStatus {
    if case .invalidOption = error { .usage } else { .badData }
  }

  private static func status(of error: EvaluationError) -> CommandStatus {
    switch error {
    case .invalidRequirement, .unknownMetric: .usage
    default: .badData
    }
  }

  private static func status(of error: SafetensorsError) -> CommandStatus {
    switch error {
    case .file(let error): status(of: error)
    default: .badData
    }
  }

  /// What the argument parser finds wrong; nil for errors of other origin.
  private static func usageFailure(_ error: any Error, arguments: [String]) -> CommandFailure? {
    guard RowwiseCommand.exitCode(for: error) == .validationFailure else { return nil }
    let names = commands
    let subcommand = arguments.first { !$0.hasPrefix("-") } ?? ""
    let text = ParserMessage(
      MessageText.cut(RowwiseCommand.message(for: error)), arguments: arguments,
      commands: names + ["help"],
      options: options(of: subcommand)
    ).text
    let page = names.contains(subcommand) ? "rowwise \(subcommand) --help" : "rowwise --help"
    return CommandFailure(message: "\(text) (see \(page))", status: .usage)
  }

  private static var commands: [String] {
    RowwiseCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
  }

  /// The long options on a command's help page.
  private static func options(of command: String) -> [String] {
    let types = RowwiseCommand.configuration.subcommands
    guard let type = types.first(where: { $0.configuration.commandName == command }) else {
      return []
    }
    return RowwiseCommand.helpMessage(for: type).split(separator: "\n").compactMap { row in
      guard row.hasPrefix("  -") else { return nil }
      return row.split { " ,".contains($0) }.first { $0.hasPrefix("--") }.map { String($0) }
    }
  }

  /// What is wrong with a request for a command's help page, which the argument parser would answer
  /// with that of all; nil where there is one.
  static func help(_ arguments: [String]) -> CommandFailure? {
    guard arguments.first == "help",
      let text = ParserMessage.unknownCommand(arguments, commands + ["help"])
    else { return nil }
    return CommandFailure(message: "\(text) (see rowwise --help)", status: .usage)
  }

  private static func internalFailure(_ error: any Error) -> CommandFailure {
    CommandFailure(message: "internal error: \(error)", status: .internalError)
  }
}
