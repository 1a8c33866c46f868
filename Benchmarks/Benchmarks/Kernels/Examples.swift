import RowwiseCompute
import RowwiseKernelInterface
import RowwiseRandomness

/// `count` numbers, uniform in −0.1 ..< 0.1, always the same for one seed.
func randomBuffer(_ count: Int, seed: UInt64) -> Buffer<Float> {
  let buffer = Buffer<Float>(count)
  var random = RandomStream(seed: seed, stream: 0)
  for i in 0..<count { buffer.start[i] = Float(random.nextUniform() - 0.5) / 5 }
  return buffer
}

/// One LSTM layer's arrays and the calls on them.
final class LSTMExample: @unchecked Sendable {
  // SAFETY: benchmarks run one after the other, on one thread at a time.
  private let kernels: KernelSet<Float>
  private let shape: LSTMShape
  private let timesteps: Int
  private let batch: Int
  private let layout: LSTMLayout
  private let weights: LSTMWeights<Float>
  private let gradients: LSTMWeights<Float>
  private let x, hidden, cell, gates, hiddenGradient, cellGradient: Buffer<Float>
  private let packedForward, packedBackward, scratch, gradientScratch: Buffer<Float>
  private var kept: [Buffer<Float>] = []

  init(_ kernels: KernelSet<Float>, _ shape: LSTMShape, timesteps: Int, batch: Int) {
    self.kernels = kernels
    self.shape = shape
    self.timesteps = timesteps
    self.batch = batch
    layout = kernels.lstmLayout(shape)
    var kept: [Buffer<Float>] = []
    func make() -> LSTMWeights<Float> {
      let counts = [
        shape.features * 4 * shape.hidden, shape.hidden * 4 * shape.hidden, 4 * shape.hidden,
        shape.peepholeCount,
      ]
      let arrays = counts.map { randomBuffer($0, seed: UInt64($0)) }
      kept += arrays
      return LSTMWeights(
        input: arrays[0].start, recurrent: arrays[1].start,
        peephole: shape.peephole == .none ? nil : arrays[3].start, bias: arrays[2].start)
    }
    weights = make()
    gradients = make()
    self.kept = kept
    let state = batch * layout.hiddenStride
    x = randomBuffer(timesteps * batch * shape.features, seed: 5)
    hidden = Buffer((timesteps + 1) * state)
    cell = Buffer((timesteps + 1) * state)
    gates = Buffer(timesteps * batch * layout.gateStride)
    hiddenGradient = randomBuffer(state, seed: 6)
    cellGradient = Buffer(state)
    packedForward = Buffer(layout.packedForwardCount)
    packedBackward = Buffer(layout.packedBackwardCount)
    scratch = Buffer(layout.scratch)
    gradientScratch = Buffer(layout.gradientScratch)
    pack()
  }

  func pack() {
    for task in 0..<layout.packTasks {
      kernels.lstmPack(shape, weights, task, packedForward.start, packedBackward.start)
    }
  }

  func forward() {
    kernels.lstmForward(
      LSTMForwardCall(
        shape: shape, timesteps: timesteps, batch: batch, rows: 0..<batch, input: x.start,
        inputStride: shape.features, hidden: hidden.start, hiddenSlotMask: -1, cell: cell.start,
        cellSlotMask: -1, gates: gates.start, lengths: nil, packed: packedForward.start,
        scratch: scratch.start))
  }

  func backward() {
    kernels.lstmBackward(
      LSTMBackwardCall(
        shape: shape, timesteps: timesteps, batch: batch, rows: 0..<batch, cell: cell.start,
        gates: gates.start, lengths: nil, outputGradient: nil, outputGradientStride: 0,
        hiddenGradient: hiddenGradient.start, cellGradient: cellGradient.start,
        inputGradient: nil, inputGradientStride: shape.features, packed: packedBackward.start,
        scratch: scratch.start))
  }

  func gradient() {
    for task in 0..<layout.gradientTasks {
      kernels.lstmGradient(
        LSTMGradientCall(
          shape: shape, timesteps: timesteps, batch: batch, input: x.start,
          inputStride: shape.features, hidden: hidden.start, cell: cell.start,
          gates: gates.start, gradients: gradients, accumulates: false,
          scratch: gradientScratch.start), task)
    }
  }
}

/// A fully connected layer's arrays and the calls on them.
final class DenseExample: @unchecked Sendable {
  // SAFETY: as above.
  private let kernels: KernelSet<Float>
  private let layout: DenseLayout
  private let call: DenseCall<Float>
  private let x, y, weightGradient, biasGradient: Buffer<Float>
  private let packedForward, packedBackward, scratch: Buffer<Float>

  init(_ kernels: KernelSet<Float>, inputs: Int, outputs: Int, rows: Int) {
    self.kernels = kernels
    layout = kernels.denseLayout(inputs, outputs)
    x = randomBuffer(rows * inputs, seed: 1)
    y = randomBuffer(rows * outputs, seed: 2)
    weightGradient = Buffer(inputs * outputs)
    biasGradient = Buffer(outputs)
    packedForward = Buffer(layout.packedForwardCount)
    packedBackward = Buffer(layout.packedBackwardCount)
    scratch = Buffer(layout.gradientScratch)
    call = DenseCall(
      inputs: inputs, outputs: outputs, rows: 0..<rows, x: x.start, xStride: inputs, y: y.start,
      yStride: outputs)
    let weight = randomBuffer(inputs * outputs, seed: 3)
    let bias = randomBuffer(outputs, seed: 4)
    withExtendedLifetime((weight, bias)) {
      kernels.densePack(
        inputs, outputs, weight.start, bias.start, packedForward.start, packedBackward.start)
    }
  }

  func forward() { kernels.denseForward(call, packedForward.start) }

  func backward() { kernels.denseBackward(call, packedBackward.start) }

  func gradient() {
    for task in 0..<layout.gradientTasks {
      kernels.denseGradient(
        call, task, weightGradient.start, biasGradient.start, false, scratch.start)
    }
  }
}

/// Weights, gradients and an optimizer's averages.
final class OptimizerExample: @unchecked Sendable {
  // SAFETY: as above.
  private let kernels: KernelSet<Float>
  private let count: Int
  private let parameters, gradients, first, second: Buffer<Float>

  init(_ kernels: KernelSet<Float>, count: Int) {
    self.kernels = kernels
    self.count = count
    parameters = randomBuffer(count, seed: 1)
    gradients = randomBuffer(count, seed: 2)
    first = Buffer(count)
    second = Buffer(count)
  }

  func step(_ rule: OptimizerRule<Float>) {
    kernels.optimize(
      rule,
      OptimizerCall(
        count: count, parameters: parameters.start, gradients: gradients.start,
        first: first.start, second: second.start, gradientScale: 1))
  }
}
