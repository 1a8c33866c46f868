import RowwiseKernelInterface

extension ReferenceCells {
  /// From the gradient by h_t to those by the sums. With δ marking gradients, and δh and δc what
  /// zoneout lets through to h~_t and c~_t:
  ///
  ///     simple:  δsum = δh (1 − h²)
  ///     gru:     δz = δh (h_{t-1} − n) z (1 − z)    δn = δh (1 − z) (1 − n²)
  ///              δr = δn s_n r (1 − r), s_n the recurrent sum of n
  ///              recurrent sums: δz, δr, δn r       δh_{t-1} = δh z + …
  ///     gruResetBefore: δz, δn and δh_{t-1} as gru; the rest is `resetBackward`'s
  ///     minimal: with φ = f / (f + i): δφ = δh (h_{t-1} − g) φ (1 − φ)
  ///              δz_i = −δφ (1 − i)    δz_f = δφ (1 − f)    δg = δh (1 − φ)
  ///              δh_{t-1} = δh φ
  ///     lstm:    as `ReferenceLSTM.backward`
  ///     coupled: δz_o = δh tanh(c) o (1 − o)    δc += δh o (1 − tanh²(c))
  ///              δz_i = δc (g − c_{t-1}) i (1 − i)    δz_g = δc i (1 − g²)
  ///              δc_{t-1} = δc (1 − i) + …
  ///     refined: δz_o and δc as coupled    δe = δc (c_{t-1} − g)
  ///              δz_f = δe (2 r + 2 (1 − 2 r) f) f (1 − f)    δz_r = δe 2 f (1 − f) r (1 − r)
  ///              δz_g = δc (1 − e) (1 − g²)    δc_{t-1} = δc e + …
  ///     lru:     `linearBackward`
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func backward<Scalar: BinaryFloatingPoint>(
    _ call: CellCall<Scalar>, _ gradients: CellGradients<Scalar>
  ) {
    let hidden = call.hidden
    for row in call.rows {
      if hasEnded(call, row) {
        let columns = call.cell.gates * hidden / call.cell.stateBlocks
        (call.sums + row * call.sumsStride).update(repeating: 0, count: columns)
        if let recurrent = call.recurrentSums {
          (recurrent + row * call.sumsStride).update(repeating: 0, count: columns)
        }
        continue
      }
      if let dy = gradients.output {
        addMultiple(
          of: dy + row * gradients.outputStride, by: 1,
          to: gradients.hidden + row * call.hiddenStride, count: hidden)
      }
      switch call.cell {
      case .layerNormalized: normalizedBackward(call, gradients, row)
      case .lru: linearBackward(call, gradients, row)
      default:
        for k in 0..<hidden { unitBackward(call, gradients, row, k) }
      }
    }
  }

  /// One unit of one row.
  @inline(__always)
  static func unitBackward<Scalar: BinaryFloatingPoint>(
    _ call: CellCall<Scalar>, _ gradients: CellGradients<Scalar>, _ row: Int, _ k: Int
  ) {
    let hidden = call.hidden
    let sums = call.sums + row * call.sumsStride + k
    let place = row * call.hiddenStride + k
    let kept: Scalar = keptHidden(call, row, k)
    let dh = gradients.hidden[place] * (1 - kept)
    gradients.hidden[place] *= kept
    let before = call.hiddenBefore[place]
    switch call.cell {
    case .simple:
      sums[0] = dh * (1 - sums[0] * sums[0])
    case .gru:
      guard let all = call.recurrentSums else { return }
      let recurrent = all + row * call.sumsStride + k
      let (z, r, n) = (sums[0], sums[hidden], sums[2 * hidden])
      let dn = dh * (1 - z) * (1 - n * n)
      sums[0] = dh * (before - n) * z * (1 - z)
      sums[hidden] = dn * recurrent[2 * hidden] * r * (1 - r)
      sums[2 * hidden] = dn
      recurrent[0] = sums[0]
      recurrent[hidden] = sums[hidden]
      recurrent[2 * hidden] = dn * r
      gradients.hidden[place] += dh * z
    case .gruResetBefore:
      let (z, n) = (sums[0], sums[2 * hidden])
      sums[0] = dh * (before - n) * z * (1 - z)
      sums[2 * hidden] = dh * (1 - z) * (1 - n * n)
      gradients.hidden[place] += dh * z
    case .minimal:
      let (i, f, g) = (sums[0], sums[hidden], sums[2 * hidden])
      let share = f / (f + i)
      let dShare = dh * (before - g) * share * (1 - share)
      sums[0] = -dShare * (1 - i)
      sums[hidden] = dShare * (1 - f)
      sums[2 * hidden] = dh * (1 - share)
      gradients.hidden[place] += dh * share
    case .lstm: lstmBackward(call, gradients, row, k, dh)
    case .coupled:
      guard let dcs = gradients.cell, let state = call.cellState else { return }
      let (i, g, o) = (sums[0], sums[hidden], sums[2 * hidden])
      let old = state.before[place]
      let keptC: Scalar = keptCell(call, row, k)
      let squashed = hyperbolicTangent((1 - i) * old + i * g)
      let dc = dcs[place] * (1 - keptC) + dh * o * (1 - squashed * squashed)
      sums[0] = dc * (g - old) * i * (1 - i)
      sums[hidden] = dc * i * (1 - g * g)
      sums[2 * hidden] = dh * squashed * o * (1 - o)
      dcs[place] = dc * (1 - i) + dcs[place] * keptC
    case .refined: refinedBackward(call, gradients, row, k, dh)
    case .layerNormalized, .lru: break
    }
  }

