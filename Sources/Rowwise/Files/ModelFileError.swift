/// What can be wrong with a model file.
public enum ModelFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file is not a safetensors file, or a damaged one; `reason` says how.
  case unreadable(path: String, reason: String)
  /// A safetensors file, but not one of a model of ours.
  case notAModel(path: String)
  /// The description of the model cannot be understood.
  case invalidDescription(path: String, reason: String)
  /// Written by a later version.
  case unknownVersion(path: String, version: Int, known: Int)
  /// The tensors are not those that the layers need.
  case tensorMismatch(path: String, tensor: String, expected: [Int], received: [Int]?)
  /// A weight is infinite or not a number.
  case notFinite(path: String, tensor: String)
  /// Reading one picture would cost more than is allowed; `what` is memory in bytes or
  /// multiplications.
  case tooCostly(path: String, what: Cost, value: Double, maximum: Double)
  /// Several models are in the file, and one is needed.
  case severalModels(path: String, count: Int)
  /// There are tensors that no layer has.
  case unknownTensor(path: String, tensor: String)

  /// What reading a picture costs.
  public enum Cost: String, Sendable, Equatable {
    case memory = "MB of memory"
    case multiplications = "million multiplications"
  }

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): not a model file: \(reason)"
    case .notAModel(let path):
      "\(path): a safetensors file without a model's description; expected a file that "
        + "rowwise train has written"
    case .invalidDescription(let path, let reason):
      "\(path): the model's description is invalid: \(reason)"
    case .unknownVersion(let path, let version, let known):
      "\(path): model format \(version) is newer than this program's \(known); update rowwise"
    case .tensorMismatch(let path, let tensor, let expected, let received):
      "\(path): tensor \(tensor) should be \(Self.text(expected)), "
        + (received.map { "but is \(Self.text($0))" } ?? "but is missing")
    case .notFinite(let path, let tensor):
      "\(path): tensor \(tensor) holds a number that is not finite"
    case .tooCostly(let path, let what, let value, let maximum):
      "\(path): the model says that it needs \(Self.millions(value)) \(what.rawValue) to read one "
        + "picture; \(Self.millions(maximum)) are allowed; if that is right, raise the limit "
        + "(--picture-memory)"
    case .severalModels(let path, let count):
      "\(path): \(count) models in one file, which answer together (rowwise combine); this takes one "
        + "network: give one of the models that it was made of"
    case .unknownTensor(let path, let tensor):
      "\(path): tensor \(tensor) belongs to no layer of the model"
    }
  }

  private static func millions(_ value: Double) -> String {
    value < 1e21 ? "\(Int(value / 1e6))" : "\(value / 1e6)"
  }

  private static func text(_ shape: [Int]) -> String {
    "[" + shape.map(String.init).joined(separator: ", ") + "]"
  }
}
