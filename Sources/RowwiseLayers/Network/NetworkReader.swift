public import RowwiseCompute
import RowwiseWorkers

/// Reads one sequence timestep by timestep as its rows arrive, with the classes' probabilities at any
/// time in between.
///
/// Its results have the bits that `Network.predict` gives for the timesteps read so far: both run the
/// same kernels. It sees the network's weights as they are at each step. One task at a time may use a
/// reader; several readers of a network, and predictions, run at once.
public final class NetworkReader<Scalar: ComputeScalar> {
  private let network: Network<Scalar>
  private let steps: [any LayerStep<Scalar>]
  /// Timesteps read since `reset`.
  public private(set) var timesteps = 0
  /// Where the layers that need the last timestep only begin.
  private let headStart: Int
  private let features: Buffer<Scalar>
  private let result: Buffer<Scalar>

  init(
    _ network: Network<Scalar>, steps: [any LayerStep<Scalar>], headStart: Int, headWidth: Int
  ) {
    self.network = network
    self.steps = steps
    self.headStart = headStart
    features = Buffer(headWidth)
    result = Buffer(network.classCount)
  }

  /// Forgets the sequence.
  public func reset() {
    timesteps = 0
    for step in steps { step.reset() }
    features.clear()
  }

  /// Reads the next timestep, D numbers.
  public func step(_ row: UnsafeBufferPointer<Scalar>) {
    precondition(
      row.count == network.features,
      "the network reads \(network.features) numbers a timestep, not \(row.count)")
    guard var x = row.baseAddress else { return }
    network.beginPredicting()
    defer { network.endPredicting() }
    withFlushedDenormals {
      for step in steps[..<headStart] { x = step.read(x) }
      features.start.update(from: x, count: features.count)
    }
    timesteps += 1
  }

  /// The classes' probabilities after the timesteps read so far, K numbers, valid until the next
  /// call.
  public func probabilities() -> UnsafeBufferPointer<Scalar> {
    network.beginPredicting()
    defer { network.endPredicting() }
    withFlushedDenormals {
      var x = UnsafePointer(features.start)
      for step in steps[headStart...] { x = step.read(x) }
      result.start.update(from: x, count: result.count)
      _ = network.kernels.softmax(result.start, result.count)
    }
    return UnsafeBufferPointer(start: result.start, count: result.count)
  }
}

extension Network {
  /// A reader of single timesteps.
  ///
  /// - Throws: `LayerError.notStepwise` for a layer that needs the whole sequence at once, as one
  ///   that reads backwards does.
  public func makeReader() throws(LayerError) -> NetworkReader<Scalar> {
    var steps: [any LayerStep<Scalar>] = []
    var headStart = 0
    var headWidth = features
    for (index, node) in nodes.enumerated() {
      guard let step = node.makeStep() else { throw .notStepwise(layer: index + 1) }
      steps.append(step)
      if let width = layers[index].stepWidth {
        headStart = index + 1
        headWidth = width
      }
    }
    return NetworkReader(self, steps: steps, headStart: headStart, headWidth: headWidth)
  }
}

extension LayerSpecification {
  /// Width of a recurrent layer's output; nil of others.
  fileprivate var stepWidth: Int? {
    switch self {
    case .lstm(let layer): layer.units
    case .recurrent(let layer): layer.units
    default: nil
    }
  }
}
