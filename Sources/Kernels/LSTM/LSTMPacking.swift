import RowwiseKernelInterface

/// Where things are in the packed forms of one LSTM shape.
///
/// Hidden units are cut into panels of one vector each. Forward form, a panel after the other:
///
///     bias [i f g o], diagonal peephole [i f o 0] if any,
///     weights [D + H][i f g o], full peephole [H][i f o] if any, half weights [H][if go] if any
///
/// where each letter is one vector of the panel's units, i, f and o times −log2 e and g times
/// 2, as `sigmoidOfPower` and `hyperbolicTangentOfHalf` want them. With
/// `Precision.bfloat16` the weights are rounded and log2 e is left out, whose product would not be
/// such a number. Where the processor multiplies pairs, a step is two of D, of H or of K; elsewhere
/// half weights are R once more, i and g in the bits below f and o. Of `Precision.int8` see
/// LSTMWholePacking.swift. Backward form: the transposes Rᵀ, Wᵀ and,
/// for a full peephole, Pᵀ, each cut into column panels of up to four vectors, [K][columns], with
/// K running over (panel, gate, unit) like the gates in the workspace. Padding is zero.
struct LSTMPanels {
  let shape: LSTMShape
  /// Panels of hidden units.
  let count: Int
  /// Numbers in a lane of an operand.
  let perLane: Int

  /// - Parameter wholePerLane: numbers in a lane with `Precision.int8`.
  @inline(__always)
  init(_ shape: LSTMShape, wholePerLane: Int = 1) {
    self.shape = shape
    count = vectors(shape.hidden)
    perLane =
      switch shape.precision {
      case .float32: 1
      case .bfloat16: numbersPerLane
      case .int8: wholePerLane
      }
  }

  /// Row length of h and c; rows that would crowd a cache get a line more.
  @inline(__always) var hiddenStride: Int {
    let padded = count * lanes
    return crowdsCache(padded) ? padded + 16 : padded
  }

  /// Elements of a (timestep, sequence) pair's gates within one panel.
  @inline(__always) var gatePitch: Int { 4 * lanes }

  /// Whether products are formed in bfloat16.
  @inline(__always) var rounds: Bool { shape.precision == .bfloat16 }

  /// Steps of the product over x.
  @inline(__always) var inputSteps: Int { (shape.features + perLane - 1) / perLane }
  /// Steps of the product over h.
  @inline(__always) var hiddenSteps: Int { (shape.hidden + perLane - 1) / perLane }
  /// Steps of the fused product over x and h.
  @inline(__always) var steps: Int { inputSteps + hiddenSteps }

  @inline(__always) var weightsOffset: Int {
    ((shape.peephole == .diagonal ? 8 : 4) + (shape.precision == .int8 ? 16 : 0)) * lanes
  }
  @inline(__always) var peepholeOffset: Int { weightsOffset + steps * 4 * lanes }
  @inline(__always) var halfOffset: Int {
    peepholeOffset + (shape.peephole == .full ? shape.hidden * 3 * lanes : 0)
  }
  /// Elements of a panel in forward form.
  @inline(__always) var forwardPanel: Int {
    halfOffset + (rounds && perLane == 1 ? shape.hidden * 2 * lanes : 0)
  }

  /// Elements of a (timestep, sequence) pair's gates.
  @inline(__always) var gateStride: Int { count * gatePitch }
  /// Steps of a product over the gates of one panel.
  @inline(__always) var panelSteps: Int { gatePitch / perLane }
  /// Steps of a product over the gates.
  @inline(__always) var gateSteps: Int { count * panelSteps }
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

  /// Elements of one row's operands where they have to be packed: x and h, or the gates.
  @inline(__always) var packedRow: Int { perLane == 1 ? 0 : max(steps, gateSteps) }

  /// Panels of one gradient task.
  @inline(__always) var gradientGroups: EvenSplit { EvenSplit(count, limit: 32 / lanes) }
  /// Elements of a gradient task's accumulators for one panel.
  @inline(__always) var gradientPanel: Int {
    (shape.features + shape.hidden + 1 + (shape.peephole == .full ? shape.hidden : 1)) * gatePitch
  }
  /// Elements of the operands that a gradient task packs of a block of rows: x, h and one panel's
  /// gates.
  @inline(__always) var gradientOperands: Int {
    perLane == 1 ? 0 : gradientSteps * (shape.features + shape.hidden + gatePitch)
  }
}

