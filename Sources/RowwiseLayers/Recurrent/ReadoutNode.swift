import RowwiseCompute
import RowwiseKernelInterface

/// What an LRU makes of its states x: with u the input, (a, b) = x C + u D + d and h = a ⊙ σ(b), of every
/// timestep or, where one vector comes out, of the last one only. Nothing of it waits for the timestep
/// before.
final class ReadoutNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  /// Leaves x, in reading order.
  private let states: any LayerNode<Scalar>
  private let width: Int
  private let units: Int
  private let features: Int
  private let kernels: KernelSet<Scalar>
  private let arena: Arena<Scalar>
  private let offsets: (output: Int, skip: Int, bias: Int)
  private let layouts: (output: DenseLayout, skip: DenseLayout)
  private let turned: TurnedSequences<Scalar>?
  /// C with d, and D; twins share them.
  private let packed: (output: Buffer<Scalar>, skip: Buffer<Scalar>)
  private let packedBackward = (output: Buffer<Scalar>(), skip: Buffer<Scalar>())
  /// Stands for the bias that D has not.
  private let noBias: Buffer<Scalar>
  /// (a, b) of every vector that comes out, where they are kept; else of one timestep.
  private let sums = Buffer<Scalar>()
  /// u of every sequence's last timestep, and its gradient.
  private let lastInput = Buffer<Scalar>()
  private let lastGradient = Buffer<Scalar>()
  private var scratch: [Buffer<Scalar>] = []
  private var views = NodeViews<Scalar>()

  var output: View<Scalar> { views.output }
  var outputGradient: View<Scalar> { views.outputGradient }

  /// - Parameters:
  ///   - states: a layer that leaves the states.
  ///   - isBackwards: whether sequences are read from their ends.
  ///   - width: numbers of a state.
  ///   - offsets: of C, D and d.
  ///   - packed: of the node that this one is a twin of.
  init(
    _ states: any LayerNode<Scalar>, isBackwards: Bool, width: Int, units: Int, features: Int,
    kernels: KernelSet<Scalar>, arena: Arena<Scalar>,
    offsets: (output: Int, skip: Int, bias: Int),
    packed: (output: Buffer<Scalar>, skip: Buffer<Scalar>)? = nil
  ) {
    self.states = states
    self.width = width
    self.units = units
    self.features = features
    self.kernels = kernels
    self.arena = arena
    self.offsets = offsets
    layouts = (kernels.denseLayout(width, 2 * units), kernels.denseLayout(features, 2 * units))
    turned = isBackwards ? TurnedSequences(features: features) : nil
    self.packed =
      packed ?? (Buffer(layouts.output.packedForwardCount), Buffer(layouts.skip.packedForwardCount))
    noBias = Buffer(2 * units)
  }

  private var isSequence: Bool { views.output.isSequence }
  private func sumsStep(_ pass: Pass) -> Int { pass.isTraining ? pass.batch * 2 * units : 0 }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    let input = turned?.prepare(pass, input) ?? input
    let inputGradient = inputGradient.map { turned?.prepareGradient(pass, $0) ?? $0 }
    states.prepare(pass, input: input, inputGradient: inputGradient, workers: workers)
    let isSequence = states.output.isSequence
    let vectors = states.output.vectors(pass)
    views.prepare(
      pass, input: input, inputGradient: inputGradient, vectors: vectors, width: units,
      isSequence: isSequence)
    sums.reserve((pass.isTraining ? vectors : pass.batch) * 2 * units)
    if !isSequence { lastInput.reserve(pass.batch * features) }
    guard pass.isTraining else { return }
    if !isSequence { lastGradient.reserve(pass.batch * features) }
    packedBackward.output.reserve(layouts.output.packedBackwardCount)
    packedBackward.skip.reserve(layouts.skip.packedBackwardCount)
    while scratch.count < workers { scratch.append(Buffer()) }
    for buffer in scratch {
      buffer.reserve(max(layouts.output.gradientScratch, layouts.skip.gradientScratch))
    }
  }

  func makeTwin() -> any LayerNode<Scalar> {
    ReadoutNode(
      states.makeTwin(), isBackwards: turned != nil, width: width, units: units, features: features,
      kernels: kernels, arena: arena, offsets: offsets, packed: packed)
  }

  func makeStep(timesteps: Int) -> (any LayerStep<Scalar>)? {
    guard turned == nil, let states = states.makeStep(timesteps: timesteps) else { return nil }
    return ReadoutStep(
      states, width: width, units: units, features: features, kernels: kernels, packed: packed)
  }

  var sequencesTogether: Int { states.sequencesTogether }

  // MARK: Packing

  var packTasks: Int { states.packTasks + 2 }

  func pack(task: Int, isTraining: Bool) {
    guard task >= states.packTasks else { return states.pack(task: task, isTraining: isTraining) }
    let weights = arena.values.start
    if task == states.packTasks {
      kernels.densePack(
        width, 2 * units, weights + offsets.output, weights + offsets.bias, packed.output.start,
        isTraining ? packedBackward.output.start : nil)
    } else {
      kernels.densePack(
        features, 2 * units, weights + offsets.skip, noBias.start, packed.skip.start,
        isTraining ? packedBackward.skip.start : nil)
    }
  }

  // MARK: Passes

  @specialized(where Scalar == Float)
  func forward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    turned?.turn(pass, sequences)
    states.forward(pass, sequences: sequences, worker: worker)
    if !isSequence { takeLastInput(pass, sequences) }
    for t in 0..<(isSequence ? pass.timesteps : 1) {
      var skip = skipCall(pass, t, sequences, x: skipInput)
      skip.accumulates = true
      kernels.cells.product(
        outputCall(pass, t, sequences, x: states.output), packed.output.start, skip,
        packed.skip.start)
      kernels.cells.open(gateCall(pass, t, sequences, output))
    }
    clearEmpty(pass, sequences, output)
  }

  @specialized(where Scalar == Float)
  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    clearEmpty(pass, sequences, outputGradient)
    for t in 0..<(isSequence ? pass.timesteps : 1) {
      kernels.cells.openBackward(gateCall(pass, t, sequences, outputGradient))
      kernels.denseBackward(
        outputCall(pass, t, sequences, x: states.outputGradient), packedBackward.output.start)
    }
    states.backward(pass, sequences: sequences, worker: worker)
    guard let inputGradient = views.inputGradient else { return }
    if isSequence {
      for t in 0..<pass.timesteps {
        var call = skipCall(pass, t, sequences, x: inputGradient)
        call.accumulates = true
        kernels.denseBackward(call, packedBackward.skip.start)
      }
    } else {
      kernels.denseBackward(
        skipCall(pass, 0, sequences, x: last(lastGradient)), packedBackward.skip.start)
      addLastGradient(pass, sequences, to: inputGradient)
    }
    turned?.turnGradient(pass, sequences)
  }

  var gradientTasks: Int {
    states.gradientTasks + layouts.output.gradientTasks + layouts.skip.gradientTasks
  }

  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool) {
    let own = task - states.gradientTasks
    guard own >= 0 else {
      return states.gradient(pass, task: task, worker: worker, accumulates: accumulates)
    }
    let gradients = arena.gradients.start
    let rows = 0..<output.vectors(pass)
    if own < layouts.output.gradientTasks {
      kernels.denseGradient(
        outputCall(pass, 0, rows, x: states.output), own, gradients + offsets.output,
        gradients + offsets.bias, accumulates, scratch[worker].start)
    } else {
      kernels.denseGradient(
        skipCall(pass, 0, rows, x: skipInput), own - layouts.output.gradientTasks,
        gradients + offsets.skip, nil, accumulates, scratch[worker].start)
    }
  }

  // MARK: Calls

  /// What D reads.
  private var skipInput: View<Scalar> { isSequence ? views.input : last(lastInput) }

  private func last(_ buffer: Buffer<Scalar>) -> View<Scalar> {
    View(start: buffer.start, stride: features, width: features, isSequence: false)
  }

  private func outputCall(
    _ pass: Pass, _ t: Int, _ rows: Range<Int>, x: View<Scalar>
  ) -> DenseCall<Scalar> {
    DenseCall(
      inputs: width, outputs: 2 * units, rows: rows, x: x.start + t * pass.batch * x.stride,
      xStride: x.stride, y: sums.start + t * sumsStep(pass), yStride: 2 * units)
  }

  private func skipCall(
    _ pass: Pass, _ t: Int, _ rows: Range<Int>, x: View<Scalar>
  ) -> DenseCall<Scalar> {
    DenseCall(
      inputs: features, outputs: 2 * units, rows: rows, x: x.start + t * pass.batch * x.stride,
      xStride: x.stride, y: sums.start + t * sumsStep(pass), yStride: 2 * units)
  }

  private func gateCall(
    _ pass: Pass, _ t: Int, _ rows: Range<Int>, _ output: View<Scalar>
  ) -> GateCall<Scalar> {
    GateCall(
      rows: rows, width: units, sums: sums.start + t * sumsStep(pass), sumsStride: 2 * units,
      output: output.start + t * pass.batch * output.stride, outputStride: output.stride)
  }

  /// Where a sequence's last timestep is.
  private func lastRow(_ pass: Pass, _ n: Int, _ view: View<Scalar>) -> UnsafeMutablePointer<Scalar>
  {
    view.start + ((pass.length(n) - 1) * pass.batch + n) * view.stride
  }

  /// Nothing comes out of a sequence without timesteps, as of any layer's first state.
  private func clearEmpty(_ pass: Pass, _ sequences: Range<Int>, _ view: View<Scalar>) {
    guard !isSequence, pass.lengths != nil else { return }
    for n in sequences where pass.length(n) == 0 {
      (view.start + n * view.stride).clear(units)
    }
  }

  private func takeLastInput(_ pass: Pass, _ sequences: Range<Int>) {
    for n in sequences {
      guard pass.length(n) > 0 else {
        (lastInput.start + n * features).clear(features)
        continue
      }
      (lastInput.start + n * features).update(from: lastRow(pass, n, views.input), count: features)
    }
  }

  private func addLastGradient(
    _ pass: Pass, _ sequences: Range<Int>, to gradient: View<Scalar>
  ) {
    for n in sequences where pass.length(n) > 0 {
      let (row, own) = (lastRow(pass, n, gradient), lastGradient.start + n * features)
      for k in 0..<features { row[k] += own[k] }
    }
  }
}

