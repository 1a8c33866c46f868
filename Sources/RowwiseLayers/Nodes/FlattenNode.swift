import RowwiseCompute
import RowwiseKernelInterface

/// All timesteps of a sequence side by side, [N, T · D]; zeros after a sequence's end.
final class FlattenNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  private let result = Buffer<Scalar>()
  private let resultGradient = Buffer<Scalar>()
  private var input: View<Scalar>
  private var inputGradient: View<Scalar>?
  private(set) var output: View<Scalar>
  private(set) var outputGradient: View<Scalar>

  init() {
    input = View(start: result.start, stride: 0, width: 0, isSequence: false)
    output = input
    outputGradient = input
  }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    self.input = input
    self.inputGradient = inputGradient
    let width = pass.timesteps * input.width
    result.reserve(pass.batch * width)
    output = View(start: result.start, stride: width, width: width, isSequence: false)
    guard pass.isTraining else { return }
    resultGradient.reserve(pass.batch * width)
    outputGradient = output
    outputGradient.start = resultGradient.start
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
