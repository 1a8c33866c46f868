import KernelInterface

/// Where things are in the packed forms of one LSTM shape.
///
/// Hidden units are cut into panels of one vector each. Forward form, a panel after the other:
///
///     bias [i f g o], diagonal peephole [i f o 0] if any,
///     weights [D + H][i f g o], full peephole [H][i f o] if any, half weights [H][if go] if any
///
/// where each letter is one vector of the panel's units, i, f and o times −log2 e and g times
/// 2, as `sigmoidOfPower` and `hyperbolicTangentOfHalf` want them. With `Precision.bfloat16` the weights are
/// rounded and log2 e is left out, whose product would not be such a number; half weights are R once
/// more, two numbers in the bits of one, i and g below f and o. Backward form: the transposes Rᵀ, Wᵀ and,
/// for a full peephole, Pᵀ, each cut into column panels of up to four vectors, [K][columns], with
/// K running over (panel, gate, unit) like the gates in the workspace. Padding is zero.
struct LSTMPanels {
  let shape: LSTMShape
  /// Panels of hidden units.
  let count: Int

  @inline(__always)
  init(_ shape: LSTMShape) {
    self.shape = shape
    count = vectors(shape.hidden)
  }

  /// Row length of h and c. A distance of 512 bytes or a multiple would map the rows of a block
  /// to a few sets of the first-level cache, so such rows get a cache line more.
  @inline(__always) var hiddenStride: Int {
    let padded = count * lanes
    return padded % 128 == 0 ? padded + 16 : padded
  }

  /// Elements of a (timestep, sequence) pair's gates within one panel.
  @inline(__always) var gatePitch: Int { 4 * lanes }

  /// Steps of the fused product over x and h.
  @inline(__always) var steps: Int { shape.features + shape.hidden }

  @inline(__always) var weightsOffset: Int { (shape.peephole == .diagonal ? 8 : 4) * lanes }
  @inline(__always) var peepholeOffset: Int { weightsOffset + steps * 4 * lanes }
  @inline(__always) var halfOffset: Int {
    peepholeOffset + (shape.peephole == .full ? shape.hidden * 3 * lanes : 0)
  }
  /// Elements of a panel in forward form.
  @inline(__always) var forwardPanel: Int {
    halfOffset + (rounds ? shape.hidden * 2 * lanes : 0)
  }
  /// Whether products are formed in bfloat16.
  @inline(__always) var rounds: Bool { shape.precision == .bfloat16 }

  /// Steps of a product over the gates.
  @inline(__always) var gateSteps: Int { count * gatePitch }
  @inline(__always) var recurrentColumns: EvenSplit { EvenSplit(count, limit: 4) }
  @inline(__always) var inputColumns: EvenSplit { EvenSplit(vectors(shape.features), limit: 4) }
  @inline(__always) var inputOffset: Int { gateSteps * count * lanes }
  @inline(__always) var peepholeBackwardOffset: Int {
    inputOffset + gateSteps * vectors(shape.features) * lanes
  }
  /// Elements of the backward form; a diagonal peephole follows at its end, [panel][i f o].
  @inline(__always) var backwardCount: Int {
    peepholeBackwardOffset
      + (shape.peephole == .full ? count * 3 * lanes * count * lanes : 0)
      + (shape.peephole == .diagonal ? count * 3 * lanes : 0)
  }

  /// Panels of one gradient task.
  @inline(__always) var gradientGroups: EvenSplit { EvenSplit(count, limit: 32 / lanes) }
  /// Elements of a gradient task's accumulators for one panel.
  @inline(__always) var gradientPanel: Int {
    (steps + 1 + (shape.peephole == .full ? shape.hidden : 1)) * 4 * lanes
  }
}

/// Layout of one LSTM shape, for callers.
func lstmLayout(_ shape: LSTMShape) -> LSTMLayout {
  let panels = LSTMPanels(shape)
  return LSTMLayout(
    hiddenStride: panels.hiddenStride,
    gateStride: panels.gateSteps,
    packedForwardCount: panels.count * panels.forwardPanel,
    packedBackwardCount: panels.backwardCount,
    packTasks: panels.count,
    gradientTasks: panels.gradientGroups.count,
    scratch: max(chunkRows * panels.gatePitch, hoistedSteps * panels.gateSteps),
    gradientScratch: panels.gradientPanel * panels.gradientGroups.size(0))
}

/// Packs panel `task` into the forward form and its steps into the backward form.
func lstmPack(
  _ shape: LSTMShape, _ weights: LSTMWeights<Float>, _ task: Int,
  _ forward: UnsafeMutablePointer<Float>, _ backward: UnsafeMutablePointer<Float>?
) {
  let panels = LSTMPanels(shape)
  let target = forward + task * panels.forwardPanel
  if panels.rounds {
    packForward(panels, weights, rounds: true, panel: task, into: target)
  } else {
    packForward(panels, weights, rounds: false, panel: task, into: target)
  }
  guard let backward else { return }
  packBackward(panels, weights, panel: task, into: backward)
}

