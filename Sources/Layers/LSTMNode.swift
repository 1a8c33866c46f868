import Compute
import KernelInterface

/// One LSTM in one direction.
final class LSTMNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: changed by `prepare` only, which runs alone; tasks write disjoint parts of the buffers.

  private let kernels: KernelSet<Scalar>
  private let layer: LSTM
  private let shape: LSTMShape
  private let layout: LSTMLayout
  private let arena: Arena<Scalar>
  /// Offsets of W, R, P (if any) and b in the arena.
  private let offsets: (input: Int, recurrent: Int, peephole: Int?, bias: Int)

  private let packedForward: Buffer<Scalar>
  private let packedBackward = Buffer<Scalar>()
  private let hidden = Buffer<Scalar>()
  private let cell = Buffer<Scalar>()
  private let gates = Buffer<Scalar>()
  private let hiddenGradient = Buffer<Scalar>()
  private let cellGradient = Buffer<Scalar>()
  private let sequenceGradient = Buffer<Scalar>()
  /// x and its gradient in reading order, where that is not the order of time.
  private let reversed = Buffer<Scalar>()
  private let reversedGradient = Buffer<Scalar>()
  private var scratch: [Buffer<Scalar>] = []

  private var input: View<Scalar>
  private var inputGradient: View<Scalar>?
  private(set) var output: View<Scalar>
  private(set) var outputGradient: View<Scalar>

  init(
    _ layer: LSTM, features: Int, kernels: KernelSet<Scalar>, arena: Arena<Scalar>,
    offsets: (input: Int, recurrent: Int, peephole: Int?, bias: Int)
  ) {
    self.layer = layer
    self.kernels = kernels
    self.arena = arena
    self.offsets = offsets
    shape = LSTMShape(features: features, hidden: layer.units, peephole: layer.peephole)
    layout = kernels.lstmLayout(shape)
    packedForward = Buffer(layout.packedForwardCount)
    let nothing = View(start: hidden.start, stride: 0, width: 0, isSequence: false)
    input = nothing
    output = nothing
    outputGradient = nothing
  }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    let stride = layout.hiddenStride
    let rows = pass.batch * stride
    let slots = pass.timesteps + 1
    hidden.reserve(rows * (pass.isTraining || layer.returnSequences ? slots : 2))
    cell.reserve(rows * (pass.isTraining ? slots : 2))
    while scratch.count < workers { scratch.append(Buffer()) }
    for buffer in scratch {
      buffer.reserve(max(layout.scratch, layout.gradientScratch))
    }
    self.input = input
    if layer.goBackwards {
      reversed.reserve(pass.timesteps * pass.batch * shape.features)
      self.input = View(
        start: reversed.start, stride: shape.features, width: shape.features, isSequence: true)
    }
    source = input
    self.inputGradient = inputGradient
    output =
      layer.returnSequences
      ? View(start: hidden.start + rows, stride: stride, width: layer.units, isSequence: true)
      : View(
        start: hidden.start + (pass.timesteps & slotMask(pass)) * rows, stride: stride,
        width: layer.units, isSequence: false)
    guard pass.isTraining else { return }
    packedBackward.reserve(layout.packedBackwardCount)
    gates.reserve(pass.timesteps * pass.batch * layout.gateStride)
    hiddenGradient.reserve(rows)
    cellGradient.reserve(rows)
    if layer.returnSequences { sequenceGradient.reserve(pass.timesteps * rows) }
    if layer.goBackwards, inputGradient != nil {
      reversedGradient.reserve(pass.timesteps * pass.batch * shape.features)
    }
    outputGradient = View(
      start: layer.returnSequences ? sequenceGradient.start : hiddenGradient.start,
      stride: stride, width: layer.units, isSequence: layer.returnSequences)
  }

  /// x in the order of time.
  private var source: View<Scalar>?

  private func slotMask(_ pass: Pass) -> Int {
    pass.isTraining || layer.returnSequences ? -1 : 1
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

  func forward(_ pass: Pass, rows: Range<Int>, worker: Int) {
    let stride = layout.hiddenStride
    let first = rows.lowerBound * stride
    (hidden.start + first).update(repeating: 0, count: rows.count * stride)
    (cell.start + first).update(repeating: 0, count: rows.count * stride)
    if layer.goBackwards { reverseInput(pass, rows) }
    kernels.lstmForward(
      LSTMForwardCall(
        shape: shape, timesteps: pass.timesteps, batch: pass.batch, rows: rows,
        input: input.start, inputStride: input.stride,
        hidden: hidden.start, hiddenSlotMask: slotMask(pass),
        cell: cell.start, cellSlotMask: pass.isTraining ? -1 : 1,
        gates: pass.isTraining ? gates.start : nil, lengths: pass.lengths,
        packed: packedForward.start, scratch: scratch[worker].start))
  }

  func backward(_ pass: Pass, rows: Range<Int>, worker: Int) {
    let stride = layout.hiddenStride
    let first = rows.lowerBound * stride
    (cellGradient.start + first).update(repeating: 0, count: rows.count * stride)
    if layer.returnSequences {
      (hiddenGradient.start + first).update(repeating: 0, count: rows.count * stride)
    }
    let turned = layer.goBackwards && inputGradient != nil
    kernels.lstmBackward(
      LSTMBackwardCall(
        shape: shape, timesteps: pass.timesteps, batch: pass.batch, rows: rows,
        cell: cell.start, gates: gates.start, lengths: pass.lengths,
        outputGradient: layer.returnSequences ? sequenceGradient.start : nil,
        outputGradientStride: stride,
        hiddenGradient: hiddenGradient.start, cellGradient: cellGradient.start,
        inputGradient: turned ? reversedGradient.start : inputGradient?.start,
        inputGradientStride: turned ? shape.features : inputGradient?.stride ?? 0,
        packed: packedBackward.start, scratch: scratch[worker].start))
    if turned { reverseInputGradient(pass, rows) }
  }

  var gradientTasks: Int { layout.gradientTasks }

  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool) {
    kernels.lstmGradient(
      LSTMGradientCall(
        shape: shape, timesteps: pass.timesteps, batch: pass.batch,
        input: input.start, inputStride: input.stride, hidden: hidden.start, cell: cell.start,
        gates: gates.start, gradients: weights(in: arena.gradients), accumulates: accumulates,
        scratch: scratch[worker].start),
      task)
  }

  /// Reading step s takes timestep length − 1 − s; steps after the end read zeros.
  private func reverseInput(_ pass: Pass, _ rows: Range<Int>) {
    guard let source else { return }
    for n in rows {
      let length = pass.length(n)
      for s in 0..<pass.timesteps {
        let target = input.start + (s * pass.batch + n) * input.stride
        if s < length {
          target.update(
            from: source.start + ((length - 1 - s) * pass.batch + n) * source.stride,
            count: shape.features)
        } else {
          target.update(repeating: 0, count: shape.features)
        }
      }
    }
  }

  private func reverseInputGradient(_ pass: Pass, _ rows: Range<Int>) {
    guard let target = inputGradient else { return }
    for n in rows {
      let length = pass.length(n)
      for t in 0..<pass.timesteps {
        let row = target.start + (t * pass.batch + n) * target.stride
        if t < length {
          row.update(
            from: reversedGradient.start + ((length - 1 - t) * pass.batch + n) * shape.features,
            count: shape.features)
        } else {
          row.update(repeating: 0, count: shape.features)
        }
      }
    }
  }
}