/// Layout of one LSTM shape, for callers.
func lstmLayout(_ shape: LSTMShape) -> LSTMLayout {
  let panels = LSTMPanels(shape)
  return LSTMLayout(
    hiddenStride: panels.hiddenStride,
    gateStride: panels.gateStride,
    packedForwardCount: panels.count * panels.forwardPanel,
    packedBackwardCount: panels.backwardCount,
    packTasks: panels.count,
    gradientTasks: panels.gradientGroups.count,
    unitGroups: panels.count,
    scratch: max(
      chunkRows * (panels.gatePitch + panels.packedRow),
      hoistedSteps * (panels.gateStride + panels.packedRow)),
    gradientScratch: panels.gradientPanel * panels.gradientGroups.size(0)
      + panels.gradientOperands)
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
  let power = rounds ? 1 : log2e
  /// The panel's part of row `row` of a matrix whose rows hold `gates` blocks of H.
  @inline(__always)
  func vector(
    _ matrix: UnsafePointer<Float>, _ row: Int, gate: Int, of gates: Int, power: Float
  ) -> Vector {
    // The candidate is the third of four gates.
    let scale: Float = gates == 4 && gate == 2 ? 2 : -power
    return load(matrix + (row * gates + gate) * hidden + unit, first: valid) * scale
  }
  var p = out
  /// Copies a matrix of single-precision products.
  @inline(__always)
  func copy(_ matrix: UnsafePointer<Float>, rows: Int, gates: Int, power: Float) {
    for row in 0..<rows {
      for gate in 0..<gates {
        store(vector(matrix, row, gate: gate, of: gates, power: power), p)
        p += lanes
      }
    }
  }
  /// Copies a matrix of products that may be rounded.
  @inline(__always)
  func copyFactor(_ matrix: UnsafePointer<Float>, rows: Int) {
    guard rounds else { return copy(matrix, rows: rows, gates: 4, power: power) }
    for row in stride(from: 0, to: rows, by: numbersPerLane) {
      for gate in 0..<4 {
        let low = roundedToBFloat16(vector(matrix, row, gate: gate, of: 4, power: power))
        if numbersPerLane == 1 {
          store(low, p)
        } else {
          let high =
            row + 1 < rows
            ? roundedToBFloat16(vector(matrix, row + 1, gate: gate, of: 4, power: power))
            : Vector(repeating: 0)
          store(pairs(low, high), p)
        }
        p += lanes
      }
    }
  }
  copy(weights.bias, rows: 1, gates: 4, power: power)
  if panels.shape.peephole == .diagonal, let peephole = weights.peephole {
    copy(peephole, rows: 1, gates: 3, power: log2e)
    store(Vector(repeating: 0), p)
    p += lanes
  }
  copyFactor(weights.input, rows: panels.shape.features)
  let recurrent = p
  copyFactor(weights.recurrent, rows: hidden)
  if panels.shape.peephole == .full, let peephole = weights.peephole {
    copy(peephole, rows: hidden, gates: 3, power: power)
  }
  guard rounds, numbersPerLane == 1 else { return }
  for row in 0..<hidden {
    for pair in 0..<2 {
      let source = UnsafePointer(recurrent + (row * 4 + 2 * pair) * lanes)
      store(pairs(load(source), load(source + lanes)), p)
      p += lanes
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
      matrix, rows: rows, gates: gates, perLane: numbersPerLane, panels: panels, panel: panel,
      columns: columns, into: out
    ) { roundedToBFloat16($0) }
  } else {
    transpose(
      matrix, rows: rows, gates: gates, perLane: 1, panels: panels, panel: panel,
      columns: columns, into: out
    ) { $0 }
  }
}

@inline(__always)
private func transpose(
  _ matrix: UnsafePointer<Float>, rows: Int, gates: Int, perLane: Int, panels: LSTMPanels,
  panel: Int, columns: EvenSplit, into out: UnsafeMutablePointer<Float>, _ value: (Vector) -> Vector
) {
  let hidden = panels.shape.hidden
  let unit = panel * lanes
  let valid = min(lanes, hidden - unit)
  let steps = panels.count * gates * lanes / perLane
  for q in 0..<columns.count {
    let width = columns.size(q) * lanes
    let first = columns.start(q) * lanes
    let block = out + first * steps + panel * gates * lanes / perLane * width
    let used = min(width, rows - first)
    for gate in 0..<gates {
      let target = block + gate * lanes / perLane * width
      if used < width || valid < lanes {
        target.update(repeating: 0, count: lanes / perLane * width)
      }
      // A column's units one after the other: going along `column` inside would step by a row of
      // the matrix, often a power of two, through a few sets of the first-level cache.
      let source = matrix + first * gates * hidden + gate * hidden + unit
      for column in 0..<used {
        let units = source + column * gates * hidden
        if perLane == 1, valid == lanes {
          let vector = value(load(units))
          for lane in 0..<lanes { target[lane * width + column] = vector[lane] }
          continue
        }
        let vector = value(load(units, first: valid))
        if perLane == 1 {
          for lane in 0..<valid { target[lane * width + column] = vector[lane] }
        } else {
          for lane in stride(from: 0, to: valid, by: 2) {
            target[lane / 2 * width + column] = pair(vector[lane], vector[lane + 1])
          }
        }
      }
    }
  }
}
