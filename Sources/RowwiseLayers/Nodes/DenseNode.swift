import RowwiseCompute
import RowwiseKernelInterface

/// A fully connected layer, of every timestep by itself where it reads sequences; softmax, if any, belongs to
/// the loss and is not applied here.
final class DenseNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  private let kernels: KernelSet<Scalar>
  private let inputs: Int
  private let layer: Dense
  private let units: Int
  private let activation: Activation
  private let layout: DenseLayout
  private let arena: Arena<Scalar>
  private let offsets: (weight: Int, bias: Int)
  private let packedForward: Buffer<Scalar>
  private let packedBackward = Buffer<Scalar>()
  private var scratch: [Buffer<Scalar>] = []
  private var views = NodeViews<Scalar>()

  private var input: View<Scalar> { views.input }
  private var inputGradient: View<Scalar>? { views.inputGradient }
  var output: View<Scalar> { views.output }
  var outputGradient: View<Scalar> { views.outputGradient }

  /// - Parameter packedForward: of the node that this one is a twin of.
  init(
    _ layer: Dense, inputs: Int, kernels: KernelSet<Scalar>, arena: Arena<Scalar>,
    offsets: (weight: Int, bias: Int), packedForward: Buffer<Scalar>? = nil
  ) {
    self.layer = layer
    self.kernels = kernels
    self.inputs = inputs
    self.arena = arena
    self.offsets = offsets
    units = layer.units
    activation =
      switch layer.activation {
      case .linear, .softmax: .linear
      case .relu: .relu
      case .tanh: .tanh
      case .sigmoid: .sigmoid
      }
    layout = kernels.denseLayout(inputs, layer.units)
    self.packedForward = packedForward ?? Buffer(layout.packedForwardCount)
  }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    views.prepare(
      pass, input: input, inputGradient: inputGradient, vectors: input.vectors(pass), width: units,
      isSequence: input.isSequence)
    guard pass.isTraining else { return }
    packedBackward.reserve(layout.packedBackwardCount)
    while scratch.count < workers { scratch.append(Buffer()) }
    for buffer in scratch { buffer.reserve(layout.gradientScratch) }
  }

  func makeStep(timesteps: Int) -> (any LayerStep<Scalar>)? {
    DenseStep(
      inputs: inputs, units: units, activation: activation, kernels: kernels,
      packed: packedForward)
  }

  func makeTwin() -> any LayerNode<Scalar> {
    DenseNode(
      layer, inputs: inputs, kernels: kernels, arena: arena, offsets: offsets,
      packedForward: packedForward)
  }

  var packTasks: Int { 1 }

  func pack(task: Int, isTraining: Bool) {
    kernels.densePack(
      inputs, units, arena.values.start + offsets.weight, arena.values.start + offsets.bias,
      packedForward.start, isTraining ? packedBackward.start : nil)
  }

  func forward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    input.forEachStep(pass, sequences) { rows in
      kernels.denseForward(
        DenseCall(
          inputs: inputs, outputs: units, rows: rows, x: input.start, xStride: input.stride,
          y: output.start, yStride: units),
        packedForward.start)
      kernels.activate(activation, output.start + rows.lowerBound * units, rows.count * units)
    }
  }

  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    input.forEachStep(pass, sequences) { rows in
      let first = rows.lowerBound * units
      kernels.activateBackward(
        activation, output.start + first, outputGradient.start + first, rows.count * units)
      guard let dx = inputGradient else { return }
      kernels.denseBackward(
        DenseCall(
          inputs: inputs, outputs: units, rows: rows, x: dx.start, xStride: dx.stride,
          y: outputGradient.start, yStride: units),
        packedBackward.start)
    }
  }

  var gradientTasks: Int { layout.gradientTasks }

  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool) {
    kernels.denseGradient(
      DenseCall(
        inputs: inputs, outputs: units, rows: 0..<input.vectors(pass), x: input.start,
        xStride: input.stride, y: outputGradient.start, yStride: units),
      task, arena.gradients.start + offsets.weight, arena.gradients.start + offsets.bias,
      accumulates, scratch[worker].start)
  }
}
