import RowwiseCompute
import RowwiseKernelInterface

/// A layer with its input, or a projection of it, added to its output.
final class ResidualNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  private let inner: any LayerNode<Scalar>
  private let width: Int
  private let features: Int
  /// Distance between rows of the output.
  private let stride: Int
  private let kernels: KernelSet<Scalar>
  private let arena: Arena<Scalar>
  /// Of P; nil where the input is added as it is.
  private let projectionOffset: Int?
  private let layout: DenseLayout
  private let packedForward: Buffer<Scalar>
  private let packedBackward = Buffer<Scalar>()
  /// Stands for the projection's bias, which it has not.
  private let noBias: Buffer<Scalar>
  private let result = Buffer<Scalar>()
  private var scratch: [Buffer<Scalar>] = []
  private var input: View<Scalar>
  private var inputGradient: View<Scalar>?
  private(set) var output: View<Scalar>
  /// The inner layer's own: both terms of the sum have the sum's gradient, and the layer only reads
  /// it.
  var outputGradient: View<Scalar> { inner.outputGradient }

  /// - Parameters:
  ///   - width: of the output.
  ///   - features: of the input.
  ///   - isPacked: whether rows of the output have no gaps between them.
  ///   - packedForward: of the node that this one is a twin of.
  init(
    _ inner: any LayerNode<Scalar>, width: Int, features: Int, isPacked: Bool = false,
    kernels: KernelSet<Scalar>, arena: Arena<Scalar>, projectionOffset: Int?,
    packedForward: Buffer<Scalar>? = nil
  ) {
    self.inner = inner
    self.width = width
    self.features = features
    stride = isPacked ? width : RowStride.of(width)
    self.kernels = kernels
    self.arena = arena
    self.projectionOffset = projectionOffset
    layout = kernels.denseLayout(features, width)
    self.packedForward =
      packedForward ?? Buffer(projectionOffset == nil ? 0 : layout.packedForwardCount)
    noBias = Buffer(width)
    input = View(start: result.start, stride: 0, width: 0, isSequence: false)
    output = input
  }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    self.input = input
    self.inputGradient = inputGradient
    inner.prepare(pass, input: input, inputGradient: inputGradient, workers: workers)
    result.reserve(input.vectors(pass) * stride)
    output = View(
      start: result.start, stride: stride, width: width, isSequence: input.isSequence)
    guard projectionOffset != nil, pass.isTraining else { return }
    packedBackward.reserve(layout.packedBackwardCount)
    while scratch.count < workers { scratch.append(Buffer()) }
    for buffer in scratch { buffer.reserve(layout.gradientScratch) }
  }

  func makeStep(timesteps: Int) -> (any LayerStep<Scalar>)? {
    inner.makeStep(timesteps: timesteps).map {
      ResidualStep(
        $0, features: features, width: width, kernels: kernels,
        packed: projectionOffset == nil ? nil : packedForward)
    }
  }

  func makeTwin() -> any LayerNode<Scalar> {
    ResidualNode(
      inner.makeTwin(), width: width, features: features, isPacked: stride == width,
      kernels: kernels, arena: arena, projectionOffset: projectionOffset,
      packedForward: packedForward)
  }

  var sequencesTogether: Int { inner.sequencesTogether }

  var packTasks: Int { inner.packTasks + (projectionOffset == nil ? 0 : 1) }

  func pack(task: Int, isTraining: Bool) {
    guard task == inner.packTasks, let projectionOffset else {
      inner.pack(task: task, isTraining: isTraining)
      return
    }
    kernels.densePack(
      features, width, arena.values.start + projectionOffset, noBias.start, packedForward.start,
      isTraining ? packedBackward.start : nil)
  }

  func forward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    inner.forward(pass, sequences: sequences, worker: worker)
    for t in 0..<(input.isSequence ? pass.timesteps : 1) {
      if projectionOffset == nil {
        for n in sequences {
          vector(output, pass, t, n).update(from: vector(input, pass, t, n), count: width)
        }
      } else {
        kernels.denseForward(
          projection(pass, t, sequences, x: input, y: output), packedForward.start)
      }
      add(inner.output, to: output, pass, t, sequences)
    }
  }

  var segments: Int { inner.segments }

  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    inner.backward(pass, sequences: sequences, worker: worker)
    guard pass.segment == 0, let inputGradient else { return }
    for t in 0..<(input.isSequence ? pass.timesteps : 1) {
      if projectionOffset == nil {
        add(outputGradient, to: inputGradient, pass, t, sequences)
      } else {
        var call = projection(pass, t, sequences, x: inputGradient, y: outputGradient)
        call.accumulates = true
        kernels.denseBackward(call, packedBackward.start)
      }
    }
  }

  var gradientTasks: Int {
    inner.gradientTasks + (projectionOffset == nil ? 0 : layout.gradientTasks)
  }

  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool) {
    guard task >= inner.gradientTasks, let projectionOffset else {
      inner.gradient(pass, task: task, worker: worker, accumulates: accumulates)
      return
    }
    // The projection is over all timesteps, whatever segments the layer has: once, with the first.
    guard pass.segment == segments - 1 else { return }
    kernels.denseGradient(
      DenseCall(
        inputs: features, outputs: width, rows: 0..<input.vectors(pass), x: input.start,
        xStride: input.stride, y: outputGradient.start, yStride: outputGradient.stride),
      task - inner.gradientTasks, arena.gradients.start + projectionOffset, nil,
      accumulates, scratch[worker].start)
  }

  private func vector(
    _ view: View<Scalar>, _ pass: Pass, _ t: Int, _ n: Int
  ) -> UnsafeMutablePointer<Scalar> {
    view.start + (t * pass.batch + n) * view.stride
  }

  private func add(
    _ from: View<Scalar>, to: View<Scalar>, _ pass: Pass, _ t: Int, _ sequences: Range<Int>
  ) {
    kernels.cells.add(
      RowsCall(
        rows: sequences, width: width, x: UnsafePointer(vector(from, pass, t, 0)),
        xStride: from.stride,
        y: vector(to, pass, t, 0), yStride: to.stride),
      nil)
  }

  private func projection(
    _ pass: Pass, _ t: Int, _ sequences: Range<Int>, x: View<Scalar>, y: View<Scalar>
  ) -> DenseCall<Scalar> {
    DenseCall(
      inputs: features, outputs: width, rows: sequences, x: vector(x, pass, t, 0),
      xStride: x.stride,
      y: vector(y, pass, t, 0), yStride: y.stride)
  }
}
