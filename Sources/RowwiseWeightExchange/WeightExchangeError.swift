public import RowwiseSafetensors

/// What can be wrong with weights that come from or go to another toolkit.
public enum WeightExchangeError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file is no safetensors file, or a damaged one.
  case unreadable(path: String, SafetensorsError)
  /// A tensor that a layer (counted from 1) needs is not there.
  case missingTensor(String, layer: Int)
  /// A tensor that no layer takes.
  case unknownTensor(String, remedy: String)
  /// A tensor that is there does not have the shape that its layer (counted from 1) needs.
  case shapeMismatch(tensor: String, layer: Int, expected: [Int], received: [Int])
  /// A tensor's shape makes no sense for what it is.
  case invalidShape(tensor: String, shape: [Int])
  /// A tensor's numbers are not floating-point numbers of 32 or 16 bits.
  case notFloats(tensor: String, received: String)
  /// There are no weights of a recurrent or of an output layer.
  case noLayer(String)
  /// The file's modules are not as many as the layers.
  case moduleCount(kind: String, expected: Int, received: [String])
  /// Several modules whose order no name tells.
  case unknownOrder(modules: [String])
  /// A module that was named is not in the file, or one in the file was not named.
  case unknownModule(String, known: [String])
  /// A layer (counted from 1) that the other toolkit does not have.
  case unsupportedLayer(layer: Int, reason: String)
  /// A weight is infinite or not a number.
  case notFinite(parameter: String)
  /// Images give timesteps of another width than the weights take.
  case featuresMismatch(model: Int, preprocessing: Int, timesteps: Int)
  /// Images give timesteps that together are not as many numbers as the first dense layer takes, which
  /// takes all of them at once.
  case flattenMismatch(model: Int, preprocessing: Int, timesteps: Int)
  /// Images give another number of timesteps than a layer takes that takes all of them at once.
  case timestepsMismatch(model: Int, preprocessing: Int)
  /// There are not as many class names as classes.
  case classCountMismatch(expected: Int, received: Int)
  /// Two classes have one name.
  case repeatedClassName(String)

  /// What is wrong, where, what was expected and what to do.
  public var description: String {
    switch self {
    case .unreadable(let path, let error):
      "\(path): \(error)"
    case .missingTensor(let name, let layer):
      "layer \(layer) needs the tensor \(Self.quoted(name)), which is not in the file; check "
        + "--layers"
    case .unknownTensor(let name, let remedy):
      "tensor \(Self.quoted(name)) belongs to no layer; \(remedy)"
    case .shapeMismatch(let tensor, let layer, let expected, let received):
      "tensor \(Self.quoted(tensor)) has the shape \(received), but layer \(layer) needs "
        + "\(expected); check --layers and --size"
    case .invalidShape(let tensor, let shape):
      "tensor \(Self.quoted(tensor)) has the impossible shape \(shape)"
    case .notFloats(let tensor, let received):
      "tensor \(Self.quoted(tensor)) holds \(received) values; expected F32, F16 or BF16"
    case .noLayer(let kind):
      "no weights of \(kind) layer in the file"
    case .moduleCount(let kind, let expected, let received):
      "\(expected) \(kind) layer\(expected == 1 ? "" : "s") in --layers (the output layer "
        + "included), but the file has "
        + (received.isEmpty ? "none" : "\(received.count): \(Self.listed(received))")
    case .unknownOrder(let modules):
      "the order of \(Self.listed(modules)) is not known: a file of tensors doesn't "
        + "keep it; name all modules from the input on with --modules"
    case .unknownModule(let name, let known):
      "module \(Self.quoted(name)): --modules must name each of the file's modules once: "
        + Self.listed(known)
    case .unsupportedLayer(let layer, let reason):
      "layer \(layer): \(reason)"
    case .notFinite(let parameter):
      "weights \(parameter) hold a number that is not finite"
    case .featuresMismatch(let model, let preprocessing, let timesteps):
      "the model reads timesteps of \(model) features, but images of this size and reading order "
        + "give \(timesteps) timesteps of \(preprocessing); check --size, --color and "
        + "--reading-order"
    case .flattenMismatch(let model, let preprocessing, let timesteps):
      "the model flattens timesteps of \(model) numbers in all, but images of this size and reading "
        + "order give \(timesteps) timesteps of \(preprocessing); check --size and --color"
    case .timestepsMismatch(let model, let preprocessing):
      "the model flattens \(model) timesteps, but images of this size and reading order give "
        + "\(preprocessing); check --size and --reading-order"
    case .classCountMismatch(let expected, let received):
      "\(received) class names for \(expected) classes"
    case .repeatedClassName(let name):
      "two classes are called \(Self.quoted(name))"
    }
  }

  /// The first few of a file's names.
  private static func listed(_ names: [String]) -> String {
    names.prefix(8).map { $0.isEmpty ? "(no name)" : String($0.prefix(80)) }
      .joined(separator: ", ") + (names.count > 8 ? ", …" : "")
  }

  /// A name from a file, in quotes and bounded: it may be as long as the file.
  static func quoted(_ name: String) -> String {
    name.unicodeScalars.count > 80
      ? "\"\(String(name.unicodeScalars.prefix(80)))…\"" : "\"\(name)\""
  }
}