  @inline(__always)
  private static func refinedBackward<Scalar: BinaryFloatingPoint>(
    _ call: CellCall<Scalar>, _ gradients: CellGradients<Scalar>, _ row: Int, _ k: Int,
    _ dh: Scalar
  ) {
    guard let dcs = gradients.cell, let state = call.cellState else { return }
    let hidden = call.hidden
    let sums = call.sums + row * call.sumsStride + k
    let place = row * call.hiddenStride + k
    let (f, r, g, o) = (sums[0], sums[hidden], sums[2 * hidden], sums[3 * hidden])
    let old = state.before[place]
    let e = effectiveGate(f, r)
    let keptC: Scalar = keptCell(call, row, k)
    let squashed = hyperbolicTangent(e * old + (1 - e) * g)
    let dc = dcs[place] * (1 - keptC) + dh * o * (1 - squashed * squashed)
    let de = dc * (old - g)
    sums[0] = de * (2 * r + 2 * (1 - 2 * r) * f) * f * (1 - f)
    sums[hidden] = de * 2 * f * (1 - f) * r * (1 - r)
    sums[2 * hidden] = dc * (1 - e) * (1 - g * g)
    sums[3 * hidden] = dh * squashed * o * (1 - o)
    dcs[place] = dc * e + dcs[place] * keptC
  }

  @inline(__always)
  private static func lstmBackward<Scalar: BinaryFloatingPoint>(
    _ call: CellCall<Scalar>, _ gradients: CellGradients<Scalar>, _ row: Int, _ k: Int,
    _ dh: Scalar
  ) {
    guard let dcs = gradients.cell, let state = call.cellState else { return }
    let hidden = call.hidden
    let sums = call.sums + row * call.sumsStride + k
    let place = row * call.hiddenStride + k
    let (i, f, g, o) = (sums[0], sums[hidden], sums[2 * hidden], sums[3 * hidden])
    let old = state.before[place]
    let new = f * old + i * g
    let keptC: Scalar = keptCell(call, row, k)
    let squashed = hyperbolicTangent(new)
    let dzo = dh * squashed * o * (1 - o)
    var dc = dcs[place] * (1 - keptC) + dh * o * (1 - squashed * squashed)
    if let peephole = call.parameters.peephole { dc += dzo * peephole[2 * hidden + k] }
    let dzi = dc * g * i * (1 - i)
    let dzf = dc * old * f * (1 - f)
    sums[0] = dzi
    sums[hidden] = dzf
    sums[2 * hidden] = dc * i * (1 - g * g)
    sums[3 * hidden] = dzo
    dcs[place] = dc * f + dcs[place] * keptC
    guard let peephole = call.parameters.peephole, let all = gradients.parameters else { return }
    dcs[place] += dzi * peephole[k] + dzf * peephole[hidden + k]
    let dp = all + row / gradients.parameterRows * gradients.parameterStride + k
    dp[0] += dzi * old
    dp[hidden] += dzf * old
    dp[2 * hidden] += dzo * new
  }
}
