import RowwiseCompute
import RowwiseKernelInterface
import RowwiseRandomness

/// Dropout. The zeros of sequence n in step s are a function of (seed, layer, s, n): the same for any
/// number of threads and any resumed run.
final class DropoutNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  private let layer: Dropout
  private let rate: Double
  private let index: Int
  private let result = Buffer<Scalar>()
  private let resultGradient = Buffer<Scalar>()
  private var input: View<Scalar>
  private var inputGradient: View<Scalar>?
  private(set) var output: View<Scalar>
  private(set) var outputGradient: View<Scalar>

  init(_ layer: Dropout, index: Int) {
    self.layer = layer
    rate = layer.rate
    self.index = index
    input = View(start: result.start, stride: 0, width: 0, isSequence: false)
    output = input
    outputGradient = input
  }

  func makeStep(timesteps: Int) -> (any LayerStep<Scalar>)? { IdentityStep<Scalar>() }
  func makeTwin() -> any LayerNode<Scalar> { DropoutNode(layer, index: index) }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    self.input = input
    self.inputGradient = inputGradient
    output = input
    guard pass.isTraining else { return }
    guard pass.isRandom else {
      // Nothing happens on the way back either, where it leads anywhere.
      if let inputGradient { outputGradient = inputGradient }
      return
    }
    let sequences = pass.batch * (input.isSequence ? pass.timesteps : 1)
    result.reserve(sequences * input.width)
    resultGradient.reserve(sequences * input.width)
    output.start = result.start
    output.stride = input.width
    outputGradient = output
    outputGradient.start = resultGradient.start
  }

  var packTasks: Int { 0 }
  func pack(task: Int, isTraining: Bool) {}

  func forward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    guard pass.isTraining, pass.isRandom else { return }
    mask(pass, sequences, from: input, to: output)
  }

  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    guard pass.isRandom, let inputGradient else { return }
    mask(pass, sequences, from: outputGradient, to: inputGradient)
  }

  var gradientTasks: Int { 0 }
  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool) {}

  // Known to be of Float where it is: the compiler does not see it from a node's uses.
  @specialized(where Scalar == Float)
  private func mask(
    _ pass: Pass, _ sequences: Range<Int>, from source: View<Scalar>, to target: View<Scalar>
  ) {
    // The scale is that of the rate which the zeros follow, or the mean would not be kept.
    let threshold = min(UInt64((rate * 65_536).rounded()), 65_535)
    let scale = Scalar(65_536 / Double(65_536 - threshold))
    for n in sequences {
      var random = RandomStream(
        seed: pass.seed, stream: UInt64(index + 1) << 56 | pass.step << 24 | UInt64(n))
      var bits: UInt64 = 0
      var left = 0
      for t in 0..<(source.isSequence ? pass.timesteps : 1) {
        let from = source.start + (t * pass.batch + n) * source.stride
        let to = target.start + (t * pass.batch + n) * target.stride
        for i in 0..<source.width {
          if left == 0 {
            bits = random.next()
            left = 4
          }
          to[i] = bits & 0xFFFF < threshold ? 0 : from[i] * scale
          bits >>= 16
          left -= 1
        }
      }
    }
  }
}
