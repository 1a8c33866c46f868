import RowwiseFiles
import RowwiseImageDecoding
import RowwiseSafetensors

/// Where a model is that an argument names.
enum ModelPath {
  /// The path of the model file: the argument itself, or `model.safetensors` in a run folder.
  ///
  /// - Throws: `CommandError.modelNotFound`, or `.unusableInput` for a folder without a model.
  static func resolve(_ argument: String) throws(CommandError) -> String {
    guard let kind = FileKind(path: argument) else {
      guard several(argument) == nil else {
        throw .unusableInput(
          path: argument, reason: "several models, where one is expected: name one of them")
      }
      throw .modelNotFound(path: argument)
    }
    guard kind.isFolder else {
      try checkKind(argument)
      return argument
    }
    let path = (argument.hasSuffix("/") ? argument : argument + "/") + TrainingRun.modelName
    guard FileKind(path: path) != nil else {
      throw .unusableInput(
        path: argument, reason: "a folder without \(TrainingRun.modelName); expected a model file")
    }
    return path
  }

  /// The same for the first argument of a command, with a word on it where another one is the model.
  ///
  /// - Parameters:
  ///   - others: the arguments behind it.
  ///   - command: the command's name.
  /// - Throws: `CommandError.modelNotFirst`; as above.
  static func resolve(
    _ argument: String, before others: [String], of command: String
  ) throws(CommandError) -> String {
    guard find(argument) == nil else { return try resolve(argument) }
    if let model = others.first(where: { find($0) != nil }) {
      throw .modelNotFirst(first: argument, model: model, command: command)
    }
    if FileKind(path: argument)?.isFolder == false, isPicture(argument) {
      throw .unusableInput(
        path: argument,
        reason: "a picture, where a model is expected: rowwise \(command) MODEL \(argument)")
    }
    return try resolve(argument)
  }

  /// The model files that the first argument of a command names, with commas between them where they are
  /// several; a path that is there is a path, whatever is in it.
  ///
  /// - Parameters:
  ///   - others: the arguments behind it.
  ///   - command: the command's name; nil where no other argument could be the model.
  /// - Throws: as above.
  static func resolveAll(
    _ argument: String, before others: [String] = [], of command: String? = nil
  ) throws(CommandError) -> [String] {
    guard let names = several(argument) else {
      guard let command else { return [try resolve(argument)] }
      return [try resolve(argument, before: others, of: command)]
    }
    guard !names.contains("") else {
      throw .unusableInput(
        path: argument, reason: "a name is missing beside a comma; expected models, as in A,B,C")
    }
    return try names.map { name throws(CommandError) in try resolve(name) }
  }

  /// The names with commas between them; nil where the argument is a path, or none of them is one.
  private static func several(_ argument: String) -> [String]? {
    guard argument.contains(","), FileKind(path: argument) == nil else { return nil }
    let names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    return names.contains { FileKind(path: $0) != nil } ? names : nil
  }

  /// The model file that a path names, or that is one by its first bytes; nil where it names
  /// something else.
  static func find(_ path: String) -> String? {
    guard let kind = FileKind(path: path) else { return nil }
    guard kind.isFolder else {
      return path.hasSuffix(".safetensors") || SafetensorsFile.begins(path: path) ? path : nil
    }
    return try? resolve(path)
  }

  /// The same for one that may name several models with commas between them.
  ///
  /// - Throws: as `resolveAll`, where one of several is no model.
  static func findAll(_ path: String) throws(CommandError) -> [String]? {
    guard several(path) != nil else { return find(path).map { [$0] } }
    return try resolveAll(path)
  }

  private static func isPicture(_ path: String) -> Bool {
    ImageFormat.hasImageName(path) || (try? ImageRowReader(path: path)) != nil
  }

  /// Tells what to do with a model of another kind.
  ///
  /// - Throws: `CommandError.unusableInput`.
  static func checkKind(_ path: String) throws(CommandError) {
    if let other = ForeignModelFile(path: path) {
      throw .unusableInput(path: path, reason: other.advice(path))
    }
    guard path.lowercased().hasSuffix(".onnx"), FileKind(path: path)?.isFolder == false else {
      return
    }
    throw .unusableInput(
      path: path,
      reason: "an ONNX model; make a model file of it with rowwise import \(path) --output FILE")
  }
}