@inline(__always)
private func packForward(
  _ panels: LSTMPanels, _ weights: LSTMWeights<Float>, rounds: Bool, panel: Int,
  into out: UnsafeMutablePointer<Float>
) {
  let hidden = panels.shape.hidden
  let unit = panel * lanes
  let valid = min(lanes, hidden - unit)
  /// Copies `gates` vectors of row `row` of a matrix whose rows hold `gates` blocks of H.
  @inline(__always)
  func copy(
    _ matrix: UnsafePointer<Float>, row: Int, gates: Int, rounds isFactor: Bool = false,
    power: Float = rounds ? 1 : log2e, to p: UnsafeMutablePointer<Float>
  ) {
    let source = matrix + row * gates * hidden + unit
    for gate in 0..<gates {
      // The candidate is the third of four gates.
      let scale: Float = gates == 4 && gate == 2 ? 2 : -power
      let scaled = load(source + gate * hidden, first: valid) * scale
      store(isFactor ? roundedToBFloat16(scaled) : scaled, p + gate * lanes)
    }
  }
  copy(weights.bias, row: 0, gates: 4, to: out)
  if panels.shape.peephole == .diagonal, let peephole = weights.peephole {
    copy(peephole, row: 0, gates: 3, power: log2e, to: out + 4 * lanes)
    store(Vector(repeating: 0), out + 7 * lanes)
  }
  var p = out + panels.weightsOffset
  for row in 0..<panels.shape.features {
    copy(weights.input, row: row, gates: 4, rounds: rounds, to: p)
    p += 4 * lanes
  }
  for row in 0..<hidden {
    copy(weights.recurrent, row: row, gates: 4, rounds: rounds, to: p)
    p += 4 * lanes
  }
  if panels.shape.peephole == .full, let peephole = weights.peephole {
    for row in 0..<hidden {
      copy(peephole, row: row, gates: 3, to: p)
      p += 3 * lanes
    }
  }
  guard rounds else { return }
  let recurrent = out + panels.weightsOffset + panels.shape.features * 4 * lanes
  for row in 0..<hidden {
    for pair in 0..<2 {
      let source = UnsafePointer(recurrent + (row * 4 + 2 * pair) * lanes)
      let low = unsafeBitCast(load(source), to: IntVector.self)
      let high = unsafeBitCast(load(source + lanes), to: IntVector.self)
      // The lower half of `high` is zero.
      let both =
        unsafeBitCast(low, to: UnsignedVector.self) &>> 16
        | unsafeBitCast(high, to: UnsignedVector.self)
      store(
        unsafeBitCast(both, to: Vector.self), out + panels.halfOffset + (row * 2 + pair) * lanes)
    }
  }
}

private func packBackward(
  _ panels: LSTMPanels, _ weights: LSTMWeights<Float>, panel: Int,
  into out: UnsafeMutablePointer<Float>
) {
  let shape = panels.shape
  transpose(
    weights.recurrent, rows: shape.hidden, gates: 4, rounds: panels.rounds, panels: panels,
    panel: panel,
    columns: panels.recurrentColumns, into: out)
  transpose(
    weights.input, rows: shape.features, gates: 4, rounds: panels.rounds, panels: panels,
    panel: panel,
    columns: panels.inputColumns, into: out + panels.inputOffset)
  guard let peephole = weights.peephole else { return }
  let end = out + panels.peepholeBackwardOffset
  switch shape.peephole {
  case .none: break
  case .full:
    transpose(
      peephole, rows: shape.hidden, gates: 3, rounds: false, panels: panels, panel: panel,
      columns: panels.recurrentColumns, into: end)
  case .diagonal:
    let unit = panel * lanes
    for gate in 0..<3 {
      store(
        load(peephole + gate * shape.hidden + unit, first: shape.hidden - unit),
        end + (panel * 3 + gate) * lanes)
    }
  }
}

/// Writes the steps of one panel of the transpose of matrix [rows, gates · H].
private func transpose(
  _ matrix: UnsafePointer<Float>, rows: Int, gates: Int, rounds: Bool, panels: LSTMPanels,
  panel: Int, columns: EvenSplit, into out: UnsafeMutablePointer<Float>
) {
  if rounds {
    transpose(
      matrix, rows: rows, gates: gates, panels: panels, panel: panel, columns: columns, into: out
    ) { roundedToBFloat16($0) }
  } else {
    transpose(
      matrix, rows: rows, gates: gates, panels: panels, panel: panel, columns: columns, into: out
    ) { $0 }
  }
}

@inline(__always)
private func transpose(
  _ matrix: UnsafePointer<Float>, rows: Int, gates: Int, panels: LSTMPanels, panel: Int,
  columns: EvenSplit, into out: UnsafeMutablePointer<Float>, _ value: (Vector) -> Vector
) {
  let hidden = panels.shape.hidden
  let unit = panel * lanes
  let valid = min(lanes, hidden - unit)
  let steps = panels.count * gates * lanes
  for q in 0..<columns.count {
    let width = columns.size(q) * lanes
    let first = columns.start(q) * lanes
    let block = out + first * steps + panel * gates * lanes * width
    let used = min(width, rows - first)
    for gate in 0..<gates {
      let target = block + gate * lanes * width
      if used < width || valid < lanes { target.update(repeating: 0, count: lanes * width) }
      // A column's units one after the other: going along `column` inside would step by a row of
      // the matrix, often a power of two, through a few sets of the first-level cache.
      let source = matrix + first * gates * hidden + gate * hidden + unit
      for column in 0..<used {
        let units = source + column * gates * hidden
        if valid == lanes {
          let vector = value(load(units))
          for lane in 0..<lanes { target[lane * width + column] = vector[lane] }
        } else {
          let vector = value(load(units, first: valid))
          for lane in 0..<valid { target[lane * width + column] = vector[lane] }
        }
      }
    }
  }
}
