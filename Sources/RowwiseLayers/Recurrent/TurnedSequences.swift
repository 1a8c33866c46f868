import RowwiseCompute

/// A sequence in reading order where that is not the order of time: step s of sequence n is timestep
/// length(n) − 1 − s.
final class TurnedSequences<Scalar: ComputeScalar>: @unchecked Sendable {
  // SAFETY: as the node's that owns it; see `LayerNode`.

  private let features: Int
  private let values = Buffer<Scalar>()
  private let gradients = Buffer<Scalar>()
  private var source: View<Scalar>?
  private var target: View<Scalar>?

  init(features: Int) { self.features = features }

  /// Takes the input; returns where `turn` will put it.
  func prepare(_ pass: Pass, _ input: View<Scalar>) -> View<Scalar> {
    values.reserve(pass.timesteps * pass.batch * features)
    source = input
    target = nil
    return View(start: values.start, stride: features, width: features, isSequence: true)
  }

  /// Takes the receiver of the input's gradient; returns from where `turnGradient` will take it.
  func prepareGradient(_ pass: Pass, _ gradient: View<Scalar>) -> View<Scalar> {
    gradients.reserve(pass.timesteps * pass.batch * features)
    target = gradient
    return View(start: gradients.start, stride: features, width: features, isSequence: true)
  }

  /// Brings sequences into reading order; steps after their ends become zero.
  func turn(_ pass: Pass, _ sequences: Range<Int>) {
    guard let source else { return }
    copy(
      pass, sequences, from: source,
      to: View(start: values.start, stride: features, width: features, isSequence: true))
  }

  /// Brings sequences of the gradient into the order of time.
  func turnGradient(_ pass: Pass, _ sequences: Range<Int>) {
    guard let target else { return }
    copy(
      pass, sequences,
      from: View(start: gradients.start, stride: features, width: features, isSequence: true),
      to: target)
  }

  private func copy(
    _ pass: Pass, _ sequences: Range<Int>, from: View<Scalar>, to: View<Scalar>
  ) {
    for n in sequences {
      let length = pass.length(n)
      for s in 0..<pass.timesteps {
        let row = to.start + (s * pass.batch + n) * to.stride
        if s < length {
          row.update(
            from: from.start + ((length - 1 - s) * pass.batch + n) * from.stride, count: features)
        } else {
          row.clear(features)
        }
      }
    }
  }
}
