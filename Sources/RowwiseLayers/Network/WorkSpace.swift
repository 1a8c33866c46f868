import RowwiseKernelInterface

/// What passes through a stack of layers need, before anything is allocated.
///
/// Sums of the large arrays only, so that passes need a little more. Numbers are `Double`, since what a
/// file or an option claims may be far beyond `Int`.
public struct WorkSpace: Sendable, Equatable {
  /// Bytes of all weights as they are read from a file.
  public private(set) var weightBytes = 0.0
  /// Bytes that each sequence of a batch takes in prediction.
  public private(set) var predictionBytes = 0.0
  /// Bytes that each sequence of a batch takes in training, where activations are kept whole.
  public private(set) var trainingBytes = 0.0
  /// The part of `trainingBytes` that an activation budget bounds in each LSTM layer: gates, h and c.
  private var bounded: [Double] = []
  /// Multiplications of one prediction; each timestep of a layer counts as at least
  /// `stepOverhead`, which is what reading one costs besides.
  public private(set) var multiplications = 0.0

  /// In multiplications: half a microsecond at what one core does in its products.
  static let stepOverhead = 16_384.0

  /// - Parameter everyTimestep: whether there are predictions after every timestep, as the early loss
  ///   has them.
  /// - Throws: `LayerError` where the layers do not fit together.
  public init(
    of layers: [LayerSpecification], timesteps: Int, features: Int, everyTimestep: Bool = false
  ) throws(LayerError) {
    let builder = try NetworkBuilder(layers, timesteps: timesteps, features: features)
    weightBytes = 4 * builder.parameters.reduce(0.0) { $0 + Double($1.count) }
    var width = Double(features)
    add(Double(timesteps) * width)
    for (layer, plan) in zip(layers, builder.plans) {
      var layer = layer
      let steps = Double(plan.timesteps)
      if everyTimestep, case .recurrent(var recurrent) = layer {
        recurrent.returnSequences = true
        layer = .recurrent(recurrent)
      }
      add(layer, steps, &width, vectors: everyTimestep || plan.readsSequence ? steps : 1)
    }
  }

  /// Bytes of a batch in training.
  ///
  /// - Parameter activationBudget: as `Network` takes it.
  public func trainingBytes(batch: Int, activationBudget: Int) -> Double {
    let batch = Double(batch)
    let spared = bounded.reduce(0.0) { $0 + max(0, $1 * batch - Double(activationBudget)) }
    // Weights, gradients, packed forwards and backwards.
    return 4 * weightBytes + max(0, batch * trainingBytes - spared)
  }

  /// Bytes of a batch in prediction.
  public func predictionBytes(batch: Int) -> Double {
    2 * weightBytes + Double(batch) * predictionBytes
  }

  /// As many sequences as fit into some bytes, at least 1 and at most `count`.
  public func batch(of count: Int, within bytes: Int) -> Int {
    Int(min(max(Double(bytes) / max(predictionBytes, 1), 1), Double(max(count, 1))))
  }

  /// Of no layer.
  private init() {}

  private mutating func add(_ numbers: Double, training: Double = 0) {
    predictionBytes += 4 * numbers
    trainingBytes += 4 * (numbers + training)
  }

  /// - Parameter vectors: of each sequence that a layer reads which sees each by itself.
  private mutating func add(
    _ layer: LayerSpecification, _ steps: Double, _ width: inout Double, vectors: Double = 1
  ) {
    switch layer {
    case .recurrent(let recurrent) where recurrent.isPlainLSTM:
      addLSTM(recurrent, isBackwards: recurrent.direction == .backwards, steps, width)
      guard recurrent.direction == .both else {
        width = Double(recurrent.units)
        return
      }
      addLSTM(recurrent, isBackwards: false, steps, width)
      let output = 2 * Double(recurrent.units)
      let joined = (recurrent.returnSequences ? steps : 1) * output
      add(joined + steps * width, training: joined + steps * width)
      width = output
    case .recurrent(let recurrent): addRecurrent(recurrent, steps, &width)
    case .residual(let inner):
      let before = width
      add(inner, steps, &width)
      add(steps * width, training: steps * width)
      if before != width { multiplications += steps * before * width }
    case .dense(let dense):
      let columns = Double(max(dense.columns ?? 1, 1))
      addDense(Double(dense.units), of: vectors * columns, width / columns)
      width = columns * Double(dense.units)
    case .norm: add(vectors * width, training: vectors * width)
    case .mlp(let mlp):
      let columns = Double(max(mlp.columns ?? 1, 1))
      let (count, patch) = (vectors * columns, width / columns)
      add(2 * vectors * width, training: vectors * width)
      addDense(Double(mlp.ratio) * patch, of: count, patch)
      addDense(patch, of: count, Double(mlp.ratio) * patch)
    case .dropout: break
    case .flatten:
      width *= steps
      add(width, training: width)
    case .pooling(let pooling):
      if pooling.kind == .attention { add(steps) }
      multiplications += steps * width
      add(width, training: width)
    case .sweep(let sweep):
      let columns = Double(max(sweep.columns ?? 1, 1))
      var patch = width / columns
      addReading(sweep.reading, of: columns, steps, &patch)
      add(steps * columns * patch, training: steps * columns * patch)
      addReading(sweep.reading, of: steps, columns, &patch)
      add(steps * columns * patch, training: steps * columns * patch)
      guard sweep.isResidual else {
        width = columns * patch
        break
      }
      add(2 * steps * width, training: steps * width)
      addDense(width / columns, of: steps * columns, patch)
    case .merge(let merge):
      let factor = Double(max(merge.factor, 1))
      let columns = Double(max(merge.columns ?? 1, 1))
      width = (columns / factor).rounded(.up) * factor * factor * width / columns
      let numbers = (steps / factor).rounded(.up) * width
      add(numbers, training: numbers)
    case .convolution(let convolution):
      let columns = Double(max(convolution.columns ?? 1, 1))
      let around = Double(Convolution.neighbors) * width / columns
      add(steps * columns * around, training: steps * columns * around)
      addDense(Double(convolution.units), of: steps * columns, around)
      width = (columns / 2).rounded(.up) * Double(convolution.units)
      let numbers = (steps / 2).rounded(.up) * width
      add(numbers, training: numbers)
    }
  }

