import Rowwise
import RowwiseLayers
import RowwiseSafetensors
import RowwiseTraining

/// Model files and checkpoints from bytes.
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

  /// A model that can be loaded, or several in one file, gives a probability for each class, and none is negative.
  static func model(_ bytes: [UInt8]) throws(FuzzFinding) {
    let path = FuzzFolder.shared.write(bytes[...], to: "model.safetensors")
    let single = try? ImageClassifier.load(path: path, threads: 1)
    guard let ensemble = try? ImageEnsemble.load(path: path, threads: 1) else {
      return try expect(single == nil, "one model that is none of several")
    }
    let sizes = ensemble.members.map { $0.classifier.preprocessing.byteCount }
    guard sizes.allSatisfy({ $0 <= 1 << 12 }) else { return }
    let pixels = sizes.map { [[UInt8](repeating: 7, count: $0)] }
    let probabilities = ensemble.probabilities(ofModelPixels: pixels)
    try expect(
      probabilities.first?.count == ensemble.classNames.count,
      "\(probabilities.first?.count ?? 0) probabilities, \(ensemble.classNames.count) classes")
    try expect(
      probabilities.allSatisfy { $0.allSatisfy { !($0 < 0) } }, "a negative probability")
  }

  /// A run's checkpoint, whose checksum is made to fit so that what lies behind it is reached: what was
  /// read is written to the same bytes again, and training goes on from it or says why not.
  static func checkpoint(_ bytes: [UInt8]) throws(FuzzFinding) {
    guard let file = try? SafetensorsFile(bytes: bytes),
      let sealed = try? RunCheckpoint.sealed(file)
    else { return }
    let folder = FuzzFolder.shared
    let path = folder.write(sealed.encoded()[...], to: "checkpoint.safetensors")
    guard let checkpoint = try? RunCheckpoint(path: path) else { return }
    let again = folder.path(of: "again.safetensors")
    do {
      try checkpoint.write(toPath: path)
      try RunCheckpoint(path: path).write(toPath: again)
    } catch {
      throw FuzzFinding("what was read cannot be written and read again: \(error)")
    }
    try expect(folder.read(path) == folder.read(again), "written again it differs")
    try goOn(checkpoint.training)
  }

  /// Trains one step more of the network that the seeds are of.
  private static func goOn(_ checkpoint: TrainingCheckpoint) throws(FuzzFinding) {
    let count = checkpoint.state.samples
    guard (1...64).contains(count) else { return }
    let model = Sequential(seed: 0, threads: 1)
    model.add(LSTM(2), inputShape: (timesteps: 4, features: 4))
    model.add(Dense(2, activation: .softmax))
    var callbacks = TrainingCallbacks()
    callbacks.shouldStop = { true }
    let x = Sequences(
      (0..<count * 16).map { Float($0 % 7) / 7 }, count: count, timesteps: 4, features: 4)
    // An error says what does not fit; anything else would end the process.
    _ = try? model.fit(
      x, (0..<count).map { $0 % 2 }, options: checkpoint.state.options, callbacks: callbacks,
      from: checkpoint)
  }
}
