import RowwiseCompute
import RowwiseKernelInterface

/// All timesteps of a sequence side by side, [N, T · D]; zeros after a sequence's end.
final class FlattenNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  private var views = NodeViews<Scalar>()

  private var input: View<Scalar> { views.input }
  private var inputGradient: View<Scalar>? { views.inputGradient }
  var output: View<Scalar> { views.output }
  var outputGradient: View<Scalar> { views.outputGradient }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    views.prepare(
      pass, input: input, inputGradient: inputGradient, vectors: pass.batch,
      width: pass.timesteps * input.width, isSequence: false)
  }

  func makeTwin() -> any LayerNode<Scalar> { FlattenNode() }

  var packTasks: Int { 0 }
  func pack(task: Int, isTraining: Bool) {}

  func forward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    for n in sequences {
      let length = pass.length(n)
      for t in 0..<pass.timesteps {
        let target = output.start + n * output.stride + t * input.width
        if t < length {
          target.update(
            from: input.start + (t * pass.batch + n) * input.stride, count: input.width)
        } else {
          target.clear(input.width)
        }
      }
    }
  }

  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    guard let dx = inputGradient else { return }
    for n in sequences {
      let length = pass.length(n)
      for t in 0..<pass.timesteps {
        let target = dx.start + (t * pass.batch + n) * dx.stride
        if t < length {
          target.update(
            from: outputGradient.start + n * outputGradient.stride + t * input.width,
            count: input.width)
        } else {
          target.clear(input.width)
        }
      }
    }
  }

  var gradientTasks: Int { 0 }
  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool) {}
}
