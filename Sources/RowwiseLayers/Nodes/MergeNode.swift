import RowwiseCompute
import RowwiseKernelInterface

/// Neighbouring patches side by side; see `Merge`.
final class MergeNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  private let factor: Int
  private let columns: Int
  /// Numbers of a patch that is read, D.
  private let patch: Int
  private var views = NodeViews<Scalar>()

  private var input: View<Scalar> { views.input }
  private var inputGradient: View<Scalar>? { views.inputGradient }
  var output: View<Scalar> { views.output }
  var outputGradient: View<Scalar> { views.outputGradient }

  /// - Parameters:
  ///   - columns: patches side by side in what is read.
  ///   - features: width of what is read.
  init(factor: Int, columns: Int, features: Int) {
    self.factor = factor
    self.columns = columns
    patch = features / columns
  }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    views.prepare(
      pass, input: input, inputGradient: inputGradient,
      vectors: ceiling(pass.timesteps) * pass.batch,
      width: ceiling(columns) * factor * factor * patch, isSequence: true)
  }

  func makeTwin() -> any LayerNode<Scalar> {
    MergeNode(factor: factor, columns: columns, features: columns * patch)
  }

  var packTasks: Int { 0 }
  func pack(task: Int, isTraining: Bool) {}

  func forward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    forEachRun(pass, sequences) { merged, place, count in
      let target = output.start + merged
      if let place { target.update(from: input.start + place, count: count) }
      (target + (place == nil ? 0 : count)).clear(factor * patch - (place == nil ? 0 : count))
    }
  }

  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    guard let dx = inputGradient else { return }
    forEachRun(pass, sequences) { merged, place, count in
      guard let place else { return }
      (dx.start + place).update(from: outputGradient.start + merged, count: count)
    }
  }

  var gradientTasks: Int { 0 }
  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool) {}

  private func ceiling(_ count: Int) -> Int { (count + factor - 1) / factor }

  /// Calls `body` with the place of each run of `factor` patches in the output, that of the patches in the
  /// input, nil where all lie beyond the edge, and how many numbers lie within.
  private func forEachRun(
    _ pass: Pass, _ sequences: Range<Int>,
    _ body: (_ merged: Int, _ place: Int?, _ count: Int) -> Void
  ) {
    let run = factor * patch
    for t in 0..<ceiling(pass.timesteps) {
      for n in sequences {
        let row = (t * pass.batch + n) * output.stride
        for column in 0..<ceiling(columns) {
          for y in 0..<factor {
            let merged = row + (column * factor + y) * run
            let source = t * factor + y
            guard source < pass.timesteps else {
              body(merged, nil, 0)
              continue
            }
            body(
              merged, (source * pass.batch + n) * input.stride + column * run,
              min(factor, columns - column * factor) * patch)
          }
        }
      }
    }
  }
}
