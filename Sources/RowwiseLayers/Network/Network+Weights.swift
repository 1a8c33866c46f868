import RowwiseCompute
import Synchronization

extension Network {
  /// A weight array's numbers, row-major.
  public func values(of parameter: Parameter) -> [Scalar] {
    engine.withWeights { Array($0[parameter.range]) }
  }

  /// Replaces a weight array; the count must match.
  public func setValues(_ values: [Scalar], of parameter: Parameter) {
    engine.changeWeights { Self.set(values, of: parameter, in: $0) }
  }

  private static func set(
    _ values: [Scalar], of parameter: Parameter, in weights: UnsafeMutableBufferPointer<Scalar>
  ) {
    precondition(
      values.count == parameter.count,
      "\(parameter.name) has \(parameter.count) numbers, not \(values.count)")
    values.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress, let start = weights.baseAddress else { return }
      (start + parameter.offset).update(from: base, count: source.count)
    }
  }

  /// All weight arrays' numbers, of one moment, in the order of `parameters`.
  package var allValues: [[Scalar]] {
    get { engine.withWeights { weights in parameters.map { Array(weights[$0.range]) } } }
    set {
      engine.changeWeights { weights in
        for (parameter, values) in zip(parameters, newValue) {
          Self.set(values, of: parameter, in: weights)
        }
      }
    }
  }

  /// A weight array's gradient as the last `gradients` left it.
  public func gradient(of parameter: Parameter) -> [Scalar] {
    engine.withGradients { Array($0[parameter.range]) }
  }

  /// Claims the network for a training of many steps; false where another one has it.
  package func beginTraining() -> Bool {
    !isInTraining.exchange(true, ordering: .acquiringAndReleasing)
  }

  /// Gives up the claim of `beginTraining`.
  package func endTraining() { isInTraining.store(false, ordering: .releasing) }

  /// The number of weights.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }
}

extension Parameter {
  /// Where its numbers are in a flat view.
  package var range: Range<Int> { offset..<offset + count }
}
