import RowwiseFiles
import RowwiseWeightExchange

/// A model file of another program that is not read here, but that its own Python makes a readable
/// file of.
enum ForeignModelFile: Sendable, Equatable, CaseIterable {
  /// What `torch.save` writes.
  case pyTorch
  /// What Keras's `model.save` writes: a zip file, or HDF5 before Keras 3.
  case keras
  /// Weights only, as `model.save_weights` writes them.
  case kerasWeights
  /// A flat buffer of TensorFlow Lite.
  case tensorFlowLite
  /// Core ML: a protocol buffer, or a folder with one.
  case coreML

  /// Endings of names, for files whose bytes do not tell; the longer ones first.
  private static let endings: [(ending: String, kind: ForeignModelFile)] = [
    (".weights.h5", .kerasWeights), (".keras", .keras), (".h5", .keras), (".hdf5", .keras),
    (".pth", .pyTorch), (".pt", .pyTorch), (".tflite", .tensorFlowLite), (".mlmodel", .coreML),
    (".mlpackage", .coreML),
  ]

  /// Tells by a file's first bytes, and then by its name's ending; nil for files of other kinds, and
  /// where there is nothing that can be read.
  init?(path: String) {
    let name = path.lowercased()
    let named = Self.endings.first { name.hasSuffix($0.ending) }?.kind
    guard let kind = FileKind(path: path) else { return nil }
    if kind.isFolder {
      guard named == .coreML else { return nil }
      self = .coreML
      return
    }
    guard let file = try? InputFile(path: path), file.byteCount > 0,
      let head = try? file.next(min(file.byteCount, 1024))
    else { return nil }
    if let told = Self.kind(head, named: named) {
      self = told
      return
    }
    // A readable file may have any name.
    guard let named, named == .coreML || !Self.isReadable(head) else { return nil }
    self = named
  }

  /// What the first bytes say; nil where they say nothing.
  private static func kind(_ head: [UInt8], named: ForeignModelFile?) -> ForeignModelFile? {
    if head.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]) {
      return named == .kerasWeights ? .kerasWeights : .keras
    }
    // The pickled number that torch.save began with before it wrote zip files.
    if head.starts(with: [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46]) { return .pyTorch }
    if head.count >= 8, Array(head[4..<8]) == Array("TFL3".utf8) { return .tensorFlowLite }
    guard head.starts(with: [0x50, 0x4B, 0x03, 0x04]), head.count > 30 else { return nil }
    // The first member's name.
    let length = min(Int(head[26]) | Int(head[27]) << 8, head.count - 30)
    let member = String(decoding: head[30..<30 + length], as: UTF8.self)
    if ["/data.pkl", "/constants.pkl", "/.format_version"].contains(where: { member.hasSuffix($0) })
    {
      return .pyTorch
    }
    // A name alone says little: two of them are looked for.
    let keras = ["metadata.json", "config.json", "model.weights.h5"]
    let text = String(decoding: head, as: UTF8.self)
    return keras.contains(member) && keras.count(where: { text.contains($0) }) > 1 ? .keras : nil
  }

  /// Whether it may be an ONNX file or a safetensors file in spite of its name's ending.
  private static func isReadable(_ head: [UInt8]) -> Bool {
    head[0] == 0x08 || head.count > 8 && head[8] == UInt8(ascii: "{")
  }

  /// What it is, the Python that makes a readable file of it, and what to do then.
  func advice(_ path: String) -> String {
    let file = Self.literal(path)
    let weights = "; then import weights.safetensors with"
    return switch self {
    case .pyTorch:
      "a PyTorch file; in Python: import torch, safetensors.torch; "
        + "weights = torch.load(\(file), map_location=\"cpu\") (of a whole model, which takes "
        + "weights_only=False, its .state_dict()); safetensors.torch.save_file(weights, \"weights.safetensors\")"
        + "\(weights) --from pytorch and --layers"
    case .keras:
      "a Keras file; in Python: import keras, safetensors.numpy; "
        + "model = keras.models.load_model(\(file)); " + Self.kerasLines
        + "\(weights) --from keras and --layers"
    case .kerasWeights:
      "a Keras file of weights; in Python, with the model that they are of: "
        + "import safetensors.numpy; model.load_weights(\(file)); " + Self.kerasLines
        + "\(weights) --from keras and --layers"
    case .tensorFlowLite:
      "a TensorFlow Lite file; in Python: import tf2onnx; tf2onnx.convert.from_tflite(\(file), "
        + "output_path=\"model.onnx\"); then import model.onnx"
    case .coreML where path.lowercased().hasSuffix(".mlpackage"):
      "a Core ML package, of which nothing known makes an ONNX file; export one from the program that "
        + "made it"
    case .coreML:
      "a Core ML file; in Python: import coremltools, onnxmltools; spec = coremltools.utils.load_spec(\(file)); "
        + "onnxmltools.utils.save_model(onnxmltools.convert_coreml(spec), \"model.onnx\"); then import "
        + "model.onnx"
    }
  }

  private static let kerasLines = KerasWeights.conversion.replacing("\n", with: "; ")

  /// A Python string.
  private static func literal(_ path: String) -> String {
    "\"" + path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
