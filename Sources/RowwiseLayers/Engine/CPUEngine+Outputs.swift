import RowwiseCompute
import RowwiseKernelInterface

extension CPUEngine {
  func withLogits<Result, Failure: Error>(
    of batch: SequenceBatch<Scalar>,
    _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let nodes = spaces.take()
    defer { spaces.give(nodes) }
    return try body(predict(batch, on: nodes, softmax: false))
  }

  func embeddings(of batch: SequenceBatch<Scalar>) -> [Scalar] {
    let nodes = spaces.take()
    defer { spaces.give(nodes) }
    _ = predict(batch, on: nodes)
    // Below the output layer is at least the one that has made a vector of the timesteps.
    let view = nodes[nodes.count - 2].output
    var rows: [Scalar] = []
    rows.reserveCapacity(batch.count * view.width)
    for n in 0..<batch.count {
      rows += UnsafeBufferPointer(start: view.start + n * view.stride, count: view.width)
    }
    return rows
  }

  /// Forwards and backwards through the layers that train, without their random parts and without the
  /// weights' gradients, which stay as they are. They are lent to one pass at a time, so that it waits
  /// for predictions and they for it.
  func outputGradients(
    _ batch: SequenceBatch<Scalar>, of classes: [Int]
  ) -> OutputGradients<Scalar> {
    precondition(
      classes.count == batch.count && classes.allSatisfy { 0 <= $0 && $0 < classCount },
      "a class of \(classCount) for each of \(batch.count) sequences, not \(classes)")
    return alone {
      // Activations are kept whole: there is no second way through a segment without the tasks of
      // weights. Who asks chooses batches that fit.
      var pass = makePass(batch, isTraining: true)
      pass.isRandom = false
      pass.activationBudget = .max
      let passes = NodePasses(pass, nodeTimesteps: nodeTimesteps)
      let gradients = Buffer<Scalar>(timesteps * batch.count * features)
      prepare(
        nodes, passes, batch,
        inputGradient: View(
          start: gradients.start, stride: features, width: features, isSequence: true))
      pack(isTraining: true)
      let logOdds = Buffer<Double>(batch.count)
      let shards = Self.shards(of: batch.count, threads: pool.threads, multiple: sequencesTogether)
      pool.run(tasks: shards) { [nodes, sequencesTogether, classCount, passes] shard, worker in
        let part = (0..<classes.count).part(shard, of: shards, multiple: sequencesTogether)
        for index in nodes.indices {
          nodes[index].forward(passes.pass(of: index), sequences: part, worker: worker)
        }
        let last = nodes[nodes.count - 1]
        for n in part {
          let logits = UnsafeBufferPointer(
            start: last.output.start + n * last.output.stride, count: classCount)
          logOdds.start[n] = LogOdds.value(logits, of: classes[n])
          LogOdds.differentiate(
            logits, of: classes[n],
            into: last.outputGradient.start + n * last.outputGradient.stride)
        }
        for index in nodes.indices.reversed() {
          nodes[index].backward(passes.pass(of: index), sequences: part, worker: worker)
        }
      }
      return OutputGradients(
        logOdds: Array(UnsafeBufferPointer(start: logOdds.start, count: batch.count)),
        gradients: Array(UnsafeBufferPointer(start: gradients.start, count: gradients.count)))
    }
  }
}
