import RowwiseCompute
import RowwiseKernelInterface

/// What one layer gives; which arrays there are depends on the run.
enum LSTMQuantity: String, CaseIterable {
  /// h of every step [T, N, H]; the last h and c [N, H].
  case y, lastHidden, lastCell
  /// Gradients of the inputs.
  case dx, dInitialHidden, dInitialCell
  /// Gradients of the weights.
  case dInput, dRecurrent, dBias, dPeephole
}

/// How kernels are run on a problem.
struct LSTMRunOptions {
  /// Rows of each call; nil for all rows in one.
  var shards: [Range<Int>]?
  /// Slot masks of h and c: -1 or 1. Backward runs only with both -1.
  var hiddenSlotMask = -1
  var cellSlotMask = -1
  /// Gates kept and backward run.
  var trains = true
  /// Elements that arrays are off a multiple of 64 bytes.
  var misalignment = 0
  /// Arrays end where memory ends; they are not aligned then.
  var endsWithMemory = false
  /// Elements between the rows of x, dx and dy.
  var padding = 0
  /// Gradient by x asked for.
  var wantsInputGradient = true
  /// Tasks run last first.
  var reversesTasks = false
  /// Said of a problem whose first h and c are zero.
  var startsFromZero = false
  /// Weight gradients added to arrays that hold this value.
  var accumulatesOnto: Double?
  /// Dense layers' products asked to fetch memory meanwhile.
  var fetchesAhead = false
  /// Products of dense layers added to arrays that hold this value.
  var productsAccumulateOnto: Double?
}

/// Results of a run.
struct LSTMRun {
  var arrays: [LSTMQuantity: [Double]] = [:]
  /// Nothing outside the arrays was written, padding of h and c stayed zero.
  var isClean = true

  /// One array; empty where the run has none.
  subscript(_ quantity: LSTMQuantity) -> [Double] {
    arrays[quantity] ?? []
  }

  /// Names of the quantities that differ in any bit, of those both runs have.
  func differences(from other: LSTMRun) -> [String] {
    LSTMQuantity.allCases.filter { quantity in
      guard let a = arrays[quantity], let b = other.arrays[quantity] else { return false }
      return a.map(\.bitPattern) != b.map(\.bitPattern)
    }.map(\.rawValue)
  }
}

/// Runs one set of kernels on one problem.
struct LSTMRunner<Scalar: ComputeScalar> {
  let kernels: KernelSet<Scalar>
  let problem: LSTMProblem
  let options: LSTMRunOptions
  let layout: LSTMLayout
  let arena: Arena<Scalar>
  let hidden: UnsafeMutablePointer<Scalar>
  let cell: UnsafeMutablePointer<Scalar>
  let gates: UnsafeMutablePointer<Scalar>?
  let input: UnsafeMutablePointer<Scalar>
  let packedForward: UnsafeMutablePointer<Scalar>
  let packedBackward: UnsafeMutablePointer<Scalar>?
  let lengths: [Int32]?

  /// Packs weights and lays out memory.
  init(_ kernels: KernelSet<Scalar>, _ problem: LSTMProblem, _ options: LSTMRunOptions) {
    self.kernels = kernels
    self.problem = problem
    self.options = options
    let layout = kernels.lstmLayout(problem.shape)
    let arena = Arena<Scalar>(
      misalignment: options.misalignment, endsWithMemory: options.endsWithMemory)
    self.layout = layout
    self.arena = arena
    func state(_ initial: [Double], mask: Int) -> UnsafeMutablePointer<Scalar> {
      let slots = mask == 1 ? 2 : problem.timesteps + 1
      let width = problem.shape.hidden
      let later = [Double](repeating: .nan, count: (slots - 1) * problem.batch * width)
      return arena.rows(initial + later, width: width, stride: layout.hiddenStride, filler: 0)
    }
    hidden = state(problem.initialHidden, mask: options.hiddenSlotMask)
    cell = state(problem.initialCell, mask: options.cellSlotMask)
    gates =
      options.trains
      ? arena.array(count: problem.timesteps * problem.batch * layout.gateStride) : nil
    input = arena.rows(
      problem.x, width: problem.shape.features, stride: problem.shape.features + options.padding,
      filler: 777)
    packedForward = arena.array(count: layout.packedForwardCount)
    packedBackward = options.trains ? arena.array(count: layout.packedBackwardCount) : nil
    lengths = problem.lengths.map { $0.map(Int32.init) }
    let weights = LSTMWeights(
      input: arena.array(problem.input), recurrent: arena.array(problem.recurrent),
      peephole: problem.shape.peephole == .none ? nil : arena.array(problem.peephole),
      bias: arena.array(problem.bias))
    for task in Self.order(layout.packTasks, options) {
      kernels.lstmPack(problem.shape, weights, task, packedForward, packedBackward)
    }
  }

  private static func order(_ tasks: Int, _ options: LSTMRunOptions) -> [Int] {
    options.reversesTasks ? (0..<tasks).reversed() : Array(0..<tasks)
  }

  private var shards: [Range<Int>] { options.shards ?? [0..<problem.batch] }

  private func withLengths(_ body: (UnsafePointer<Int32>?) -> Void) {
    if let lengths {
      lengths.withUnsafeBufferPointer { body($0.baseAddress) }
    } else {
      body(nil)
    }
  }

  /// Runs everything the options ask for.
  func run() -> LSTMRun {
    var result = LSTMRun()
    forward(into: &result)
    if options.trains {
      backward(into: &result)
      gradient(into: &result)
    }
    result.isClean = paddingIsZero() && arena.isIntact()
    return result
  }

