import RowwiseCompute

/// A recurrent layer of any cell that reads one timestep at a time: passes of one timestep of one
/// sequence, each beginning where the last one ended.
final class RecurrentStep<Scalar: ComputeScalar>: LayerStep {
  private let node: RecurrentNode<Scalar>
  private let input: Buffer<Scalar>
  private let pass = Pass(
    timesteps: 1, batch: 1, isTraining: false, step: 0, seed: 0, lengths: nil, activationBudget: 0)
  private var isFirst = true

  /// - Parameter node: for this step alone.
  init(_ node: RecurrentNode<Scalar>, features: Int) {
    self.node = node
    input = Buffer(features)
    node.prepare(
      pass,
      input: View(start: input.start, stride: features, width: features, isSequence: true),
      inputGradient: nil, workers: 1)
  }

  func reset() { isFirst = true }

  func initialOutput() -> UnsafePointer<Scalar>? {
    guard !node.startsAtZero else { return nil }
    node.begin(pass, 0..<1)
    return node.initialHidden
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func read(_ x: UnsafePointer<Scalar>) -> UnsafePointer<Scalar> {
    input.start.update(from: x, count: input.count)
    if isFirst { node.begin(pass, 0..<1) }
    node.step(pass, 0, 0..<1, worker: 0, isZero: isFirst && node.startsAtZero)
    isFirst = false
    return node.carryOver(pass)
  }
}
