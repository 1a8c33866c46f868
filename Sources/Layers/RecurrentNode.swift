import Compute
import KernelInterface

/// One recurrent layer in one direction, put together from products and its cell's element-wise
/// part.
///
/// Chunks of rows go through all timesteps, one after the other: the sums of a chunk stay in the
/// second-level cache between the products and the element-wise part.
final class RecurrentNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: changed by `prepare` only, which runs alone; tasks write disjoint parts of the buffers.

  /// Offsets in the arena.
  struct Offsets {
    var input: Int
    var recurrent: Int
    var bias: Int
    /// For cells that keep the recurrent sums apart.
    var recurrentBias: Int?
  }

  private let kernels: KernelSet<Scalar>
  private let cell: RecurrentCell
  private let units: Int
  private let features: Int
  private let returnSequences: Bool
  private let arena: Arena<Scalar>
  private let offsets: Offsets
  private let inputProduct: DenseLayout
  private let recurrentProduct: DenseLayout
  private let turned: TurnedSequences<Scalar>?

  private let packed: (input: Buffer<Scalar>, recurrent: Buffer<Scalar>)
  private let packedBackward = (input: Buffer<Scalar>(), recurrent: Buffer<Scalar>())
  /// Stand for the bias of a product that has none, and for that bias's gradient.
  private let noBias: Buffer<Scalar>
  private let noBiasGradient: Buffer<Scalar>
  private let hidden = Buffer<Scalar>()
  private let sums = Buffer<Scalar>()
  private let recurrentSums = Buffer<Scalar>()
  private let hiddenGradient = Buffer<Scalar>()
  private let sequenceGradient = Buffer<Scalar>()
  private var scratch: [Buffer<Scalar>] = []

  private var input: View<Scalar>
  private var inputGradient: View<Scalar>?
  private(set) var output: View<Scalar>
  private(set) var outputGradient: View<Scalar>

  /// - Parameter isBackwards: whether it reads from the end; the layer's own direction may be
  ///   both, and this node one of the two.
  init(
    _ layer: Recurrent, isBackwards: Bool, features: Int, kernels: KernelSet<Scalar>,
    arena: Arena<Scalar>, offsets: Offsets
  ) {
    self.kernels = kernels
    self.features = features
    self.arena = arena
    self.offsets = offsets
    cell = layer.cell
    units = layer.units
    returnSequences = layer.returnSequences
    let columns = layer.cell.gates * layer.units
    inputProduct = kernels.denseLayout(features, columns)
    recurrentProduct = kernels.denseLayout(layer.units, columns)
    packed = (
      Buffer(inputProduct.packedForwardCount), Buffer(recurrentProduct.packedForwardCount)
    )
    noBias = Buffer(columns)
    noBiasGradient = Buffer(columns)
    turned = isBackwards ? TurnedSequences(features: features) : nil
    let nothing = View(start: hidden.start, stride: 0, width: 0, isSequence: false)
    input = nothing
    output = nothing
    outputGradient = nothing
  }

  private var columns: Int { cell.gates * units }
  private var hiddenStride: Int { RowStride.of(units) }
  private var sumsStride: Int { RowStride.of(columns) }
  /// Elements of one timestep's sums, and their distance: none where they are not kept.
  private func sumsStep(_ pass: Pass) -> Int { pass.isTraining ? pass.batch * sumsStride : 0 }
  private func slotMask(_ pass: Pass) -> Int { pass.isTraining || returnSequences ? -1 : 1 }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    let rows = pass.batch * hiddenStride
    hidden.reserve(rows * (slotMask(pass) == 1 ? 2 : pass.timesteps + 1))
    let sumsCount = pass.batch * sumsStride * (pass.isTraining ? pass.timesteps : 1)
    sums.reserve(sumsCount)
    if cell.keepsRecurrentSums { recurrentSums.reserve(sumsCount) }
    self.input = turned?.prepare(pass, input) ?? input
    self.inputGradient = inputGradient.map { turned?.prepareGradient(pass, $0) ?? $0 }
    output =
      returnSequences
      ? View(start: hidden.start + rows, stride: hiddenStride, width: units, isSequence: true)
      : View(
        start: hidden.start + (pass.timesteps & slotMask(pass)) * rows, stride: hiddenStride,
        width: units, isSequence: false)
    guard pass.isTraining else { return }
    packedBackward.input.reserve(inputProduct.packedBackwardCount)
    packedBackward.recurrent.reserve(recurrentProduct.packedBackwardCount)
    hiddenGradient.reserve(rows)
    if returnSequences { sequenceGradient.reserve(pass.timesteps * rows) }
    outputGradient = output
    outputGradient.start = returnSequences ? sequenceGradient.start : hiddenGradient.start
    while scratch.count < workers { scratch.append(Buffer()) }
    let size = max(
      gradientScratch(inputProduct, pass), gradientScratch(recurrentProduct, pass))
    for buffer in scratch { buffer.reserve(size) }
  }

  private func gradientScratch(_ layout: DenseLayout, _ pass: Pass) -> Int {
    layout.gradientScratch + layout.gradientScratchPerRow * pass.timesteps * pass.batch
  }

  // MARK: Packing

  var packTasks: Int { 2 }

  func pack(task: Int, isTraining: Bool) {
    let weights = arena.values.start
    if task == 0 {
      kernels.densePack(
        features, columns, weights + offsets.input, weights + offsets.bias, packed.input.start,
        isTraining ? packedBackward.input.start : nil)
    } else {
      kernels.densePack(
        units, columns, weights + offsets.recurrent,
        offsets.recurrentBias.map { UnsafePointer(weights + $0) } ?? UnsafePointer(noBias.start),
        packed.recurrent.start, isTraining ? packedBackward.recurrent.start : nil)
    }
  }

  // MARK: Passes

  func forward(_ pass: Pass, rows: Range<Int>, worker: Int) {
    (hidden.start + rows.lowerBound * hiddenStride).update(
      repeating: 0, count: rows.count * hiddenStride)
    turned?.turn(pass, rows)
    for chunk in Self.chunks(rows) {
      for t in 0..<pass.timesteps {
        let step = call(pass, t, chunk)
        kernels.denseForward(inputCall(pass, t, chunk, x: input), packed.input.start)
        kernels.denseForward(recurrentCall(step), packed.recurrent.start)
        kernels.cells.forward(step)
      }
    }
  }

  func backward(_ pass: Pass, rows: Range<Int>, worker: Int) {
    if returnSequences {
      (hiddenGradient.start + rows.lowerBound * hiddenStride).update(
        repeating: 0, count: rows.count * hiddenStride)
    }
    for chunk in Self.chunks(rows) {
      for t in (0..<pass.timesteps).reversed() {
        let step = call(pass, t, chunk)
        kernels.cells.backward(
          step,
          CellGradients(
            output: returnSequences
              ? UnsafePointer(sequenceGradient.start + t * pass.batch * hiddenStride) : nil,
            outputStride: hiddenStride, hidden: hiddenGradient.start))
        var product = recurrentCall(step)
        product.x = hiddenGradient.start
        product.accumulates = true
        kernels.denseBackward(product, packedBackward.recurrent.start)
      }
      guard let inputGradient else { continue }
      for t in 0..<pass.timesteps {
        kernels.denseBackward(
          inputCall(pass, t, chunk, x: inputGradient), packedBackward.input.start)
      }
    }
    turned?.turnGradient(pass, rows)
  }

  var gradientTasks: Int { inputProduct.gradientTasks + recurrentProduct.gradientTasks }

  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool) {
    let gradients = arena.gradients.start
    let rows = 0..<pass.timesteps * pass.batch
    if task < inputProduct.gradientTasks {
      kernels.denseGradient(
        DenseCall(
          inputs: features, outputs: columns, rows: rows, x: input.start, xStride: input.stride,
          y: sums.start, yStride: sumsStride),
        task, gradients + offsets.input, gradients + offsets.bias, accumulates,
        scratch[worker].start)
      return
    }
    kernels.denseGradient(
      DenseCall(
        inputs: units, outputs: columns, rows: rows, x: hidden.start, xStride: hiddenStride,
        y: cell.keepsRecurrentSums ? recurrentSums.start : sums.start, yStride: sumsStride),
      task - inputProduct.gradientTasks, gradients + offsets.recurrent,
      offsets.recurrentBias.map { gradients + $0 } ?? noBiasGradient.start, accumulates,
      scratch[worker].start)
  }

  // MARK: Calls

  /// Rows that go through all timesteps together; see `chunkRows` of the kernels.
  private static func chunks(_ rows: Range<Int>) -> [Range<Int>] {
    let count = max(1, (rows.count + 47) / 48)
    return (0..<count).map { chunk in
      rows.lowerBound + chunk * rows.count / count..<rows.lowerBound + (chunk + 1) * rows.count
        / count
    }
  }

  private func call(_ pass: Pass, _ t: Int, _ rows: Range<Int>) -> CellCall<Scalar> {
    let slot = pass.batch * hiddenStride
    let mask = slotMask(pass)
    return CellCall(
      cell: cell, hidden: units, timestep: t, rows: rows, lengths: pass.lengths,
      sums: sums.start + t * sumsStep(pass),
      recurrentSums: cell.keepsRecurrentSums ? recurrentSums.start + t * sumsStep(pass) : nil,
      sumsStride: sumsStride, hiddenBefore: hidden.start + (t & mask) * slot,
      hiddenAfter: hidden.start + ((t + 1) & mask) * slot, hiddenStride: hiddenStride)
  }

  /// x_t W + b, with x or its gradient.
  private func inputCall(
    _ pass: Pass, _ t: Int, _ rows: Range<Int>, x: View<Scalar>
  ) -> DenseCall<Scalar> {
    DenseCall(
      inputs: features, outputs: columns, rows: rows, x: x.start + t * pass.batch * x.stride,
      xStride: x.stride, y: sums.start + t * sumsStep(pass), yStride: sumsStride)
  }

  /// h_{t-1} R, onto the input sums or apart.
  private func recurrentCall(_ step: CellCall<Scalar>) -> DenseCall<Scalar> {
    DenseCall(
      inputs: units, outputs: columns, rows: step.rows,
      x: UnsafeMutablePointer(mutating: step.hiddenBefore), xStride: hiddenStride,
      y: step.recurrentSums ?? step.sums, yStride: sumsStride,
      accumulates: step.recurrentSums == nil)
  }
}
