/// Where a model is that an argument names.
enum ModelPath {
  /// The path of the model file: the argument itself, or `model.safetensors` in a run folder.
  ///
  /// - Throws: `CommandError.modelNotFound`, or `.unusableInput` for a folder without a model.
  static func resolve(_ argument: String) throws(CommandError) -> String {
    guard let kind = FileKind(path: argument) else { throw .modelNotFound(path: argument) }
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

  /// Tells what to do with a model of another kind.
  ///
  /// - Throws: `CommandError.unusableInput`.
  static func checkKind(_ path: String) throws(CommandError) {
    guard path.lowercased().hasSuffix(".onnx"), FileKind(path: path)?.isFolder == false else {
      return
    }
    throw .unusableInput(
      path: path,
      reason: "an ONNX model; make a model file of it with rowwise import \(path) --output FILE")
  }
}
