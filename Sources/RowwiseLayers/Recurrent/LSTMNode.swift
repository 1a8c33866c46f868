import RowwiseCompute
import RowwiseKernelInterface
import RowwiseWorkers

/// One LSTM in one direction.
final class LSTMNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  /// Where the weights are in the arena.
  struct Offsets {
    var input: Int
    var recurrent: Int
    var peephole: Int?
    var bias: Int
    /// Of the state before the first timestep, where it is learned; else it is zero.
    var initial: (hidden: Int, cell: Int)?
  }

  private let kernels: KernelSet<Scalar>
  private let layer: Recurrent
  private let isBackwards: Bool
  private let shape: LSTMShape
  private let layout: LSTMLayout
  private let arena: Arena<Scalar>
  private let offsets: Offsets

  private let packedForward: Buffer<Scalar>
  private let packedBackward = Buffer<Scalar>()
  /// h and c; of one segment at a time where `states` has the others' beginnings, but all of h where
  /// the next layer reads it.
  private let hidden = Buffer<Scalar>()
  private let cell = Buffer<Scalar>()
  private let gates = Buffer<Scalar>()
  private let states = SegmentStates<Scalar>()
  private let hiddenGradient = Buffer<Scalar>()
  private let cellGradient = Buffer<Scalar>()
  private let sequenceGradient = Buffer<Scalar>()
  /// x in reading order, where that is not the order of time.
  private let turned: TurnedSequences<Scalar>?
  /// x in bfloat16.
  private let rounded = Buffer<Scalar>()
  private var scratch: [Buffer<Scalar>] = []

  private var source: View<Scalar>
  private var input: View<Scalar>
  private var inputGradient: View<Scalar>?
  private(set) var output: View<Scalar>
  private(set) var outputGradient: View<Scalar>

  /// - Parameter packedForward: of the node that this one is a twin of.
  init(
    _ layer: Recurrent, isBackwards: Bool, features: Int, precision: Precision,
    kernels: KernelSet<Scalar>, arena: Arena<Scalar>, offsets: Offsets,
    packedForward: Buffer<Scalar>? = nil
  ) {
    self.layer = layer
    self.isBackwards = isBackwards
    self.kernels = kernels
    self.arena = arena
    self.offsets = offsets
    shape = LSTMShape(
      features: features, hidden: layer.units, peephole: layer.peephole, precision: precision)
    layout = kernels.lstmLayout(shape)
    self.packedForward = packedForward ?? Buffer(layout.packedForwardCount)
    turned = isBackwards ? TurnedSequences(features: features) : nil
    let nothing = View(start: hidden.start, stride: 0, width: 0, isSequence: false)
    source = nothing
    input = nothing
    output = nothing
    outputGradient = nothing
  }

  func makeTwin() -> any LayerNode<Scalar> {
    LSTMNode(
      layer, isBackwards: isBackwards, features: shape.features, precision: shape.precision,
      kernels: kernels, arena: arena, offsets: offsets, packedForward: packedForward)
  }

  var segments: Int { states.segments.count }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    let slot = pass.batch * layout.hiddenStride
    states.prepare(
      pass, stateSize: slot, gateSize: pass.batch * layout.gateStride,
      keepsHidden: givesSequence(pass))
    let steps = states.longest
    hidden.reserve(
      slot * (givesSequence(pass) ? pass.timesteps + 1 : pass.isTraining ? steps + 1 : 2))
    cell.reserve(slot * (pass.isTraining ? steps + 1 : 2))
    while scratch.count < workers { scratch.append(Buffer()) }
    for buffer in scratch { buffer.reserve(max(layout.scratch, layout.gradientScratch)) }
    prepareInput(pass, input)
    output =
      givesSequence(pass)
      ? View(
        start: hidden.start + slot, stride: layout.hiddenStride, width: layer.units,
        isSequence: true)
      : View(
        start: hidden.start + (states.segments[segments - 1].count & slotMask(pass)) * slot,
        stride: layout.hiddenStride, width: layer.units, isSequence: false)
    guard pass.isTraining else { return }
    precondition(shape.precision.trains, "with int8 products a network only predicts")
    packedBackward.reserve(layout.packedBackwardCount)
    gates.reserve(steps * pass.batch * layout.gateStride)
    hiddenGradient.reserve(slot)
    cellGradient.reserve(slot)
    if givesSequence(pass) { sequenceGradient.reserve(pass.timesteps * slot) }
    self.inputGradient = inputGradient.map { turned?.prepareGradient(pass, $0) ?? $0 }
    outputGradient = View(
      start: givesSequence(pass) ? sequenceGradient.start : hiddenGradient.start,
      stride: layout.hiddenStride, width: layer.units, isSequence: givesSequence(pass))
  }

  private func prepareInput(_ pass: Pass, _ input: View<Scalar>) {
    source = turned?.prepare(pass, input) ?? input
    self.input = source
    guard shape.precision == .bfloat16 else { return }
    rounded.reserve(pass.timesteps * pass.batch * shape.features)
    self.input = View(
      start: rounded.start, stride: shape.features, width: shape.features, isSequence: true)
  }

  /// Whether every timestep's h comes out.
  private func givesSequence(_ pass: Pass) -> Bool { layer.returnSequences || pass.givesEveryState }

  private func slotMask(_ pass: Pass) -> Int {
    pass.isTraining || givesSequence(pass) ? -1 : 1
  }

  private func weights(in buffer: Buffer<Scalar>) -> LSTMWeights<Scalar> {
    LSTMWeights(
      input: buffer.start + offsets.input, recurrent: buffer.start + offsets.recurrent,
      peephole: offsets.peephole.map { buffer.start + $0 }, bias: buffer.start + offsets.bias)
  }

  var packTasks: Int { layout.packTasks }

  func pack(task: Int, isTraining: Bool) {
    if isTraining { precondition(packedBackward.count >= layout.packedBackwardCount) }
    kernels.lstmPack(
      shape, weights(in: arena.values), task, packedForward.start,
      isTraining ? packedBackward.start : nil)
  }

  // MARK: Forward

  func forward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    begin(pass, sequences)
    let stride = layout.hiddenStride
    let first = sequences.lowerBound * stride
    let count = sequences.count * stride
    for index in 0..<segments {
      let steps = states.segments[index]
      let hidden = hiddenStart(pass, steps)
      if index > 0 {
        // What the segment before ended with is what this one begins with.
        let last = states.segments[index - 1].count * pass.batch * stride + first
        if !givesSequence(pass) { (hidden + first).update(from: hidden + last, count: count) }
        (cell.start + first).update(from: cell.start + last, count: count)
      }
      states.save(index, hidden: hidden + first, cell: cell.start + first, at: first, count)
      kernels.lstmForward(
        forwardCall(
          pass, steps, sequences: sequences, worker: worker,
          gates: pass.isTraining && segments == 1 ? gates.start : nil))
    }
  }

  var dividedWeights: Int {
    layout.unitGroups > 1
      ? 4 * shape.hidden * (shape.features + shape.hidden) + shape.peepholeCount : 0
  }

  /// Every part has its units; after each timestep all wait for all, whose h is what the next one reads.
  func forward(_ pass: Pass, part: Int, barrier: Barrier) {
    let parts = min(barrier.count, layout.unitGroups)
    if part == 0 { begin(pass, 0..<1) }
    barrier.wait()
    let groups = (0..<layout.unitGroups).part(min(part, parts - 1), of: parts, multiple: 1)
    var call = forwardCall(pass, states.segments[0], sequences: 0..<1, worker: part, gates: nil)
    for t in 0..<pass.timesteps {
      if part < parts {
        call.share = LSTMShare(steps: t..<t + 1, groups: groups)
        kernels.lstmForward(call)
      }
      barrier.wait()
    }
  }

  /// Brings sequences to their beginning: the first state, and x as the kernel reads it.
  private func begin(_ pass: Pass, _ sequences: Range<Int>) {
    let stride = layout.hiddenStride
    let first = sequences.lowerBound * stride
    let count = sequences.count * stride
    (hidden.start + first).clear(count)
    (cell.start + first).clear(count)
    for n in sequences { initialState?.write(hidden.start + n * stride, cell.start + n * stride) }
    turned?.turn(pass, sequences)
    roundInput(pass, sequences)
  }

  private func forwardCall(
    _ pass: Pass, _ steps: Range<Int>, sequences: Range<Int>, worker: Int,
    gates: UnsafeMutablePointer<Scalar>?
  ) -> LSTMForwardCall<Scalar> {
    LSTMForwardCall(
      shape: shape, timesteps: steps.count, batch: pass.batch, rows: sequences,
      input: input.start + steps.lowerBound * pass.batch * input.stride,
      inputStride: input.stride,
      hidden: hiddenStart(pass, steps), hiddenSlotMask: slotMask(pass),
      cell: cell.start, cellSlotMask: pass.isTraining ? -1 : 1,
      gates: gates, lengths: pass.lengths, firstTimestep: steps.lowerBound,
      startsFromZero: startsFromZero(steps), packed: packedForward.start,
      scratch: scratch[worker].start)
  }

  private func startsFromZero(_ segment: Range<Int>) -> Bool {
    segment.lowerBound == 0 && offsets.initial == nil
  }

  /// Slot 0 of the segment's h.
  private func hiddenStart(_ pass: Pass, _ steps: Range<Int>) -> UnsafeMutablePointer<Scalar> {
    hidden.start
      + (givesSequence(pass) ? steps.lowerBound * pass.batch * layout.hiddenStride : 0)
  }

  private func roundInput(_ pass: Pass, _ sequences: Range<Int>) {
    guard shape.precision == .bfloat16 else { return }
    for t in 0..<pass.timesteps {
      for n in sequences {
        let row = t * pass.batch + n
        kernels.roundToBFloat16(
          source.start + row * source.stride, input.start + row * input.stride, shape.features)
      }
    }
  }

  // MARK: Backward

  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    let stride = layout.hiddenStride
    let first = sequences.lowerBound * stride
    let count = sequences.count * stride
    let steps = states.segments[pass.segment]
    if pass.segment == segments - 1 {
      (cellGradient.start + first).clear(count)
      if givesSequence(pass) {
        (hiddenGradient.start + first).clear(count)
      }
    }
    if segments > 1 {
      states.load(
        pass.segment, hidden: hiddenStart(pass, steps) + first, cell: cell.start + first,
        at: first, count)
      kernels.lstmForward(
        forwardCall(pass, steps, sequences: sequences, worker: worker, gates: gates.start))
    }
    let position = steps.lowerBound * pass.batch
    kernels.lstmBackward(
      LSTMBackwardCall(
        shape: shape, timesteps: steps.count, batch: pass.batch, rows: sequences,
        cell: cell.start, gates: gates.start, lengths: pass.lengths,
        firstTimestep: steps.lowerBound, startsFromZero: startsFromZero(steps),
        outputGradient: givesSequence(pass) ? sequenceGradient.start + position * stride : nil,
        outputGradientStride: stride,
        hiddenGradient: hiddenGradient.start, cellGradient: cellGradient.start,
        inputGradient: inputGradient.map { $0.start + position * $0.stride },
        inputGradientStride: inputGradient?.stride ?? 0,
        packed: packedBackward.start, scratch: scratch[worker].start))
    if pass.segment == 0, inputGradient != nil { turned?.turnGradient(pass, sequences) }
  }

  private var initialState: LSTMInitialState<Scalar>? {
    offsets.initial.map {
      LSTMInitialState(
        kernels: kernels, arena: arena, offsets: $0, units: layer.units, precision: shape.precision)
    }
  }

  /// One more for the initial state's gradient.
  var gradientTasks: Int { layout.gradientTasks + (offsets.initial == nil ? 0 : 1) }

  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool) {
    if task == layout.gradientTasks {
      // The first segment of time is the last one here; until then the gradient is not known.
      if pass.segment == segments - 1, !accumulates { initialState?.clearGradient() }
      guard pass.segment == 0 else { return }
      initialState?.addGradient(
        hiddenGradient.start, cellGradient.start, rows: pass.batch, stride: layout.hiddenStride)
      return
    }
    let steps = states.segments[pass.segment]
    kernels.lstmGradient(
      LSTMGradientCall(
        shape: shape, timesteps: steps.count, batch: pass.batch,
        input: input.start + steps.lowerBound * pass.batch * input.stride,
        inputStride: input.stride, hidden: hiddenStart(pass, steps), cell: cell.start,
        gates: gates.start, startsFromZero: startsFromZero(steps),
        gradients: weights(in: arena.gradients), accumulates: accumulates,
        scratch: scratch[worker].start),
      task)
  }

  // MARK: Steps

  func makeStep(timesteps: Int) -> (any LayerStep<Scalar>)? {
    guard turned == nil else { return nil }
    return LSTMStep(
      shape: shape, layout: layout, kernels: kernels, packed: packedForward,
      initialState: initialState)
  }
}
