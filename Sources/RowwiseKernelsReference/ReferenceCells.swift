import RowwiseKernelInterface

/// Element-wise parts of recurrent layers as plain scalar loops, from the equations at
/// `RecurrentCell`.
package enum ReferenceCells {
  /// From the sums of one timestep to h_t.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func forward<Scalar: BinaryFloatingPoint>(_ call: CellCall<Scalar>) {
    for row in call.rows {
      let state = row * call.hiddenStride
      let (before, after) = (call.hiddenBefore + state, call.hiddenAfter + state)
      if hasEnded(call, row) {
        after.update(from: before, count: call.hidden)
        if let cell = call.cellState {
          (cell.after + state).update(from: cell.before + state, count: call.hidden)
        }
      } else {
        switch call.cell {
        case .layerNormalized: normalizedForward(call, row)
        case .lru: linearForward(call, row)
        default:
          for k in 0..<call.hidden { unitForward(call, row, k) }
        }
      }
      if let dropout = call.dropout {
        for k in 0..<call.hidden { dropout.after[state + k] = dropout.mask[state + k] * after[k] }
      }
    }
  }

  /// One unit of one row, from the sums to its states.
  @inline(__always)
  static func unitForward<Scalar: BinaryFloatingPoint>(
    _ call: CellCall<Scalar>, _ row: Int, _ k: Int
  ) {
    let hidden = call.hidden
    let sums = call.sums + row * call.sumsStride + k
    let recurrent = (call.recurrentSums ?? call.sums) + row * call.sumsStride + k
    let place = row * call.hiddenStride + k
    let h = call.hiddenBefore[place]
    switch call.cell {
    case .simple:
      sums[0] = hyperbolicTangent(sums[0])
      finish(call, row, k, sums[0])
    case .gru:
      sums[0] = logistic(sums[0] + recurrent[0])
      sums[hidden] = logistic(sums[hidden] + recurrent[hidden])
      sums[2 * hidden] = hyperbolicTangent(
        sums[2 * hidden] + sums[hidden] * recurrent[2 * hidden])
      finish(call, row, k, sums[0] * h + (1 - sums[0]) * sums[2 * hidden])
    case .gruResetBefore:
      sums[0] = logistic(sums[0])
      sums[2 * hidden] = hyperbolicTangent(sums[2 * hidden])
      finish(call, row, k, sums[0] * h + (1 - sums[0]) * sums[2 * hidden])
    case .minimal:
      // The share by the ratio of odds, which cannot be 0 / 0.
      let share = logistic(logLogistic(sums[hidden]) - logLogistic(sums[0]))
      sums[0] = logistic(sums[0])
      sums[hidden] = logistic(sums[hidden])
      finish(call, row, k, share * h + (1 - share) * sums[2 * hidden])
    case .lstm:
      guard let state = call.cellState else { return }
      let old = state.before[place]
      var (zi, zf, zo) = (sums[0], sums[hidden], sums[3 * hidden])
      if let peephole = call.parameters.peephole {
        zi += peephole[k] * old
        zf += peephole[hidden + k] * old
      }
      sums[0] = logistic(zi)
      sums[hidden] = logistic(zf)
      sums[2 * hidden] = hyperbolicTangent(sums[2 * hidden])
      let new = sums[hidden] * old + sums[0] * sums[2 * hidden]
      if let peephole = call.parameters.peephole { zo += peephole[2 * hidden + k] * new }
      sums[3 * hidden] = logistic(zo)
      finishCell(call, row, k, new)
      finish(call, row, k, sums[3 * hidden] * hyperbolicTangent(new))
    case .coupled:
      guard let state = call.cellState else { return }
      let old = state.before[place]
      sums[0] = logistic(sums[0])
      sums[hidden] = hyperbolicTangent(sums[hidden])
      sums[2 * hidden] = logistic(sums[2 * hidden])
      let new = (1 - sums[0]) * old + sums[0] * sums[hidden]
      finishCell(call, row, k, new)
      finish(call, row, k, sums[2 * hidden] * hyperbolicTangent(new))
    case .refined:
      guard let state = call.cellState else { return }
      let old = state.before[place]
      let (f, r) = (logistic(sums[0]), logistic(sums[hidden]))
      let (g, o) = (hyperbolicTangent(sums[2 * hidden]), logistic(sums[3 * hidden]))
      (sums[0], sums[hidden], sums[2 * hidden], sums[3 * hidden]) = (f, r, g, o)
      let e = effectiveGate(f, r)
      let new = e * old + (1 - e) * g
      finishCell(call, row, k, new)
      finish(call, row, k, o * hyperbolicTangent(new))
    case .layerNormalized, .lru: break
    }
  }

  /// e = 2 r f + (1 − 2 r) f² of `RecurrentCell.refined`.
  @inline(__always)
  static func effectiveGate<Scalar: BinaryFloatingPoint>(_ f: Scalar, _ r: Scalar) -> Scalar {
    2 * r * f + (1 - 2 * r) * f * f
  }

  /// Writes h_t from what the cell alone gives.
  @inline(__always)
  static func finish<Scalar: BinaryFloatingPoint>(
    _ call: CellCall<Scalar>, _ row: Int, _ k: Int, _ new: Scalar
  ) {
    let place = row * call.hiddenStride + k
    let kept = keptHidden(call, row, k)
    call.hiddenAfter[place] = kept * call.hiddenBefore[place] + (1 - kept) * new
  }

  /// Writes c_t from what the cell alone gives.
  @inline(__always)
  static func finishCell<Scalar: BinaryFloatingPoint>(
    _ call: CellCall<Scalar>, _ row: Int, _ k: Int, _ new: Scalar
  ) {
    guard let state = call.cellState else { return }
    let place = row * call.hiddenStride + k
    let kept = keptCell(call, row, k)
    state.after[place] = kept * state.before[place] + (1 - kept) * new
  }

  /// Zoneout's d_h of a unit: 0, 1 or, without keys, between.
  @inline(__always)
  static func keptHidden<Scalar: BinaryFloatingPoint>(
    _ call: CellCall<Scalar>, _ row: Int, _ k: Int
  ) -> Scalar {
    guard let zoneout = call.zoneout else { return 0 }
    return kept(zoneout, zoneout.hiddenRate, row, call.timestep, UInt32(k))
  }

  /// Zoneout's d_c of a unit.
  @inline(__always)
  static func keptCell<Scalar: BinaryFloatingPoint>(
    _ call: CellCall<Scalar>, _ row: Int, _ k: Int
  ) -> Scalar {
    guard let zoneout = call.zoneout else { return 0 }
    return kept(zoneout, zoneout.cellRate, row, call.timestep, UInt32(k) | 0x8000_0000)
  }

  /// See `Zoneout`.
  private static func kept<Scalar: BinaryFloatingPoint>(
    _ zoneout: Zoneout, _ rate: Double, _ row: Int, _ timestep: Int, _ number: UInt32
  ) -> Scalar {
    guard let keys = zoneout.keys else { return Scalar(rate) }
    func mix(_ number: UInt32) -> UInt32 {
      var x = number
      x ^= x >> 16
      x = x &* 0x7FEB_352D
      x ^= x >> 15
      x = x &* 0x846C_A68B
      x ^= x >> 16
      return x
    }
    let low = UInt32(truncatingIfNeeded: keys[row])
    let high = UInt32(truncatingIfNeeded: keys[row] >> 32)
    let salt = low &+ UInt32(truncatingIfNeeded: timestep) &* 0x9E37_79B9
    let drawn = mix(mix(number ^ salt) ^ high) >> 1
    return drawn < UInt32(rate * 0x1p31) ? 1 : 0
  }

  /// Whether the row has no such timestep.
  @inline(__always)
  static func hasEnded<Scalar>(_ call: CellCall<Scalar>, _ row: Int) -> Bool {
    call.lengths.map { call.timestep >= Int($0[row]) } ?? false
  }
}
