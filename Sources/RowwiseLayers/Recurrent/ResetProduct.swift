import RowwiseCompute
import RowwiseKernelInterface

/// What a GRU has besides whose reset gate comes before the candidate's recurrent product: that
/// product, (r ⊙ h_{t-1}) R_n.
final class ResetProduct<Scalar: ComputeScalar>: @unchecked Sendable {
  // SAFETY: as the node's that owns it; see `LayerNode`.

  private let kernels: KernelSet<Scalar>
  private let arena: Arena<Scalar>
  private let offset: Int
  private let units: Int
  private let layout: DenseLayout
  /// R_n for the forward product; twins of a node share it.
  let packed: Buffer<Scalar>
  private let packedBackward = Buffer<Scalar>()
  private let noBias: Buffer<Scalar>
  /// r ⊙ h_{t-1}, [T, N, hiddenStride]; of one timestep where they are not kept.
  private let reset = Buffer<Scalar>()
  /// Gradient by r ⊙ h_{t-1} of the timestep at work, [N, hiddenStride].
  private let resetGradient = Buffer<Scalar>()

  init(
    _ layer: Recurrent, kernels: KernelSet<Scalar>, arena: Arena<Scalar>, offset: Int,
    packed: Buffer<Scalar>?
  ) {
    self.kernels = kernels
    self.arena = arena
    self.offset = offset
    units = layer.units
    layout = kernels.denseLayout(layer.units, layer.units)
    self.packed = packed ?? Buffer(layout.packedForwardCount)
    noBias = Buffer(layer.units)
  }

  private var hiddenStride: Int { RowStride.of(units) }

  /// Elements of scratch memory that a gradient task needs.
  var gradientScratch: Int { layout.gradientScratch }

  func prepare(_ pass: Pass) {
    let slot = pass.batch * hiddenStride
    reset.reserve(slot * (pass.isTraining ? pass.timesteps : 1))
    guard pass.isTraining else { return }
    packedBackward.reserve(layout.packedBackwardCount)
    resetGradient.reserve(slot)
  }

  func pack(isTraining: Bool) {
    kernels.densePack(
      units, units, UnsafePointer(arena.values.start + offset), UnsafePointer(noBias.start),
      packed.start, isTraining ? packedBackward.start : nil)
  }

  /// Adds (r ⊙ h_{t-1}) R_n to the candidate's sums.
  ///
  /// - Parameters:
  ///   - h: h_{t-1} as products read it.
  ///   - isZero: whether it is zero, so that nothing comes of its product.
  func forward(
    _ pass: Pass, _ step: CellCall<Scalar>, h: UnsafePointer<Scalar>, isZero: Bool
  ) {
    kernels.cells.reset(call(pass, step, h, product: start(pass, step)))
    guard !isZero else { return }
    kernels.denseForward(product(step, x: start(pass, step)), packed.start)
  }

  /// From the gradient by the candidate's sums to that by the reset gate's.
  ///
  /// - Returns: the gradient by h_{t-1} that comes through this product, [N, hiddenStride].
  func backward(
    _ pass: Pass, _ step: CellCall<Scalar>, h: UnsafePointer<Scalar>
  ) -> UnsafePointer<Scalar> {
    var product = product(step, x: resetGradient.start)
    product.accumulates = false
    kernels.denseBackward(product, packedBackward.start)
    kernels.cells.resetBackward(call(pass, step, h, product: resetGradient.start))
    return UnsafePointer(resetGradient.start)
  }

  var gradientTasks: Int { layout.gradientTasks }

  /// A part of the gradient by R_n.
  ///
  /// - Parameters:
  ///   - first: of the timesteps' sequences, T · N; those before have r ⊙ h = 0.
  ///   - sums: the gradients by all sums.
  func gradient(
    _ pass: Pass, task: Int, from first: Int, sums: UnsafeMutablePointer<Scalar>,
    sumsStride: Int, accumulates: Bool, scratch: UnsafeMutablePointer<Scalar>
  ) {
    kernels.denseGradient(
      DenseCall(
        inputs: units, outputs: units, rows: first..<pass.timesteps * pass.batch, x: reset.start,
        xStride: hiddenStride, y: sums + Gate.GRU.candidate * units, yStride: sumsStride),
      task, arena.gradients.start + offset, nil, accumulates, scratch)
  }

  /// Where r ⊙ h_{t-1} of a timestep is.
  private func start(_ pass: Pass, _ step: CellCall<Scalar>) -> UnsafeMutablePointer<Scalar> {
    reset.start + (pass.isTraining ? step.timestep * pass.batch * hiddenStride : 0)
  }

  private func call(
    _ pass: Pass, _ step: CellCall<Scalar>, _ h: UnsafePointer<Scalar>,
    product: UnsafeMutablePointer<Scalar>
  ) -> ResetCall<Scalar> {
    ResetCall(
      rows: step.rows, hidden: units, gate: step.sums + Gate.GRU.reset * units,
      gateStride: step.sumsStride, hiddenBefore: h, product: product, hiddenStride: hiddenStride)
  }

  private func product(
    _ step: CellCall<Scalar>, x: UnsafeMutablePointer<Scalar>
  ) -> DenseCall<Scalar> {
    DenseCall(
      inputs: units, outputs: units, rows: step.rows, x: x, xStride: hiddenStride,
      y: step.sums + Gate.GRU.candidate * units, yStride: step.sumsStride, accumulates: true)
  }
}
