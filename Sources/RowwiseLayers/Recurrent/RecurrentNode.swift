import RowwiseCompute
import RowwiseKernelInterface

/// One recurrent layer in one direction, put together from products and its cell's element-wise
/// part.
///
/// Chunks of sequences go through all timesteps, one after the other: the sums of a chunk stay in the
/// second-level cache between the products and the element-wise part.
final class RecurrentNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  private let kernels: KernelSet<Scalar>
  private let layer: Recurrent
  private let index: Int
  private let cell: RecurrentCell
  private let units: Int
  private let features: Int
  private let arena: Arena<Scalar>
  private let offsets: [RecurrentWeights.Role: Int]
  private let inputProduct: DenseLayout
  private let recurrentProduct: DenseLayout
  private let turned: TurnedSequences<Scalar>?
  private let regularizer: RecurrentRegularizer<Scalar>
  private let elementwise: ElementwiseWeights<Scalar>
  /// nil in other cells.
  private let normalization: LayerNormalization<Scalar>?

  private let packed: (input: Buffer<Scalar>, recurrent: Buffer<Scalar>)
  private let packedBackward = (input: Buffer<Scalar>(), recurrent: Buffer<Scalar>())
  /// Stands for the bias of a product that has none.
  private let noBias: Buffer<Scalar>
  private let hidden = Buffer<Scalar>()
  private let cellState = Buffer<Scalar>()
  private let sums = Buffer<Scalar>()
  private let recurrentSums = Buffer<Scalar>()
  private let hiddenGradient = Buffer<Scalar>()
  private let cellGradient = Buffer<Scalar>()
  private let sequenceGradient = Buffer<Scalar>()
  private var scratch: [Buffer<Scalar>] = []

  private var input: View<Scalar>
  private var inputGradient: View<Scalar>?
  private(set) var output: View<Scalar>
  private(set) var outputGradient: View<Scalar>

  /// - Parameters:
  ///   - isBackwards: whether it reads from the end; the layer's own direction may be both, and
  ///     this node one of the two.
  ///   - index: of the layer; addresses random numbers.
  ///   - packed: of the node that this one is a twin of.
  init(
    _ layer: Recurrent, isBackwards: Bool, index: Int, features: Int, kernels: KernelSet<Scalar>,
    arena: Arena<Scalar>, offsets: [RecurrentWeights.Role: Int],
    packed: (input: Buffer<Scalar>, recurrent: Buffer<Scalar>)? = nil
  ) {
    self.index = index
    self.kernels = kernels
    self.layer = layer
    self.features = features
    self.arena = arena
    self.offsets = offsets
    cell = layer.cell
    units = layer.units
    let columns = layer.cell.gates * layer.units
    inputProduct = kernels.denseLayout(features, columns)
    recurrentProduct = kernels.denseLayout(layer.units, columns)
    self.packed =
      packed ?? (
        Buffer(inputProduct.packedForwardCount),
        Buffer(layer.cell.hasRecurrentProduct ? recurrentProduct.packedForwardCount : 0)
      )
    noBias = Buffer(columns)
    turned = isBackwards ? TurnedSequences(features: features) : nil
    regularizer = RecurrentRegularizer(layer, index: index, isBackwards: isBackwards)
    elementwise = ElementwiseWeights(layer, kernels: kernels, arena: arena, offsets: offsets)
    normalization =
      layer.cell == .layerNormalized
      ? LayerNormalization(
        layer, features: features, kernels: kernels, arena: arena, offsets: offsets) : nil
    let nothing = View(start: hidden.start, stride: 0, width: 0, isSequence: false)
    input = nothing
    output = nothing
    outputGradient = nothing
  }

  /// Whether h is zero before the first timestep, so that nothing comes of its product.
  var startsAtZero: Bool { !layer.learnsInitialState }
  private var columns: Int { cell.gates * units }
  private var hiddenStride: Int { RowStride.of(units) }
  private var sumsStride: Int { RowStride.of(columns) }
  /// Whether every timestep's h comes out.
  private func givesSequence(_ pass: Pass) -> Bool { layer.returnSequences || pass.givesEveryState }
  /// From a timestep's sums to the next; none where they are not kept.
  private func sumsStep(_ pass: Pass) -> Int { pass.isTraining ? pass.batch * sumsStride : 0 }
  private func slotMask(_ pass: Pass) -> Int { pass.isTraining || givesSequence(pass) ? -1 : 1 }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    let slot = pass.batch * hiddenStride
    hidden.reserve(slot * (slotMask(pass) == 1 ? 2 : pass.timesteps + 1))
    if cell.hasCellState { cellState.reserve(slot * (pass.isTraining ? pass.timesteps + 1 : 2)) }
    let kept = pass.batch * (pass.isTraining ? pass.timesteps : 1)
    sums.reserve(kept * sumsStride)
    if cell.keepsRecurrentSums { recurrentSums.reserve(kept * sumsStride) }
    normalization?.prepare(pass)
    regularizer.prepare(pass, stride: hiddenStride)
    self.input = turned?.prepare(pass, input) ?? input
    self.inputGradient = inputGradient.map { turned?.prepareGradient(pass, $0) ?? $0 }
    output =
      givesSequence(pass)
      ? View(start: hidden.start + slot, stride: hiddenStride, width: units, isSequence: true)
      : View(
        start: hidden.start + (pass.timesteps & slotMask(pass)) * slot, stride: hiddenStride,
        width: units, isSequence: false)
    while scratch.count < workers { scratch.append(Buffer()) }
    var size = max(hiddenStride, normalization?.scratch(pass) ?? 0)
    if pass.isTraining {
      packedBackward.input.reserve(inputProduct.packedBackwardCount)
      if cell.hasRecurrentProduct {
        packedBackward.recurrent.reserve(recurrentProduct.packedBackwardCount)
      }
      hiddenGradient.reserve(slot)
      if cell.hasCellState { cellGradient.reserve(slot) }
      if givesSequence(pass) { sequenceGradient.reserve(pass.timesteps * slot) }
      outputGradient = output
      outputGradient.start = givesSequence(pass) ? sequenceGradient.start : hiddenGradient.start
      elementwise.prepare(pass)
      size = max(
        size, inputProduct.gradientScratch, recurrentProduct.gradientScratch,
        layer.recurrentDropout > 0 ? slot : 0)
    }
    for buffer in scratch { buffer.reserve(size) }
  }

  func makeTwin() -> any LayerNode<Scalar> {
    RecurrentNode(
      layer, isBackwards: turned != nil, index: index, features: features, kernels: kernels,
      arena: arena, offsets: offsets, packed: packed)
  }

  func makeStep(timesteps: Int) -> (any LayerStep<Scalar>)? {
    guard turned == nil else { return nil }
    return RecurrentStep(
      RecurrentNode(
        layer, isBackwards: false, index: index, features: features, kernels: kernels,
        arena: arena, offsets: offsets, packed: packed),
      features: features)
  }

  // MARK: Packing

  var packTasks: Int { cell.hasRecurrentProduct ? 2 : 1 }

  func pack(task: Int, isTraining: Bool) {
    let isInput = task == 0
    let bias = bias(isInput: isInput)
    let weights = arena.values.start
    kernels.densePack(
      isInput ? features : units, columns,
      normalization?.center(isInput: isInput)
        ?? UnsafePointer(weights + (offsets[isInput ? .inputWeight : .recurrentWeight] ?? 0)),
      bias.map { UnsafePointer(weights + $0) } ?? UnsafePointer(noBias.start),
      isInput ? packed.input.start : packed.recurrent.start,
      isTraining ? (isInput ? packedBackward.input.start : packedBackward.recurrent.start) : nil)
  }

  /// Where the bias of a product is; with layer normalisation it comes after that.
  private func bias(isInput: Bool) -> Int? {
    isInput ? cell == .layerNormalized ? nil : offsets[.bias] : offsets[.recurrentBias]
  }

  // MARK: Passes

  var sequencesTogether: Int { elementwise.count > 0 ? ElementwiseWeights<Scalar>.sharingRows : 1 }

  // Not specialised, what is made for each timestep costs a percent of it.
  @specialized(where Scalar == Float)
  func forward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    begin(pass, sequences)
    turned?.turn(pass, sequences)
    for chunk in chunks(sequences) {
      for t in 0..<pass.timesteps {
        step(pass, t, chunk, worker: worker, isZero: t == 0 && startsAtZero)
      }
    }
  }

  /// Brings some sequences to the beginning.
  func begin(_ pass: Pass, _ sequences: Range<Int>) {
    start(hidden, .initialHidden, sequences)
    if cell.hasCellState { start(cellState, .initialCell, sequences) }
    regularizer.draw(
      pass, sequences, initial: hidden.start, stride: hiddenStride, units, kernels)
  }

  /// Takes some sequences through timestep `t`.
  ///
  /// - Parameter isZero: whether h before it is zero, so that nothing comes of its product.
  @inline(__always)
  func step(_ pass: Pass, _ t: Int, _ sequences: Range<Int>, worker: Int, isZero: Bool) {
    let step = call(pass, t, sequences, worker)
    var product = inputCall(pass, t, sequences, x: input)
    var recurrent = recurrentCall(step, x: regularizer.dropped(pass, t) ?? step.hiddenBefore)
    let ahead = memoryAhead(pass, step, timestep: t + 1)
    if cell.hasRecurrentProduct, !isZero {
      recurrent.ahead = ahead
    } else {
      product.ahead = ahead
    }
    if recurrent.accumulates, cell.hasRecurrentProduct, !isZero {
      kernels.cells.product(product, packed.input.start, recurrent, packed.recurrent.start)
    } else {
      kernels.denseForward(product, packed.input.start)
      if cell.hasRecurrentProduct { multiplyHidden(recurrent, isZero: isZero) }
    }
    kernels.cells.forward(step)
  }

  /// h before the first timestep of the first sequence, once that has begun.
  var initialHidden: UnsafePointer<Scalar> { UnsafePointer(hidden.start) }

  /// In a pass of one timestep, makes its end the beginning of the next one; h is at the beginning.
  func carryOver(_ pass: Pass) -> UnsafePointer<Scalar> {
    let slot = pass.batch * hiddenStride
    hidden.start.update(from: hidden.start + slot, count: slot)
    if cell.hasCellState { cellState.start.update(from: cellState.start + slot, count: slot) }
    return UnsafePointer(hidden.start)
  }

  /// h_{t-1} R + b_r, onto the input sums or apart.
  private func multiplyHidden(_ call: DenseCall<Scalar>, isZero: Bool) {
    guard isZero, !cell.hasRecurrentBias else {
      return kernels.denseForward(call, packed.recurrent.start)
    }
    guard !call.accumulates else { return }
    for row in call.rows { (call.y + row * call.yStride).update(repeating: 0, count: columns) }
  }

  /// Fills slot 0 of some sequences.
  private func start(
    _ buffer: Buffer<Scalar>, _ role: RecurrentWeights.Role, _ sequences: Range<Int>
  ) {
    for n in sequences {
      let row = buffer.start + n * hiddenStride
      row.clear(hiddenStride)
      if let offset = offsets[role] { row.update(from: arena.values.start + offset, count: units) }
    }
  }

  @specialized(where Scalar == Float)
  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    let first = sequences.lowerBound * hiddenStride
    if givesSequence(pass) {
      (hiddenGradient.start + first).clear(sequences.count * hiddenStride)
    }
    if cell.hasCellState {
      (cellGradient.start + first).clear(sequences.count * hiddenStride)
    }
    elementwise.clear(sequences)
    for chunk in chunks(sequences) {
      for t in (0..<pass.timesteps).reversed() {
        let step = call(pass, t, chunk, worker)
        kernels.cells.backward(step, gradients(pass, t))
        if cell.hasRecurrentProduct, t > 0 || !startsAtZero { propagate(pass, step, worker) }
      }
      guard let inputGradient else { continue }
      for t in 0..<pass.timesteps {
        kernels.denseBackward(
          inputCall(pass, t, chunk, x: inputGradient), packedBackward.input.start)
      }
    }
    turned?.turnGradient(pass, sequences)
  }

  /// Adds to the gradient by h_{t-1} what comes through the recurrent product.
  private func propagate(_ pass: Pass, _ step: CellCall<Scalar>, _ worker: Int) {
    var product = recurrentCall(step, x: UnsafePointer(hiddenGradient.start))
    product.ahead = memoryAhead(pass, step, timestep: step.timestep - 1)
    guard let mask = regularizer.mask else {
      product.accumulates = true
      kernels.denseBackward(product, packedBackward.recurrent.start)
      return
    }
    product.x = scratch[worker].start
    product.accumulates = false
    kernels.denseBackward(product, packedBackward.recurrent.start)
    kernels.cells.add(
      RowsCall(
        rows: step.rows, width: units, x: UnsafePointer(scratch[worker].start),
        xStride: hiddenStride, y: hiddenGradient.start, yStride: hiddenStride),
      (mask, hiddenStride))
  }

  private var hasOwnTask: Bool { elementwise.count > 0 || layer.learnsInitialState }

  var gradientTasks: Int {
    productTasks + (hasOwnTask ? 1 : 0)
  }

  private var productTasks: Int {
    inputProduct.gradientTasks
      + (cell.hasRecurrentProduct ? recurrentProduct.gradientTasks : 0)
  }

  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool) {
    if hasOwnTask, task == gradientTasks - 1 {
      elementwise.gradient(pass, accumulates: accumulates)
      elementwise.sum(pass, hiddenGradient, hiddenStride, .initialHidden, accumulates)
      elementwise.sum(pass, cellGradient, hiddenStride, .initialCell, accumulates)
      return
    }
    let h = UnsafeMutablePointer(
      mutating: regularizer.dropped(pass, 0) ?? UnsafePointer(hidden.start))
    let isInput = task < inputProduct.gradientTasks
    let gradients = arena.gradients.start
    let bias = bias(isInput: isInput)
    // Zeros add nothing but to the gradient by a bias.
    let first = !isInput && bias == nil && startsAtZero ? pass.batch : 0
    kernels.denseGradient(
      DenseCall(
        inputs: isInput ? features : units, outputs: columns,
        rows: first..<pass.timesteps * pass.batch,
        x: isInput ? input.start : h, xStride: isInput ? input.stride : hiddenStride,
        y: isInput || !cell.keepsRecurrentSums ? sums.start : recurrentSums.start,
        yStride: sumsStride),
      isInput ? task : task - inputProduct.gradientTasks,
      gradients + (offsets[isInput ? .inputWeight : .recurrentWeight] ?? 0),
      bias.map { gradients + $0 }, accumulates, scratch[worker].start)
  }

  // MARK: Calls

  /// What is kept of the timestep that comes next, to be written or, backward, to be read.
  private func memoryAhead(
    _ pass: Pass, _ step: CellCall<Scalar>, timestep: Int
  ) -> MemoryAhead<Scalar>? {
    guard pass.isTraining, 0..<pass.timesteps ~= timestep else { return nil }
    let offset =
      (timestep - step.timestep) * sumsStep(pass) + step.rows.lowerBound * sumsStride
    return MemoryAhead(
      UnsafePointer(step.sums + offset), step.recurrentSums.map { UnsafePointer($0 + offset) },
      step.normalized.map { UnsafePointer($0.gates + offset) },
      count: step.rows.count * sumsStride)
  }

  /// Sequences that go through all timesteps together; see `KernelBlocking`.
  private func chunks(_ sequences: Range<Int>) -> [Range<Int>] {
    let count = max(1, (sequences.count + KernelBlocking.rows - 1) / KernelBlocking.rows)
    return (0..<count).map { sequences.part($0, of: count, multiple: sequencesTogether) }
  }

  private func call(
    _ pass: Pass, _ t: Int, _ sequences: Range<Int>, _ worker: Int
  ) -> CellCall<Scalar> {
    let slot = pass.batch * hiddenStride
    let mask = slotMask(pass)
    let place = t * sumsStep(pass)
    var call = CellCall(
      cell: cell, hidden: units, timestep: t, rows: sequences, lengths: pass.lengths,
      sums: sums.start + place,
      recurrentSums: cell.keepsRecurrentSums ? recurrentSums.start + place : nil,
      sumsStride: sumsStride, hiddenBefore: hidden.start + (t & mask) * slot,
      hiddenAfter: hidden.start + ((t + 1) & mask) * slot, hiddenStride: hiddenStride)
    if cell.hasCellState {
      let cellMask = pass.isTraining ? -1 : 1
      call.cellState = (
        UnsafePointer(cellState.start + (t & cellMask) * slot),
        cellState.start + ((t + 1) & cellMask) * slot
      )
    }
    call.normalized = normalization?.kept(pass, t, scratch[worker].start)
    call.dropout = regularizer.dropout(pass, t)
    call.zoneout = regularizer.zoneout(pass)
    call.parameters = elementwise.parameters
    return call
  }

  private func gradients(_ pass: Pass, _ t: Int) -> CellGradients<Scalar> {
    CellGradients(
      output: givesSequence(pass)
        ? UnsafePointer(sequenceGradient.start + t * pass.batch * hiddenStride) : nil,
      outputStride: hiddenStride, hidden: hiddenGradient.start,
      cell: cell.hasCellState ? cellGradient.start : nil, parameters: elementwise.rows,
      parameterStride: elementwise.stride, parameterRows: ElementwiseWeights<Scalar>.sharingRows)
  }

  /// x_t W + b, with x or its gradient.
  private func inputCall(
    _ pass: Pass, _ t: Int, _ sequences: Range<Int>, x: View<Scalar>
  ) -> DenseCall<Scalar> {
    DenseCall(
      inputs: features, outputs: columns, rows: sequences, x: x.start + t * pass.batch * x.stride,
      xStride: x.stride, y: sums.start + t * sumsStep(pass), yStride: sumsStride)
  }

  /// h_{t-1} R, onto the input sums or apart.
  private func recurrentCall(
    _ step: CellCall<Scalar>, x: UnsafePointer<Scalar>
  ) -> DenseCall<Scalar> {
    DenseCall(
      inputs: units, outputs: columns, rows: step.rows, x: UnsafeMutablePointer(mutating: x),
      xStride: hiddenStride, y: step.recurrentSums ?? step.sums, yStride: sumsStride,
      accumulates: step.recurrentSums == nil)
  }
}
