import RowwiseCompute
import RowwiseKernelInterface

/// What a node reads, and what it gives: numbers of its own, without gaps between the vectors.
struct NodeViews<Scalar: ComputeScalar> {
  private let result = Buffer<Scalar>()
  private let resultGradient = Buffer<Scalar>()
  private(set) var input: View<Scalar>
  private(set) var inputGradient: View<Scalar>?
  private(set) var output: View<Scalar>
  private(set) var outputGradient: View<Scalar>

  /// Views of nothing, before a pass is prepared.
  init() {
    input = View(start: result.start, stride: 0, width: 0, isSequence: false)
    output = input
    outputGradient = input
  }

  /// Takes the input, and gets room for what is given, and for its gradient in training.
  ///
  /// - Parameters:
  ///   - vectors: that are given, all sequences' and timesteps' together.
  ///   - width: of each.
  ///   - isSequence: whether there is one for each timestep.
  mutating func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, vectors: Int, width: Int,
    isSequence: Bool
  ) {
    self.input = input
    self.inputGradient = inputGradient
    result.reserve(vectors * width)
    output = View(start: result.start, stride: width, width: width, isSequence: isSequence)
    guard pass.isTraining else { return }
    resultGradient.reserve(vectors * width)
    outputGradient = output
    outputGradient.start = resultGradient.start
  }
}