  private func forward(into result: inout LSTMRun) {
    withLengths { lengths in
      for rows in shards {
        kernels.lstmForward(
          LSTMForwardCall(
            shape: problem.shape, timesteps: problem.timesteps, batch: problem.batch, rows: rows,
            input: input, inputStride: problem.shape.features + options.padding, hidden: hidden,
            hiddenSlotMask: options.hiddenSlotMask, cell: cell,
            cellSlotMask: options.cellSlotMask, gates: gates, lengths: lengths,
            startsFromZero: options.startsFromZero, packed: packedForward,
            scratch: arena.array(count: layout.scratch)))
      }
    }
    let slot = problem.batch * layout.hiddenStride
    let width = problem.shape.hidden
    func read(_ state: UnsafePointer<Scalar>, slot index: Int, slots: Int = 1) -> [Double] {
      values(
        state + index * slot, rows: slots * problem.batch, width: width,
        stride: layout.hiddenStride)
    }
    let last = problem.timesteps
    if options.hiddenSlotMask == -1 {
      result.arrays[.y] = read(hidden, slot: 1, slots: last)
    }
    result.arrays[.lastHidden] = read(hidden, slot: last & options.hiddenSlotMask)
    result.arrays[.lastCell] = read(cell, slot: last & options.cellSlotMask)
  }

  private func backward(into result: inout LSTMRun) {
    guard let gates, let packedBackward else { return }
    let shape = problem.shape
    let dh = arena.rows(
      problem.lastHiddenGradient, width: shape.hidden, stride: layout.hiddenStride, filler: 0)
    let dc = arena.rows(
      problem.lastCellGradient, width: shape.hidden, stride: layout.hiddenStride, filler: 0)
    let dyStride = shape.hidden + options.padding
    let dy = problem.outputGradient.map {
      arena.rows($0, width: shape.hidden, stride: dyStride, filler: 555)
    }
    let dxStride = shape.features + options.padding
    let positions = problem.timesteps * problem.batch
    let dx = options.wantsInputGradient ? arena.array(count: positions * dxStride) : nil
    withLengths { lengths in
      for rows in shards {
        kernels.lstmBackward(
          LSTMBackwardCall(
            shape: shape, timesteps: problem.timesteps, batch: problem.batch, rows: rows,
            cell: cell, gates: gates, lengths: lengths, startsFromZero: options.startsFromZero,
            outputGradient: dy.map { UnsafePointer($0) },
            outputGradientStride: dyStride, hiddenGradient: dh, cellGradient: dc,
            inputGradient: dx, inputGradientStride: dxStride, packed: packedBackward,
            scratch: arena.array(count: layout.scratch)))
      }
    }
    if let dx {
      result.arrays[.dx] = values(dx, rows: positions, width: shape.features, stride: dxStride)
    }
    guard !options.startsFromZero else { return }
    result.arrays[.dInitialHidden] = values(
      dh, rows: problem.batch, width: shape.hidden, stride: layout.hiddenStride)
    result.arrays[.dInitialCell] = values(
      dc, rows: problem.batch, width: shape.hidden, stride: layout.hiddenStride)
  }

  private func gradient(into result: inout LSTMRun) {
    guard let gates else { return }
    let initial = options.accumulatesOnto.map { Scalar($0) } ?? .nan
    let weights = LSTMWeights(
      input: arena.array(count: problem.input.count, repeating: initial),
      recurrent: arena.array(count: problem.recurrent.count, repeating: initial),
      peephole: problem.shape.peephole == .none
        ? nil : arena.array(count: problem.peephole.count, repeating: initial),
      bias: arena.array(count: problem.bias.count, repeating: initial))
    for task in Self.order(layout.gradientTasks, options) {
      kernels.lstmGradient(
        LSTMGradientCall(
          shape: problem.shape, timesteps: problem.timesteps, batch: problem.batch, input: input,
          inputStride: problem.shape.features + options.padding, hidden: hidden, cell: cell,
          gates: gates, startsFromZero: options.startsFromZero, gradients: weights,
          accumulates: options.accumulatesOnto != nil,
          scratch: arena.array(count: layout.gradientScratch)), task)
    }
    result.arrays[.dInput] = values(weights.input, count: problem.input.count)
    result.arrays[.dRecurrent] = values(weights.recurrent, count: problem.recurrent.count)
    result.arrays[.dBias] = values(weights.bias, count: problem.bias.count)
    if let peephole = weights.peephole {
      result.arrays[.dPeephole] = values(peephole, count: problem.peephole.count)
    }
  }

  /// Elements of h and c from H on are zero in every slot.
  private func paddingIsZero() -> Bool {
    let states = [(hidden, options.hiddenSlotMask), (cell, options.cellSlotMask)]
    return states.allSatisfy { state, mask in
      let rows = (mask == 1 ? 2 : problem.timesteps + 1) * problem.batch
      return (0..<rows).allSatisfy { row in
        (problem.shape.hidden..<layout.hiddenStride).allSatisfy {
          state[row * layout.hiddenStride + $0] == 0
        }
      }
    }
  }
}

/// Runs `kernels` on `problem`.
func run<Scalar: ComputeScalar>(
  _ kernels: KernelSet<Scalar>, on problem: LSTMProblem, _ options: LSTMRunOptions = .init()
) -> LSTMRun {
  LSTMRunner(kernels, problem, options).run()
}
