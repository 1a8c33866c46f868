import RowwiseCompute
import RowwiseKernelInterface

/// Layer normalisation of every vector; see `LayerNorm`.
final class NormNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  private let width: Int
  private let kernels: KernelSet<Scalar>
  private let arena: Arena<Scalar>
  private let offsets: (gain: Int, bias: Int)
  /// Two numbers of every vector; see `NormCall`.
  private let statistics = Buffer<Scalar>()
  private var views = NodeViews<Scalar>()

  private var input: View<Scalar> { views.input }
  private var inputGradient: View<Scalar>? { views.inputGradient }
  var output: View<Scalar> { views.output }
  var outputGradient: View<Scalar> { views.outputGradient }

  init(
    width: Int, kernels: KernelSet<Scalar>, arena: Arena<Scalar>, offsets: (gain: Int, bias: Int)
  ) {
    self.width = width
    self.kernels = kernels
    self.arena = arena
    self.offsets = offsets
  }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    let vectors = input.vectors(pass)
    views.prepare(
      pass, input: input, inputGradient: inputGradient, vectors: vectors, width: width,
      isSequence: input.isSequence)
    statistics.reserve(vectors * 2)
  }

  func makeStep(timesteps: Int) -> (any LayerStep<Scalar>)? {
    NormStep(
      width: width, kernels: kernels, gain: arena.values.start + offsets.gain,
      bias: arena.values.start + offsets.bias)
  }

  func makeTwin() -> any LayerNode<Scalar> {
    NormNode(width: width, kernels: kernels, arena: arena, offsets: offsets)
  }

  var packTasks: Int { 0 }
  func pack(task: Int, isTraining: Bool) {}

  func forward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    input.forEachStep(pass, sequences) { rows in
      kernels.cells.norm.forward(
        call(rows), arena.values.start + offsets.bias, output.start, width)
    }
  }

  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    guard let dx = inputGradient else { return }
    input.forEachStep(pass, sequences) { rows in
      kernels.cells.norm.backward(call(rows), outputGradient.start, width, dx.start, dx.stride)
    }
  }

  /// Columns of one task, whose rows all threads read.
  private static var columnsPerTask: Int { 64 }

  var gradientTasks: Int { (width + Self.columnsPerTask - 1) / Self.columnsPerTask }

  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool) {
    let first = task * Self.columnsPerTask
    let columns = first..<min(first + Self.columnsPerTask, width)
    let gain = arena.gradients.start + offsets.gain
    let bias = arena.gradients.start + offsets.bias
    if !accumulates {
      (gain + first).clear(columns.count)
      (bias + first).clear(columns.count)
    }
    kernels.cells.norm.gradient(
      call(0..<input.vectors(pass)), columns, outputGradient.start, width, gain, bias)
  }

  private func call(_ rows: Range<Int>) -> NormCall<Scalar> {
    NormCall(
      width: width, rows: rows, x: UnsafePointer(input.start), xStride: input.stride,
      statistics: statistics.start, gain: arena.values.start + offsets.gain)
  }
}

/// Layer normalisation of one timestep.
final class NormStep<Scalar: ComputeScalar>: LayerStep {
  private let width: Int
  private let kernels: KernelSet<Scalar>
  private let gain: UnsafePointer<Scalar>
  private let bias: UnsafePointer<Scalar>
  private let output: Buffer<Scalar>
  private let statistics: Buffer<Scalar>

  /// - Parameter gain: γ, which must outlive this, as must `bias`.
  init(
    width: Int, kernels: KernelSet<Scalar>, gain: UnsafePointer<Scalar>,
    bias: UnsafePointer<Scalar>
  ) {
    self.width = width
    self.kernels = kernels
    self.gain = gain
    self.bias = bias
    output = Buffer(width)
    statistics = Buffer(2)
  }

  func reset() {}

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func read(_ x: UnsafePointer<Scalar>) -> UnsafePointer<Scalar> {
    kernels.cells.norm.forward(
      NormCall(
        width: width, rows: 0..<1, x: x, xStride: width, statistics: statistics.start, gain: gain),
      bias, output.start, width)
    return UnsafePointer(output.start)
  }
}
