public import KernelInterface

/// Element-wise parts of recurrent layers as plain scalar loops, from the equations at
/// `RecurrentCell`.
public enum ReferenceCells {
  /// From the sums of one timestep to h_t.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public static func forward<Scalar: BinaryFloatingPoint>(_ call: CellCall<Scalar>) {
    for row in call.rows {
      let before = call.hiddenBefore + row * call.hiddenStride
      let after = call.hiddenAfter + row * call.hiddenStride
      guard !hasEnded(call, row) else {
        after.update(from: before, count: call.hidden)
        continue
      }
      let sums = call.sums + row * call.sumsStride
      let recurrent = call.recurrentSums.map { $0 + row * call.sumsStride } ?? sums
      for k in 0..<call.hidden {
        switch call.cell {
        case .simple:
          after[k] = hyperbolicTangent(sums[k])
          sums[k] = after[k]
        case .gru:
          let (zk, rk, nk) = (k, call.hidden + k, 2 * call.hidden + k)
          sums[zk] = logistic(sums[zk] + recurrent[zk])
          sums[rk] = logistic(sums[rk] + recurrent[rk])
          sums[nk] = hyperbolicTangent(sums[nk] + sums[rk] * recurrent[nk])
          after[k] = sums[zk] * before[k] + (1 - sums[zk]) * sums[nk]
        }
      }
    }
  }

  /// From the gradient by h_t to those by the sums; δ marks gradients:
  ///
  ///     simple: δsum = δh (1 − h²)
  ///     gru:    δz = δh (h_{t-1} − n) z (1 − z)    δn = δh (1 − z) (1 − n²)
  ///             δr = δn s_n r (1 − r), s_n the recurrent sum of n
  ///             recurrent sums: δz, δr, δn r       δh_{t-1} = δh z + …
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  public static func backward<Scalar: BinaryFloatingPoint>(
    _ call: CellCall<Scalar>, _ gradients: CellGradients<Scalar>
  ) {
    let hidden = call.hidden
    for row in call.rows {
      let sums = call.sums + row * call.sumsStride
      let recurrent = call.recurrentSums.map { $0 + row * call.sumsStride }
      guard !hasEnded(call, row) else {
        sums.update(repeating: 0, count: call.cell.gates * hidden)
        recurrent?.update(repeating: 0, count: call.cell.gates * hidden)
        continue
      }
      let before = call.hiddenBefore + row * call.hiddenStride
      let dh = gradients.hidden + row * call.hiddenStride
      if let dy = gradients.output {
        addMultiple(of: dy + row * gradients.outputStride, by: 1, to: dh, count: hidden)
      }
      for k in 0..<hidden {
        switch call.cell {
        case .simple:
          sums[k] = dh[k] * (1 - sums[k] * sums[k])
          dh[k] = 0
        case .gru:
          guard let recurrent else { continue }
          let (zk, rk, nk) = (k, hidden + k, 2 * hidden + k)
          let (z, r, n) = (sums[zk], sums[rk], sums[nk])
          let dn = dh[k] * (1 - z) * (1 - n * n)
          sums[zk] = dh[k] * (before[k] - n) * z * (1 - z)
          sums[rk] = dn * recurrent[nk] * r * (1 - r)
          sums[nk] = dn
          recurrent[zk] = sums[zk]
          recurrent[rk] = sums[rk]
          recurrent[nk] = dn * r
          dh[k] *= z
        }
      }
    }
  }

  /// Whether the row has no such timestep.
  @inline(__always)
  static func hasEnded<Scalar>(_ call: CellCall<Scalar>, _ row: Int) -> Bool {
    call.lengths.map { call.timestep >= Int($0[row]) } ?? false
  }
}
