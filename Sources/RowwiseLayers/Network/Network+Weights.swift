import RowwiseCompute
import Synchronization

extension Network {
  /// A weight array's numbers, row-major.
  public func values(of parameter: Parameter) -> [Scalar] {
    access.beginReading()
    defer { access.endReading() }
    return elements(of: parameter, in: arena.values)
  }

  private func elements(of parameter: Parameter, in buffer: Buffer<Scalar>) -> [Scalar] {
    Array(UnsafeBufferPointer(start: buffer.start + parameter.offset, count: parameter.count))
  }

  /// Replaces a weight array; the count must match.
  public func setValues(_ values: [Scalar], of parameter: Parameter) {
    changeWeights { weights, _ in set(values, of: parameter, in: weights) }
  }

  private func set(_ values: [Scalar], of parameter: Parameter, in weights: Buffer<Scalar>) {
    precondition(
      values.count == parameter.count,
      "\(parameter.name) has \(parameter.count) numbers, not \(values.count)")
    values.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      (weights.start + parameter.offset).update(from: base, count: source.count)
    }
  }

  /// All weight arrays' numbers, of one moment, in the order of `parameters`.
  package var allValues: [[Scalar]] {
    get {
      access.beginReading()
      defer { access.endReading() }
      return parameters.map { elements(of: $0, in: arena.values) }
    }
    set {
      changeWeights { weights, _ in
        for (parameter, values) in zip(parameters, newValue) {
          set(values, of: parameter, in: weights)
        }
      }
    }
  }

  /// A weight array's gradient as the last `gradients` left it.
  public func gradient(of parameter: Parameter) -> [Scalar] {
    access.beginReading()
    defer { access.endReading() }
    return elements(of: parameter, in: arena.gradients)
  }

  /// Elements of the arena, which `changeWeights` and `withWeights` give.
  package var arenaCount: Int { arena.values.count }

  /// Gives the arenas of weights and gradients to be changed, when nobody else uses the network.
  /// `body` must call nothing of it.
  package func changeWeights<Result>(
    _ body: (_ values: Buffer<Scalar>, _ gradients: Buffer<Scalar>) -> Result
  ) -> Result {
    access.beginWriting()
    defer {
      isPacked = false
      access.endWriting()
    }
    return body(arena.values, arena.gradients)
  }

  /// Gives the arena of weights to be read. `body` must call nothing of the network.
  package func withWeights<Result>(_ body: (_ values: Buffer<Scalar>) -> Result) -> Result {
    access.beginReading()
    defer { access.endReading() }
    return body(arena.values)
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
