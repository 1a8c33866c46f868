import RowwiseCompute

/// What `Network.outputGradients` finds.
package struct OutputGradients<Scalar: ComputeScalar>: Sendable {
  /// F of every sequence, in nats.
  package var logOdds: [Double]
  /// ∂F/∂x, [T, N, D].
  package var gradients: [Scalar]
}

extension Network {
  /// The log-odds of a class for every sequence, F = ln p_k − ln Σ_{j≠k} p_j, and their gradient by x.
  ///
  /// As in prediction nothing is dropped out; the gradients by the weights stay what they are. It waits
  /// until nobody predicts or trains, and takes `WorkSpace.trainingBytes`.
  ///
  /// - Parameters:
  ///   - batch: sequences; labels mean nothing.
  ///   - classes: k of every sequence, each 0 ..< K.
  package func outputGradients(
    _ batch: SequenceBatch<Scalar>, of classes: [Int]
  ) -> OutputGradients<Scalar> {
    check(batch)
    return engine.outputGradients(batch, of: classes)
  }

  /// Calls `body` with the logits of every sequence of a batch, row n at n · K, valid during the call.
  package func withLogits<Result, Failure: Error>(
    of batch: SequenceBatch<Scalar>,
    _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    check(batch)
    return try engine.withLogits(of: batch, body)
  }

  /// What the output layer reads of every sequence of a batch, [N, `embeddingWidth`]: the last hidden
  /// state, or what the layers above it make of that.
  public func embeddings(of batch: SequenceBatch<Scalar>) -> [Scalar] {
    check(batch)
    return engine.embeddings(of: batch)
  }

  /// Numbers that the output layer reads.
  public var embeddingWidth: Int { parameters.suffix(2).first?.shape.first ?? 0 }

  /// The most sequences of `count`, at least one, whose output gradients need 256 MiB.
  package func outputGradientBatch(of count: Int) -> Int {
    // The layers fit together, as there is a network of them.
    guard let space = try? WorkSpace(of: layers, timesteps: timesteps, features: features) else {
      return 1
    }
    let one = space.trainingBytes(batch: 1, activationBudget: .max)
    let each = space.trainingBytes(batch: 2, activationBudget: .max) - one
    return Int(min(max(Double(1 << 28) / max(each, 1), 1), Double(max(count, 1))))
  }
}
