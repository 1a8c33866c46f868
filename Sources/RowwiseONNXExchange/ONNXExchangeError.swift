/// What can be wrong with an ONNX file.
public enum ONNXExchangeError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file is not an ONNX file, or a damaged one.
  case unreadable(path: String, reason: String)
  /// A tensor of the file is damaged or of a kind that is not read.
  case invalidTensor(name: String, reason: String)
  /// A node that is not understood, or not in its place.
  case notUnderstood(node: String, type: String, reason: String)
  /// What the file's metadata say of the model, as rowwise exports it, cannot be used.
  case invalidDescription(reason: String)
  /// What a model does with pictures that a graph with preprocessing cannot do.
  case notExported(options: [String])
  /// The graph as a whole is not one of a classifier that can be read.
  case invalidGraph(reason: String)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): not an ONNX file that can be read: \(reason)"
    case .invalidTensor(let name, let reason):
      "tensor \(Self.quoted(name)): \(reason)"
    case .notUnderstood(let node, let type, let reason):
      "node \(Self.quoted(node)) (\(type.prefix(40))) is not understood: \(reason)"
    case .invalidDescription(let reason):
      "the model's description in its metadata is invalid: \(reason)"
    case .notExported(let options):
      "\(options.joined(separator: ", ")): a graph that takes pictures cannot do that; export without "
        + "preprocessing, and hand over timesteps, or train without"
    case .invalidGraph(let reason):
      "the graph is not understood: \(reason)"
    }
  }

  /// A name from a file, in quotes and bounded: it may be as long as the file.
  private static func quoted(_ name: String) -> String {
    name.unicodeScalars.count > 80
      ? "\"\(String(name.unicodeScalars.prefix(80)))…\"" : "\"\(name)\""
  }
}
