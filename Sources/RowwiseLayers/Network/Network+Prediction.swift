import RowwiseCompute

extension Network {
  /// Calls `body` with the class probabilities of every sequence of a batch: sequence n is at n · K of what
  /// it gets, which is valid during the call.
  ///
  /// Nothing is allocated once as many callers as there are now have predicted batches of that size.
  public func withProbabilities<Result, Failure: Error>(
    of batch: SequenceBatch<Scalar>,
    _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    check(batch)
    return try engine.withProbabilities(of: batch, body)
  }

  /// Class probabilities of every sequence of a batch: sequence n begins at n · K.
  public func predict(_ batch: SequenceBatch<Scalar>) -> [Scalar] {
    withProbabilities(of: batch) { Array($0) }
  }

  /// Class probabilities after every timestep, as if each were the last: those of sequence n after
  /// timestep t, from 0, begin at (t · N + n) · K. They have the bits of `NetworkReader`'s.
  ///
  /// - Parameter batch: of sequences of one length.
  /// - Throws: `LayerError.notStepwise`.
  public func everyPrediction(_ batch: SequenceBatch<Scalar>) throws(LayerError) -> [Scalar] {
    check(batch)
    precondition(!batch.hasLengths, "sequences of one length are needed")
    if let layer = layers.stepObstacle { throw .notStepwise(layer: layer) }
    return engine.withEveryProbability(of: batch) { Array($0) }
  }

  /// The first layer, from 1, of whose outputs for a batch some are not finite; nil where all are.
  package func firstBadLayer(_ batch: SequenceBatch<Scalar>) -> Int? {
    check(batch)
    return engine.firstBadLayer(batch)
  }
}
