import RowwiseCompute
import RowwiseKernelInterface

/// One recurrent layer in one direction, put together from products and its cell's element-wise
/// part.
///
/// Chunks of sequences go through all timesteps, one after the other: the sums of a chunk stay in the
/// second-level cache between the products and the element-wise part.
final class RecurrentNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  let kernels: KernelSet<Scalar>
  let layer: Recurrent
  private let index: Int
  let cell: RecurrentCell
  /// Numbers of a state: H, or twice as many.
  let units: Int
  let features: Int
  private let arena: Arena<Scalar>
  private let offsets: [RecurrentWeights.Role: Int]
  private let inputProduct: DenseLayout
  private let recurrentProduct: DenseLayout
  private let turned: TurnedSequences<Scalar>?
  let regularizer: RecurrentRegularizer<Scalar>
  let elementwise: ElementwiseWeights<Scalar>
  /// Of the sums.
  let columns: Int
  /// nil in other cells.
  let normalization: LayerNormalization<Scalar>?
  /// nil in cells whose sums all come of h itself.
  private let reset: ResetProduct<Scalar>?

  /// Weights of the forward products, which twins share.
  typealias Packed = (
    input: Buffer<Scalar>, recurrent: Buffer<Scalar>, candidate: Buffer<Scalar>?,
    recurrence: Buffer<Scalar>?
  )
  private let packed: Packed
  private let packedBackward = (input: Buffer<Scalar>(), recurrent: Buffer<Scalar>())
  /// Stands for the bias of a product that has none.
  private let noBias: Buffer<Scalar>
  let hidden = Buffer<Scalar>()
  let cellState = Buffer<Scalar>()
  let sums = Buffer<Scalar>()
  let recurrentSums = Buffer<Scalar>()
  let hiddenGradient = Buffer<Scalar>()
  let cellGradient = Buffer<Scalar>()
  let sequenceGradient = Buffer<Scalar>()
  private(set) var scratch: [Buffer<Scalar>] = []

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
    packed: Packed? = nil
  ) {
    self.index = index
    self.kernels = kernels
    self.layer = layer
    self.features = features
    self.arena = arena
    self.offsets = offsets
    cell = layer.cell
    units = layer.cell.stateBlocks * layer.units
    columns = layer.cell.gates * layer.units
    let columns = layer.cell.gates * layer.units
    inputProduct = kernels.denseLayout(features, columns)
    recurrentProduct = kernels.denseLayout(
      layer.units, layer.cell.recurrentGates * layer.units)
    reset = offsets[.candidateWeight].map {
      ResetProduct(
        layer, kernels: kernels, arena: arena, offset: $0, packed: packed?.candidate)
    }
    elementwise = ElementwiseWeights(
      layer, kernels: kernels, arena: arena, offsets: offsets, packed: packed?.recurrence)
    self.packed =
      packed ?? (
        Buffer(inputProduct.packedForwardCount),
        Buffer(layer.cell.hasRecurrentProduct ? recurrentProduct.packedForwardCount : 0),
        reset?.packed, elementwise.packed
      )
    noBias = Buffer(columns)
    turned = isBackwards ? TurnedSequences(features: features) : nil
    regularizer = RecurrentRegularizer(layer, index: index, isBackwards: isBackwards)
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
  var recurrentColumns: Int { cell.recurrentGates * units }
  var hiddenStride: Int { RowStride.of(units) }
  var sumsStride: Int { RowStride.of(columns) }
  /// Whether every timestep's h comes out.
  func givesSequence(_ pass: Pass) -> Bool { layer.returnSequences || pass.givesEveryState }
  /// From a timestep's sums to the next; none where they are not kept.
  func sumsStep(_ pass: Pass) -> Int { pass.isTraining ? pass.batch * sumsStride : 0 }
  func slotMask(_ pass: Pass) -> Int { pass.isTraining || givesSequence(pass) ? -1 : 1 }

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
    reset?.prepare(pass)
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
        reset?.gradientScratch ?? 0, layer.recurrentDropout > 0 ? slot : 0)
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

  var packTasks: Int { reset != nil ? 3 : cell.hasRecurrentProduct ? 2 : 1 }

  func pack(task: Int, isTraining: Bool) {
    guard task < 2 else {
      reset?.pack(isTraining: isTraining)
      return
    }
    let isInput = task == 0
    if isInput { elementwise.pack() }
    let bias = bias(isInput: isInput)
    let weights = arena.values.start
    kernels.densePack(
      isInput ? features : units, isInput ? columns : recurrentColumns,
      normalization?.center(isInput: isInput)
        ?? UnsafePointer(weights + (offsets[isInput ? .inputWeight : .recurrentWeight] ?? 0)),
      bias.map { UnsafePointer(weights + $0) } ?? UnsafePointer(noBias.start),
      isInput ? packed.input.start : packed.recurrent.start,
      isTraining ? (isInput ? packedBackward.input.start : packedBackward.recurrent.start) : nil)
  }

  /// Where the bias of a product is; with layer normalisation it comes after that, and in an LRU after
  /// the states.
  private func bias(isInput: Bool) -> Int? {
    switch cell {
    case .layerNormalized, .lru: nil
    default: offsets[isInput ? .bias : .recurrentBias]
    }
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
    let h = regularizer.dropped(pass, t) ?? step.hiddenBefore
    var recurrent = recurrentCall(step, x: h)
    let ahead = memoryAhead(pass, step, timestep: t + 1)
    if cell.hasRecurrentProduct, !isZero {
      recurrent.ahead = ahead
    } else {
      product.ahead = ahead
    }
    if recurrent.accumulates, cell.hasRecurrentProduct, !isZero, reset == nil {
      kernels.cells.product(product, packed.input.start, recurrent, packed.recurrent.start)
    } else {
      kernels.denseForward(product, packed.input.start)
      if cell.hasRecurrentProduct { multiplyHidden(recurrent, isZero: isZero) }
    }
    reset?.forward(pass, step, h: h, isZero: isZero)
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
        if let reset { propagate(pass, step, through: reset) }
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
    addHiddenGradient(UnsafePointer(scratch[worker].start), step.rows, mask)
  }

  /// Adds to the gradient by h_{t-1} what comes through the candidate's own product.
  private func propagate(
    _ pass: Pass, _ step: CellCall<Scalar>, through reset: ResetProduct<Scalar>
  ) {
    let h = regularizer.dropped(pass, step.timestep) ?? step.hiddenBefore
    addHiddenGradient(reset.backward(pass, step, h: h), step.rows, regularizer.mask)
  }

  /// - Parameter mask: recurrent dropout's; nil where nothing is dropped.
  private func addHiddenGradient(
    _ gradient: UnsafePointer<Scalar>, _ rows: Range<Int>, _ mask: UnsafePointer<Scalar>?
  ) {
    kernels.cells.add(
      RowsCall(
        rows: rows, width: units, x: gradient, xStride: hiddenStride, y: hiddenGradient.start,
        yStride: hiddenStride),
      mask.map { ($0, hiddenStride) })
  }

  private var hasOwnTask: Bool { elementwise.count > 0 || layer.learnsInitialState }

  var gradientTasks: Int {
    productTasks + (hasOwnTask ? 1 : 0)
  }

  private var productTasks: Int {
    inputProduct.gradientTasks
      + (cell.hasRecurrentProduct ? recurrentProduct.gradientTasks : 0)
      + (reset?.gradientTasks ?? 0)
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
    let ownTask = task - inputProduct.gradientTasks - recurrentProduct.gradientTasks
    if let reset, ownTask >= 0 {
      reset.gradient(
        pass, task: ownTask, from: startsAtZero ? pass.batch : 0, sums: sums.start,
        sumsStride: sumsStride, accumulates: accumulates, scratch: scratch[worker].start)
      return
    }
    let gradients = arena.gradients.start
    let bias = bias(isInput: isInput)
    // Zeros add nothing but to the gradient by a bias.
    let first = !isInput && bias == nil && startsAtZero ? pass.batch : 0
    kernels.denseGradient(
      DenseCall(
        inputs: isInput ? features : units, outputs: isInput ? columns : recurrentColumns,
        rows: first..<pass.timesteps * pass.batch,
        x: isInput ? input.start : h, xStride: isInput ? input.stride : hiddenStride,
        y: isInput || !cell.keepsRecurrentSums ? sums.start : recurrentSums.start,
        yStride: sumsStride),
      isInput ? task : task - inputProduct.gradientTasks,
      gradients + (offsets[isInput ? .inputWeight : .recurrentWeight] ?? 0),
      bias.map { gradients + $0 }, accumulates, scratch[worker].start)
  }
}
