import RowwiseKernelInterface

// Packed weights for `Precision.int8`: a panel is the one of `LSTMPanels`, with two groups of eight vectors
// before its weights, of W and of R:
//
//     scales [i f g o], starts [i f g o], floats and whole numbers
//
// Scales hold −log2 e and 2 as other precisions' weights do. Sums begin with the starts, which take off what
// the offset of `WholeProduct` adds to them.

extension LSTMPanels {
  /// Of W's scales; R's come after its starts.
  @inline(__always) var inputScalesOffset: Int { weightsOffset - 16 * lanes }
  @inline(__always) var hiddenScalesOffset: Int { weightsOffset - 8 * lanes }
  /// Of R in a panel.
  @inline(__always) var recurrentOffset: Int { weightsOffset + inputSteps * gatePitch }

  /// Elements of a row of x and of h as whole numbers, whose last vector may be written in full.
  @inline(__always) var wholeInputPitch: Int { vectors(shape.features) * lanes / perLane }
  @inline(__always) var wholeHiddenPitch: Int { vectors(shape.hidden) * lanes / perLane }
  /// Elements of pre-activations that are formed together.
  @inline(__always) var wholePreactivations: Int { max(chunkRows * gatePitch, gateStride) }
}

/// The layout of one LSTM shape with products of whole numbers.
func lstmWholeLayout<Rule: WholeProduct>(_ shape: LSTMShape, _: Rule.Type) -> LSTMLayout {
  let panels = LSTMPanels(shape, wholePerLane: Rule.numbersPerLane)
  return LSTMLayout(
    hiddenStride: panels.hiddenStride, gateStride: panels.gateStride,
    packedForwardCount: panels.count * panels.forwardPanel, packedBackwardCount: 0,
    packTasks: panels.count, gradientTasks: 0, unitGroups: panels.count,
    scratch: panels.wholePreactivations
      + chunkRows * (panels.wholeInputPitch + panels.wholeHiddenPitch + 2),
    gradientScratch: 0)
}

/// Packs panel `panel` with weights as whole numbers.
func lstmPackWhole<Rule: WholeProduct>(
  _ shape: LSTMShape, _ weights: LSTMWeights<Float>, _ panel: Int,
  _ forward: UnsafeMutablePointer<Float>, _: Rule.Type
) {
  let panels = LSTMPanels(shape, wholePerLane: Rule.numbersPerLane)
  let hidden = shape.hidden
  let unit = panel * lanes
  let valid = min(lanes, hidden - unit)
  let out = forward + panel * panels.forwardPanel
  for gate in 0..<4 {
    store(
      load(weights.bias + gate * hidden + unit, first: valid) * power(gate), out + gate * lanes)
  }
  if shape.peephole == .diagonal, let peephole = weights.peephole {
    for gate in 0..<3 {
      store(
        load(peephole + gate * hidden + unit, first: valid) * -log2e,
        out + panels.gatePitch + gate * lanes)
    }
    store(Vector(repeating: 0), out + panels.gatePitch + 3 * lanes)
  }
  packMatrix(
    weights.input, rows: shape.features, hidden, unit,
    scales: out + panels.inputScalesOffset, to: out + panels.weightsOffset, Rule.self)
  packMatrix(
    weights.recurrent, rows: hidden, hidden, unit,
    scales: out + panels.hiddenScalesOffset, to: out + panels.recurrentOffset, Rule.self)
  guard shape.peephole == .full, let peephole = weights.peephole else { return }
  for row in 0..<hidden {
    for gate in 0..<3 {
      let source = peephole + (row * 3 + gate) * hidden + unit
      store(
        load(source, first: valid) * -log2e,
        out + panels.peepholeOffset + (row * 3 + gate) * lanes)
    }
  }
}

/// What a gate's columns are multiplied by: `sigmoidOfPower` and `hyperbolicTangentOfHalf` want it.
@inline(__always)
private func power(_ gate: Int) -> Float { gate == 2 ? 2 : -log2e }

/// One panel of a matrix [rows, 4H]: its scales and starts, then its numbers [steps][i f g o].
private func packMatrix<Rule: WholeProduct>(
  _ matrix: UnsafePointer<Float>, rows: Int, _ hidden: Int, _ unit: Int,
  scales: UnsafeMutablePointer<Float>, to target: UnsafeMutablePointer<Float>, _: Rule.Type
) {
  let valid = min(lanes, hidden - unit)
  let perLane = Rule.numbersPerLane
  let bytes = MemoryLayout<Float>.size / perLane
  for gate in 0..<4 {
    let columns = matrix + gate * hidden + unit
    var largest = Vector(repeating: 0)
    for row in 0..<rows {
      largest = largerMagnitude(largest, load(columns + row * 4 * hidden, first: valid))
    }
    // As files keep them: a column of subnormal numbers has no scale and becomes zero.
    var scale = largest / Vector(repeating: 127)
    scale.replace(with: 1, where: scale .< Vector(repeating: .leastNormalMagnitude))
    var sum = IntVector(repeating: 0)
    let numbers = UnsafeMutableRawPointer(target + gate * lanes)
    for row in 0..<(rows + perLane - 1) / perLane * perLane {
      let step = numbers + row / perLane * 4 * lanes * MemoryLayout<Float>.size
      var whole = IntVector(repeating: 0)
      if row < rows {
        whole = wholeNumbers(load(columns + row * 4 * hidden, first: valid), over: scale)
      }
      sum &+= whole
      for lane in 0..<lanes {
        Rule.write(
          weight: whole[lane],
          step + lane * MemoryLayout<Float>.size + row % perLane * bytes)
      }
    }
    let start = IntVector(repeating: -Rule.offset) &* sum
    store(scale * power(gate), scales + gate * lanes)
    store(unsafeBitCast(start, to: Vector.self), scales + (4 + gate) * lanes)
  }
}
