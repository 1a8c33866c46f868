import Rowwise
import RowwiseSafetensors

/// Model files from bytes.
enum ModelFuzzing {
  /// From memory and from a file the same tensors come; what is read can be written and read again.
  static func safetensors(_ bytes: [UInt8]) throws(FuzzFinding) {
    let inMemory = try? SafetensorsFile(bytes: bytes)
    let path = FuzzFolder.shared.write(bytes[...], to: "fuzzed.safetensors")
    let fromFile = try? SafetensorsFile(path: path)
    try expect(
      inMemory?.tensors.map(\.name) == fromFile?.tensors.map(\.name),
      "tensors in memory and in a file differ")
    guard let inMemory else { return }
    for tensor in inMemory.tensors { _ = try? tensor.floats() }
    let again = try? SafetensorsFile(
      tensors: inMemory.tensors, metadata: inMemory.metadata)
    try expect(again != nil, "what was read cannot be put together again")
  }

  /// A model that can be loaded gives a probability for each class, and none is negative.
  static func model(_ bytes: [UInt8]) throws(FuzzFinding) {
    let path = FuzzFolder.shared.write(bytes[...], to: "model.safetensors")
    guard let (classifier, _) = try? ImageClassifier.load(path: path, threads: 1) else { return }
    guard classifier.preprocessing.byteCount <= 1 << 12 else { return }
    let pixels = [UInt8](repeating: 7, count: classifier.preprocessing.byteCount)
    let probabilities = classifier.probabilities(ofModelPixels: [pixels])
    try expect(
      probabilities.first?.count == classifier.classNames.count,
      "\(probabilities.first?.count ?? 0) probabilities, \(classifier.classNames.count) classes")
    try expect(
      probabilities.allSatisfy { $0.allSatisfy { !($0 < 0) } }, "a negative probability")
  }
}
