import ArgumentParser
import RowwiseFiles

/// What requests call a model.
enum ServedName {
  /// The name and the model of `NAME=MODEL`; no name where the argument is a path.
  ///
  /// - Throws: `ValidationError` where the name is empty or no part of a path.
  static func parts(of argument: String) throws -> (name: String?, model: String) {
    guard FileKind(path: argument) == nil, let mark = argument.firstIndex(of: "=") else {
      return (nil, argument)
    }
    let name = String(argument[..<mark])
    let isPlain = name.unicodeScalars.allSatisfy {
      $0.value > 0x20 && $0.value != 0x7F && $0 != "/"
    }
    guard !name.isEmpty, isPlain, name.utf8.count <= 200 else {
      throw ValidationError(
        "\(argument): a model's name is 1 to 200 bytes without spaces and slashes")
    }
    return (name, String(argument[argument.index(after: mark)...]))
  }

  /// The name of the folder of a run, or of a model file without its ending; of several models with + between
  /// them.
  static func derived(from paths: [String]) -> String {
    paths.map { path in
      let file = FileSystem.lastComponent(path)
      let folder = FileSystem.lastComponent(FileSystem.folder(of: path))
      let isNamed = !["", ".", "..", "/"].contains(folder)
      let name = file == TrainingRun.modelName && isNamed ? folder : file
      let ending = ".safetensors"
      return name.hasSuffix(ending) ? String(name.dropLast(ending.count)) : name
    }.joined(separator: "+")
  }
}