  /// A fully connected layer that reads `count` vectors of `width` numbers.
  private mutating func addDense(_ units: Double, of count: Double, _ width: Double) {
    add(count * units, training: count * units)
    multiplications += count * width * units
  }

  /// A layer that reads `count` sequences of each picture, with all that it keeps.
  private mutating func addReading(
    _ layer: Recurrent, of count: Double, _ steps: Double, _ width: inout Double
  ) {
    var one = WorkSpace()
    one.add(.recurrent(layer), steps, &width)
    predictionBytes += count * one.predictionBytes
    trainingBytes += count * one.trainingBytes
    multiplications += count * one.multiplications
  }

  private mutating func addLSTM(
    _ layer: Recurrent, isBackwards: Bool, _ steps: Double, _ width: Double
  ) {
    let units = Double(RowStride.of(layer.units))
    if layer.returnSequences {
      add(steps * units, training: steps * units)
    }
    if isBackwards { add(steps * width) }
    let kept = 4 * steps * units * (layer.returnSequences ? 5 : 6)
    bounded.append(kept)
    trainingBytes += kept
    multiplications += steps * max(4 * units * (width + units), Self.stepOverhead)
  }

  private mutating func addRecurrent(
    _ layer: Recurrent, _ steps: Double, _ width: inout Double
  ) {
    guard layer.cell != .lru else { return addLinear(layer, steps, &width) }
    let units = Double(RowStride.of(layer.units))
    let gates = Double(layer.cell.gates)
    let sides = layer.direction == .both ? 2 : 1
    let sums = steps * gates * units * (layer.cell.keepsRecurrentSums ? 2 : 1)
    // h, and beside it c or r ⊙ h.
    let states =
      steps * units * (layer.cell.hasCellState || layer.cell.resetsBeforeProduct ? 2 : 1)
    for _ in 0..<sides {
      if layer.returnSequences {
        add(steps * units, training: sums + states)
      } else {
        add(0, training: sums + states)
      }
      let products = gates * units * (width + (layer.cell.hasRecurrentProduct ? units : 0))
      multiplications += steps * max(products, Self.stepOverhead)
    }
    addDirections(layer, steps, &width)
  }

  /// An LRU.
  private mutating func addLinear(_ layer: Recurrent, _ steps: Double, _ width: inout Double) {
    let units = Double(RowStride.of(layer.units))
    let state = Double(RowStride.of(2 * layer.units))
    let vectors = layer.returnSequences ? steps : 1
    for _ in 0..<(layer.direction == .both ? 2 : 1) {
      // States and what comes out; sums of both, and gradients by what comes out, in training.
      add(vectors * (state + units), training: 2 * steps * state + 2 * vectors * (state + units))
      multiplications += steps * max(state * (width + 2), Self.stepOverhead)
      multiplications += vectors * (state + width) * 2 * units
    }
    addDirections(layer, steps, &width)
  }

  /// Sequences that are turned, and directions side by side.
  private mutating func addDirections(_ layer: Recurrent, _ steps: Double, _ width: inout Double) {
    if layer.direction != .forwards { add(steps * width, training: steps * width) }
    width = Double((layer.direction == .both ? 2 : 1) * layer.units)
    if layer.direction == .both {
      add((layer.returnSequences ? steps : 1) * width, training: steps * width)
    }
  }
}

extension Network {
  /// Bytes that a prediction of so many sequences takes, weights included.
  package func predictionBytes(batch: Int) -> Double {
    // The layers fit together, as there is a network of them.
    let space = try? WorkSpace(of: layers, timesteps: timesteps, features: features)
    return space?.predictionBytes(batch: batch) ?? 0
  }

  /// The most sequences of `count`, at least one, that a prediction reads in 256 MiB.
  public func batch(of count: Int) -> Int {
    // The layers fit together, as there is a network of them.
    let space = try? WorkSpace(of: layers, timesteps: timesteps, features: features)
    return space?.batch(of: count, within: 1 << 28) ?? 1
  }
}
