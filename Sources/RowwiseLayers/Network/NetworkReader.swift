public import RowwiseCompute

/// Reads one sequence timestep by timestep as its rows arrive, with the classes' probabilities at any
/// time in between.
///
/// Its results have the bits that `Network.predict` gives for the timesteps read so far: both run the
/// same kernels. It sees the network's weights as they are at each step. One task at a time may use a
/// reader; several readers of a network, and predictions, run at once.
public final class NetworkReader<Scalar: ComputeScalar> {
  private let reader: any EngineReader<Scalar>
  private let features: Int
  /// Timesteps read since `reset`.
  public private(set) var timesteps = 0

  init(_ reader: any EngineReader<Scalar>, features: Int) {
    self.reader = reader
    self.features = features
  }

  /// Forgets the sequence.
  public func reset() {
    timesteps = 0
    reader.reset()
  }

  /// Reads the next timestep, D numbers.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func step(_ timestep: UnsafeBufferPointer<Scalar>) {
    precondition(
      timestep.count == features,
      "the network reads \(features) numbers a timestep, not \(timestep.count)")
    guard let x = timestep.baseAddress else { return }
    reader.step(x)
    timesteps += 1
  }

  /// The classes' probabilities after the timesteps read so far, K numbers, valid until the next
  /// call.
  public func probabilities() -> UnsafeBufferPointer<Scalar> { reader.probabilities() }
}

extension Network {
  /// A reader of single timesteps.
  ///
  /// - Throws: `LayerError.notStepwise` for a layer that needs the whole sequence at once, as one
  ///   that reads backwards does.
  public func makeReader() throws(LayerError) -> NetworkReader<Scalar> {
    NetworkReader(try engine.makeReader(), features: features)
  }
}
