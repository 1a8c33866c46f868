import RowwiseKernelInterface

// LSTM with layer normalisation as plain loops over a row.
extension ReferenceCells {
  @inline(__always)
  static func normalizedForward<Scalar: BinaryFloatingPoint>(
    _ call: CellCall<Scalar>, _ row: Int
  ) {
    guard let weights = call.parameters.normalization, let kept = call.normalized,
      let recurrentSums = call.recurrentSums, let state = call.cellState
    else { return }
    let hidden = call.hidden
    let sums = call.sums + row * call.sumsStride
    let recurrent = recurrentSums + row * call.sumsStride
    let gates = kept.gates + row * call.sumsStride
    let statistics = kept.statistics + row * 8
    let place = row * call.hiddenStride
    for (side, sums) in [sums, recurrent].enumerated() {
      statistics[side] = ReferenceNormalized.scale(
        innerProduct(sums, sums, count: 4 * hidden), 4 * hidden)
    }
    for j in 0..<4 * hidden {
      let x = sums[j] * statistics[0]
      let h = recurrent[j] * statistics[1]
      let z = weights.inputGain[j] * x + weights.recurrentGain[j] * h + weights.bias[j]
      gates[j] = j / hidden == 2 ? hyperbolicTangent(z) : logistic(z)
    }
    func cell(_ k: Int) -> Scalar {
      gates[hidden + k] * state.before[place + k] + gates[k] * gates[2 * hidden + k]
    }
    var sum: Scalar = 0
    for k in 0..<hidden { sum += cell(k) }
    let mean = sum / Scalar(hidden)
    var squares: Scalar = 0
    for k in 0..<hidden { squares += (cell(k) - mean) * (cell(k) - mean) }
    statistics[2] = mean
    statistics[3] = ReferenceNormalized.scale(squares, hidden)
    for k in 0..<hidden {
      let normal = (cell(k) - mean) * statistics[3]
      let y = weights.cellGain[k] * normal + weights.cellBias[k]
      finishCell(call, row, k, cell(k))
      finish(call, row, k, gates[3 * hidden + k] * hyperbolicTangent(y))
    }
  }

  /// With n = N(c) and δn its gradient: δc = (δn − mean(δn) − n mean(δn n)) / σ. For the sums see
  /// `NormalizedKernels`.
  @inline(__always)
  static func normalizedBackward<Scalar: BinaryFloatingPoint>(
    _ call: CellCall<Scalar>, _ gradients: CellGradients<Scalar>, _ row: Int
  ) {
    guard let weights = call.parameters.normalization, let kept = call.normalized,
      let recurrentSums = call.recurrentSums, let state = call.cellState,
      let dcs = gradients.cell, let all = gradients.parameters, let through = kept.scratch
    else { return }
    let hidden = call.hidden
    let gates = kept.gates + row * call.sumsStride
    let statistics = kept.statistics + row * 8
    let place = row * call.hiddenStride
    let parameters = all + row / gradients.parameterRows * gradients.parameterStride
    let cellParameters = parameters + 12 * hidden
    func normal(_ k: Int) -> Scalar {
      let c = gates[hidden + k] * state.before[place + k] + gates[k] * gates[2 * hidden + k]
      return (c - statistics[2]) * statistics[3]
    }
    var (sum, product): (Scalar, Scalar) = (0, 0)
    for k in 0..<hidden {
      let keptH: Scalar = keptHidden(call, row, k)
      let dh = gradients.hidden[place + k] * (1 - keptH)
      gradients.hidden[place + k] *= keptH
      let o = gates[3 * hidden + k]
      let squashed = hyperbolicTangent(weights.cellGain[k] * normal(k) + weights.cellBias[k])
      let dy = dh * o * (1 - squashed * squashed)
      cellParameters[k] += dy * normal(k)
      cellParameters[hidden + k] += dy
      through[k] = dy * weights.cellGain[k]
      sum += through[k]
      product += through[k] * normal(k)
      gates[3 * hidden + k] = dh * squashed * o * (1 - o)
    }
    for k in 0..<hidden {
      let keptC: Scalar = keptCell(call, row, k)
      let part = through[k] - sum / Scalar(hidden) - normal(k) * product / Scalar(hidden)
      let dc = dcs[place + k] * (1 - keptC) + part * statistics[3]
      let (i, f, g) = (gates[k], gates[hidden + k], gates[2 * hidden + k])
      gates[k] = dc * g * i * (1 - i)
      gates[hidden + k] = dc * state.before[place + k] * f * (1 - f)
      gates[2 * hidden + k] = dc * i * (1 - g * g)
      dcs[place + k] = dc * f + dcs[place + k] * keptC
    }
    for j in 0..<4 * hidden { parameters[8 * hidden + j] += gates[j] }
    ReferenceNormalized.differentiate(
      gates, call.sums + row * call.sumsStride, weights.inputGain, 4 * hidden,
      scale: statistics[0], terms: statistics + 4, gainGradient: parameters)
    ReferenceNormalized.differentiate(
      gates, recurrentSums + row * call.sumsStride, weights.recurrentGain, 4 * hidden,
      scale: statistics[1], terms: statistics + 6, gainGradient: parameters + 4 * hidden)
  }
}