/// An LRU's output one timestep at a time.
final class ReadoutStep<Scalar: ComputeScalar>: LayerStep {
  private let states: any LayerStep<Scalar>
  private let width: Int
  private let units: Int
  private let features: Int
  private let kernels: KernelSet<Scalar>
  private let packed: (output: Buffer<Scalar>, skip: Buffer<Scalar>)
  private let sums: Buffer<Scalar>
  private let output: Buffer<Scalar>

  init(
    _ states: any LayerStep<Scalar>, width: Int, units: Int, features: Int,
    kernels: KernelSet<Scalar>, packed: (output: Buffer<Scalar>, skip: Buffer<Scalar>)
  ) {
    self.states = states
    self.width = width
    self.units = units
    self.features = features
    self.kernels = kernels
    self.packed = packed
    sums = Buffer(2 * units)
    output = Buffer(units)
  }

  func reset() { states.reset() }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func read(_ x: UnsafePointer<Scalar>) -> UnsafePointer<Scalar> {
    let state = states.read(x)
    func call(_ inputs: Int, _ x: UnsafePointer<Scalar>) -> DenseCall<Scalar> {
      DenseCall(
        inputs: inputs, outputs: 2 * units, rows: 0..<1, x: UnsafeMutablePointer(mutating: x),
        xStride: inputs, y: sums.start, yStride: 2 * units)
    }
    var skip = call(features, x)
    skip.accumulates = true
    kernels.cells.product(call(width, state), packed.output.start, skip, packed.skip.start)
    kernels.cells.open(
      GateCall(
        rows: 0..<1, width: units, sums: sums.start, sumsStride: 2 * units, output: output.start,
        outputStride: units))
    return UnsafePointer(output.start)
  }
}
