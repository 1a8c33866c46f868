import Compute
import Synchronization

extension Network {
  /// Calls `body` with the class probabilities of every sequence of a batch: row n is at n · K of what
  /// it gets, which is valid during the call.
  ///
  /// Nothing is allocated once as many callers as there are now have predicted batches of that size.
  public func withProbabilities<Result, Failure: Error>(
    of batch: SequenceBatch<Scalar>,
    _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let nodes = spaces.take()
    defer { spaces.give(nodes) }
    return try body(predict(batch, on: nodes))
  }

  /// Class probabilities of every sequence of a batch: row n begins at n · K.
  public func predict(_ batch: SequenceBatch<Scalar>) -> [Scalar] {
    withProbabilities(of: batch) { Array($0) }
  }

  /// The first layer, from 1, of whose outputs for a batch some are not finite; nil where all are.
  package func firstBadLayer(_ batch: SequenceBatch<Scalar>) -> Int? {
    let nodes = spaces.take()
    defer { spaces.give(nodes) }
    _ = predict(batch, on: nodes)
    return nodes.firstIndex { node in
      let output = node.output
      let rows = batch.count * (output.isSequence ? timesteps : 1)
      return (0..<rows).contains { row in
        let start = output.start + row * output.stride
        return !(0..<output.width).allSatisfy { start[$0].isFinite }
      }
    }.map { $0 + 1 }
  }

  private func predict(
    _ batch: SequenceBatch<Scalar>, on nodes: [any LayerNode<Scalar>]
  ) -> UnsafeBufferPointer<Scalar> {
    beginPredicting()
    defer { endPredicting() }
    let pass = makePass(batch, isTraining: false)
    prepare(nodes, pass, batch)
    let output = nodes[nodes.count - 1].output
    let shards = Self.shards(of: batch.count, threads: pool.threads, multiple: 1)
    pool.run(tasks: shards) { [kernels, classCount] shard, worker in
      let rows = (0..<pass.batch).part(shard, of: shards, multiple: 1)
      for node in nodes { node.forward(pass, rows: rows, worker: worker) }
      for n in rows { _ = kernels.softmax(output.start + n * output.stride, classCount) }
    }
    return UnsafeBufferPointer(start: output.start, count: batch.count * classCount)
  }
}

/// Chains of layers to predict with, as many as there ever were predictions at once.
final class Spaces<Scalar: ComputeScalar>: Sendable {
  private let originals: [any LayerNode<Scalar>]
  private let free = Mutex<[[any LayerNode<Scalar>]]>([])

  /// None yet; those to come are twins of `originals`.
  init(twinsOf originals: [any LayerNode<Scalar>]) { self.originals = originals }

  /// The chain that was used last, since caches hold it, or a new one where all are in use.
  func take() -> [any LayerNode<Scalar>] {
    free.withLock { $0.popLast() } ?? originals.map { $0.makeTwin() }
  }

  /// Chains that nobody uses at the moment.
  var count: Int { free.withLock(\.count) }

  /// Takes a chain back.
  func give(_ nodes: [any LayerNode<Scalar>]) { free.withLock { $0.append(nodes) } }
}
