/// What a fuzzer can feed with bytes: one reader each.
///
/// To fuzz one more reader, add a case, its call in `run` and seeds in `make_seeds.py`.
package enum FuzzTarget: String, CaseIterable, Sendable {
  case png, jpeg, pnm, bmp
  /// A pair of IDX files; see `DatasetFuzzing.idx`.
  case idx
  /// A CSV manifest.
  case manifest
  /// A table of labels and pixels.
  case table
  /// A NumPy array, or an archive of them.
  case numpy
  /// A pickle as CIFAR's Python version is.
  case pickle
  /// A zip or tar file.
  case archive
  /// A safetensors file, whatever it holds.
  case safetensors
  /// A model file.
  case model
  /// An ONNX file.
  case onnx
  /// A safetensors file of PyTorch's or Keras's weights.
  case weights
  /// A run's checkpoint; its checksum is made to fit.
  case checkpoint
  /// A file of options; see `CommandFuzzing.configuration`.
  case configuration
  /// A search space; see `CommandFuzzing.searchSpace`.
  case search
  /// A command line, an argument a row.
  case arguments
  /// What options with a language of their own take, such as layers.
  case words
  /// A picture that arrives in pieces; see `StreamFuzzing`.
  case stream
  /// A request to a server; see `RequestFuzzing`.
  case request

  /// Reads the bytes as this target's kind of file.
  ///
  /// - Throws: `FuzzFinding` where a property does not hold; an error that the reader gives is what
  ///   is expected of it. A fault of memory or arithmetic ends the process.
  package func run(_ bytes: [UInt8]) throws(FuzzFinding) {
    switch self {
    case .png, .jpeg, .pnm, .bmp: try ImageFuzzing.check(bytes)
    case .idx: try DatasetFuzzing.idx(bytes)
    case .manifest: try DatasetFuzzing.manifest(bytes)
    case .table: try ArrayFuzzing.table(bytes)
    case .numpy: try ArrayFuzzing.numpy(bytes)
    case .pickle: try ArrayFuzzing.pickle(bytes)
    case .archive: try ArrayFuzzing.archive(bytes)
    case .safetensors: try ModelFuzzing.safetensors(bytes)
    case .model: try ModelFuzzing.model(bytes)
    case .onnx: try ExchangeFuzzing.onnx(bytes)
    case .weights: try ExchangeFuzzing.weights(bytes)
    case .checkpoint: try ModelFuzzing.checkpoint(bytes)
    case .configuration: try CommandFuzzing.configuration(bytes)
    case .search: try CommandFuzzing.searchSpace(bytes)
    case .arguments: try CommandFuzzing.arguments(bytes)
    case .words: try CommandFuzzing.words(bytes)
    case .stream: try StreamFuzzing.check(bytes)
    case .request: try RequestFuzzing.check(bytes)
    }
  }
}

/// A property that does not hold for some bytes.
package struct FuzzFinding: Error, Sendable, Equatable, CustomStringConvertible {
  /// Which property, and how it fails.
  package let description: String

  init(_ description: String) { self.description = description }
}

/// Throws where `holds` is false.
func expect(_ holds: Bool, _ property: @autoclosure () -> String) throws(FuzzFinding) {
  if !holds { throw FuzzFinding(property()) }
}
