import Foundation
import Rowwise
import RowwiseLayers
import RowwiseTraining
import TestSupport
import Testing

/// Checkpoints as files.
struct RunCheckpointTests {
  /// Checkpoints of a small run, one a step.
  private static func checkpoints() throws -> [RunCheckpoint] {
    let network = try Network<Float>(
      [LSTM(3), Dense(2, activation: .softmax)], timesteps: 2, features: 2, seed: 1,
      pool: .init(threads: 1))
    struct Source: SequenceSource {
      var count: Int { 6 }
      var timesteps: Int { 2 }
      var features: Int { 2 }
      var classCount: Int { 2 }
      func load(_ indices: [Int], rows: Range<Int>, into batch: SequenceBatch<Float>) {
        for row in rows {
          batch.labels[row] = Int32(indices[row] % 2)
          for i in 0..<2 {
            for d in 0..<2 {
              batch.inputs.start[(i * batch.count + row) * 2 + d] = Float(indices[row] + i - d)
            }
          }
        }
      }
    }
    var options = TrainingOptions()
    options.epochs = 2
    options.batchSize = 2
    options.averageDecay = 0.9
    var result: [RunCheckpoint] = []
    var callbacks = TrainingCallbacks()
    callbacks.wantsCheckpoint = { _ in true }
    callbacks.onCheckpoint = {
      result.append(
        RunCheckpoint(
          training: $0, dataFingerprint: "xxh64:1", instructionSet: "avx2", notes: "é \"\n"))
    }
    _ = try Trainer(network, options: options).fit(Source(), callbacks: callbacks)
    return result
  }

  @Test func filesGiveBackWhatWasWritten() throws {
    let folder = try TemporaryFolder()
    let all = try Self.checkpoints()
    #expect(all.count == 6)
    for checkpoint in all {
      let path = "\(folder.path)/checkpoint"
      try checkpoint.write(toPath: path)
      #expect(try RunCheckpoint(path: path) == checkpoint)
    }
  }

  /// No changed byte and no cut goes unnoticed.
  @Test func everyDamageIsFound() throws {
    let folder = try TemporaryFolder()
    let checkpoint = try Self.checkpoints()[3]
    let path = "\(folder.path)/checkpoint"
    try checkpoint.write(toPath: path)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for position in stride(from: 0, to: bytes.count, by: 13) {
      var damaged = bytes
      damaged[position] ^= 1
      try damaged.write(to: URL(fileURLWithPath: path))
      do {
        // White space in the header carries nothing.
        #expect(try RunCheckpoint(path: path) == checkpoint, "byte \(position)")
      } catch is CheckpointError {}
      try bytes.prefix(position).write(to: URL(fileURLWithPath: path))
      #expect(throws: CheckpointError.self, "cut at \(position)") { try RunCheckpoint(path: path) }
    }
    try Data("text".utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: CheckpointError.self) { try RunCheckpoint(path: path) }
  }

  @Test func theFolderKeepsTwo() throws {
    let folder = try TemporaryFolder()
    let store = CheckpointFolder(path: "\(folder.path)/checkpoints")
    #expect(try store.newest() == nil)
    let all = try Self.checkpoints()
    for (number, checkpoint) in all.enumerated() {
      try store.write(checkpoint)
      let names = try FileManager.default.contentsOfDirectory(atPath: store.path)
      #expect(names.count == min(number + 1, 2))
      #expect(try store.newest() == checkpoint)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: store.path).sorted()
    try Data("damaged".utf8).write(to: URL(fileURLWithPath: "\(store.path)/\(names[1])"))
    var warnings: [String] = []
    #expect(try store.newest { warnings.append($0) } == all[4])
    #expect(warnings.count == 1 && warnings[0].contains(names[1]))
    try Data().write(to: URL(fileURLWithPath: "\(store.path)/.step.1-0.partial"))
    store.removeLeftovers()
    #expect(try FileManager.default.contentsOfDirectory(atPath: store.path).sorted() == names)
  }
}
