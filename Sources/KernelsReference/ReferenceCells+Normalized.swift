import KernelInterface

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
    let statistics = kept.statistics + row * 6
    let place = row * call.hiddenStride
    (statistics[0], statistics[1]) = moments(sums, 4 * hidden)
    (statistics[2], statistics[3]) = moments(recurrent, 4 * hidden)
    for j in 0..<4 * hidden {
      let x = (sums[j] - statistics[0]) * statistics[1]
      let h = (recurrent[j] - statistics[2]) * statistics[3]
      let z = weights.inputGain[j] * x + weights.recurrentGain[j] * h + weights.bias[j]
      gates[j] = j / hidden == 2 ? hyperbolicTangent(z) : logistic(z)
    }
    for k in 0..<hidden {
      kept.scratch[k] =
        gates[hidden + k] * state.before[place + k] + gates[k] * gates[2 * hidden + k]
    }
    for k in 0..<hidden { finishCell(call, row, k, kept.scratch[k]) }
    (statistics[4], statistics[5]) = moments(kept.scratch, hidden)
    for k in 0..<hidden {
      let normal = (kept.scratch[k] - statistics[4]) * statistics[5]
      let u = weights.cellGain[k] * normal + weights.cellBias[k]
      finish(call, row, k, gates[3 * hidden + k] * hyperbolicTangent(u))
    }
  }

  /// With n = N(s) and δn its gradient: δs = (δn − mean(δn) − n mean(δn n)) / σ.
  @inline(__always)
  static func normalizedBackward<Scalar: BinaryFloatingPoint>(
    _ call: CellCall<Scalar>, _ gradients: CellGradients<Scalar>, _ row: Int
  ) {
    guard let weights = call.parameters.normalization, let kept = call.normalized,
      let recurrentSums = call.recurrentSums, let state = call.cellState,
      let dcs = gradients.cell, let all = gradients.parameters
    else { return }
    let hidden = call.hidden
    let gates = kept.gates + row * call.sumsStride
    let statistics = kept.statistics + row * 6
    let place = row * call.hiddenStride
    let parameters = all + row * gradients.parameterStride
    func normal(_ k: Int) -> Scalar {
      let c = gates[hidden + k] * state.before[place + k] + gates[k] * gates[2 * hidden + k]
      return (c - statistics[4]) * statistics[5]
    }
    var (sum, product): (Scalar, Scalar) = (0, 0)
    for k in 0..<hidden {
      let keptH: Scalar = keptHidden(call, row, k)
      let dh = gradients.hidden[place + k] * (1 - keptH)
      gradients.hidden[place + k] *= keptH
      let o = gates[3 * hidden + k]
      let squashed = hyperbolicTangent(weights.cellGain[k] * normal(k) + weights.cellBias[k])
      let du = dh * o * (1 - squashed * squashed)
      parameters[12 * hidden + k] += du * normal(k)
      parameters[13 * hidden + k] += du
      kept.scratch[k] = du * weights.cellGain[k]
      sum += kept.scratch[k]
      product += kept.scratch[k] * normal(k)
      gates[3 * hidden + k] = dh * squashed * o * (1 - o)
    }
    for k in 0..<hidden {
      let keptC: Scalar = keptCell(call, row, k)
      let through =
        (kept.scratch[k] - sum / Scalar(hidden) - normal(k) * product / Scalar(hidden))
        * statistics[5]
      let dc = dcs[place + k] * (1 - keptC) + through
      let (i, f, g) = (gates[k], gates[hidden + k], gates[2 * hidden + k])
      gates[k] = dc * g * i * (1 - i)
      gates[hidden + k] = dc * state.before[place + k] * f * (1 - f)
      gates[2 * hidden + k] = dc * i * (1 - g * g)
      dcs[place + k] = dc * f + dcs[place + k] * keptC
    }
    for (s, gain, moments, offset) in [
      (call.sums, weights.inputGain, statistics, 0),
      (recurrentSums, weights.recurrentGain, statistics + 2, 4 * hidden),
    ] {
      denormalize(
        s + row * call.sumsStride, gates, gain, moments, 4 * hidden,
        gainGradient: parameters + offset)
    }
    addMultiple(of: gates, by: 1, to: parameters + 8 * hidden, count: 4 * hidden)
  }

  /// From s and dz to ds, in place; adds dz ⊙ N(s) to the gain's gradient.
  @inline(__always)
  private static func denormalize<Scalar: BinaryFloatingPoint>(
    _ s: UnsafeMutablePointer<Scalar>, _ dz: UnsafePointer<Scalar>, _ gain: UnsafePointer<Scalar>,
    _ moments: UnsafePointer<Scalar>, _ size: Int, gainGradient: UnsafeMutablePointer<Scalar>
  ) {
    var (sum, product): (Scalar, Scalar) = (0, 0)
    for j in 0..<size {
      s[j] = (s[j] - moments[0]) * moments[1]
      gainGradient[j] += dz[j] * s[j]
      sum += dz[j] * gain[j]
      product += dz[j] * gain[j] * s[j]
    }
    for j in 0..<size {
      s[j] = (dz[j] * gain[j] - sum / Scalar(size) - s[j] * product / Scalar(size)) * moments[1]
    }
  }

  /// Mean and 1 / √(variance + 10⁻⁵).
  @inline(__always)
  private static func moments<Scalar: BinaryFloatingPoint>(
    _ s: UnsafePointer<Scalar>, _ size: Int
  ) -> (mean: Scalar, scale: Scalar) {
    var sum: Scalar = 0
    for j in 0..<size { sum += s[j] }
    let mean = sum / Scalar(size)
    var squares: Scalar = 0
    for j in 0..<size { squares += (s[j] - mean) * (s[j] - mean) }
    return (mean, 1 / (squares / Scalar(size) + 1e-5).squareRoot())
  }
}
