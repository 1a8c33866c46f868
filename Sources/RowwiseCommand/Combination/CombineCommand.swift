import ArgumentParser
import Rowwise
import RowwiseFiles
import RowwiseTexts

/// `rowwise combine`.
struct CombineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "combine",
    abstract: "Put models that answer together into one file.",
    discussion: """
      MODELS are model files or run folders of the same classes, in any order; layers, size and reading \
      order may differ. Their class probabilities are averaged, those of a calibrated model as calibrated. \
      classify, evaluate, inspect, calibrate, compare and combine read the file as they read any \
      model; of a file that was combined before, each model counts as one. What follows one network (export, \
      explain, embed, train --from, --stream, --early-exit) refuses it. classify, evaluate and compare also \
      take A,B,C without such a file.

      Examples:
        rowwise combine runs/digits-1 runs/digits-2 --output both.safetensors
        rowwise evaluate both.safetensors digits
      """)

  @Argument(help: "Model files or run folders, at least two.", completion: .file())
  var models: [String]

  @Option(name: .shortAndLong, help: "The model file to write.", completion: .file())
  var output: String

  @OptionGroup var consoleOptions: ConsoleOptions

  func validate() throws {
    guard models.count > 1 else { throw ValidationError("name at least two MODELS") }
  }

  func run() throws {
    let console = consoleOptions.console
    try OutputFile.check(output)
    let target = FileKind(path: output)?.identity
    for argument in models {
      let path = try ModelPath.resolve(argument)
      guard target == nil || FileKind(path: path)?.identity != target else {
        throw CommandError.unusableInput(
          path: path, reason: "one of the models that are combined; give --output another name")
      }
    }
    let loading = ModelLoading(threads: 1, pictureMemory: nil)
    let found = try models.flatMap { argument in
      let path = try ModelPath.resolve(argument)
      return try ImageEnsemble.members(ofFile: path, loading).map { (path: path, model: $0) }
    }
    let ensemble: ImageEnsemble
    do throws(EnsembleError) {
      ensemble = try ImageEnsemble(found.map { $0.model })
    } catch {
      throw CommandError.differentClasses(error, of: found.map { $0.path })
    }
    try ensemble.save(toPath: output)
    console.log(
      "\(ensemble.members.count) models of \(ensemble.classNames.count) classes, "
        + "\(NumberText.grouped(ensemble.parameterCount)) parameters")
    try console.write(output + "\n")
  }
}
