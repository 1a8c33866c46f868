import RowwiseKernelInterface

extension ReferenceLSTM {
  /// Backward pass of one shard; see `LSTMBackwardCall`.
  ///
  /// With z the pre-activations, δ the loss's gradients, and δh_t, δc_t holding all that comes from
  /// later steps and from the output:
  ///
  ///     δz_o = δh tanh(c_t) o (1 − o)
  ///     δc  += δh o (1 − tanh²(c_t))            (.diagonal: + δz_o P_o)
  ///     δz_i = δc g i (1 − i)    δz_f = δc c_{t-1} f (1 − f)    δz_g = δc i (1 − g²)
  ///     δc_{t-1} = δc f                         (.diagonal: + δz_i P_i + δz_f P_f)
  ///                                             (.full: + [δz_i δz_f δz_o] Pᵀ)
  ///     δh_{t-1} = δz Rᵀ        δx_t = δz Wᵀ
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func backward<Scalar: BinaryFloatingPoint>(_ call: LSTMBackwardCall<Scalar>) {
    let hidden = call.shape.hidden
    let columns = 4 * hidden
    for row in call.rows {
      let length = call.lengths.map { Int($0[row]) - call.firstTimestep } ?? call.timesteps
      let dh = call.hiddenGradient + row * hidden
      let dc = call.cellGradient + row * hidden
      for t in (0..<call.timesteps).reversed() {
        let position = t * call.batch + row
        let gates = call.gates + position * columns
        let dx = call.inputGradient.map { $0 + position * call.inputGradientStride }
        guard t < length else {
          gates.update(repeating: 0, count: columns)
          dx?.update(repeating: 0, count: call.shape.features)
          continue
        }
        if let dy = call.outputGradient {
          addMultiple(
            of: dy + position * call.outputGradientStride, by: 1, to: dh, count: hidden)
        }
        let c = call.cell + position * hidden
        differentiateGates(
          call.shape, call.packed, gates: gates, c: c, nextC: c + call.batch * hidden, dh: dh,
          dc: dc)
        if call.shape.precision == .bfloat16 {
          for k in 0..<columns { gates[k] = roundedToBFloat16(gates[k]) }
        }
        propagate(call.shape, call.packed, dz: gates, dh: dh, dc: dc, dx: dx)
      }
    }
  }

  /// Turns one row's gates into δz; δc_t into δc_{t-1} but for the matrix peephole's share.
  @inline(__always)
  static func differentiateGates<Scalar: BinaryFloatingPoint>(
    _ shape: LSTMShape, _ packed: UnsafePointer<Scalar>, gates: UnsafeMutablePointer<Scalar>,
    c: UnsafePointer<Scalar>, nextC: UnsafePointer<Scalar>, dh: UnsafePointer<Scalar>,
    dc: UnsafeMutablePointer<Scalar>
  ) {
    let hidden = shape.hidden
    let peephole = packed + Offsets(shape).peephole
    let isDiagonal = shape.peephole == .diagonal
    for k in 0..<hidden {
      let i = gates[k]
      let f = gates[hidden + k]
      let g = gates[2 * hidden + k]
      let o = gates[3 * hidden + k]
      let squashed = hyperbolicTangent(nextC[k])
      let dzo = dh[k] * squashed * o * (1 - o)
      var total = dc[k] + dh[k] * o * (1 - squashed * squashed)
      if isDiagonal {
        total += dzo * peephole[2 * hidden + k]
      }
      let dzi = total * g * i * (1 - i)
      let dzf = total * c[k] * f * (1 - f)
      gates[k] = dzi
      gates[hidden + k] = dzf
      gates[2 * hidden + k] = total * i * (1 - g * g)
      gates[3 * hidden + k] = dzo
      dc[k] = total * f
      if isDiagonal {
        dc[k] += dzi * peephole[k] + dzf * peephole[hidden + k]
      }
    }
  }

  /// δh_{t-1}, δx_t and the matrix peephole's share of δc_{t-1} from one row's δz.
  @inline(__always)
  static func propagate<Scalar: BinaryFloatingPoint>(
    _ shape: LSTMShape, _ packed: UnsafePointer<Scalar>, dz: UnsafePointer<Scalar>,
    dh: UnsafeMutablePointer<Scalar>, dc: UnsafeMutablePointer<Scalar>,
    dx: UnsafeMutablePointer<Scalar>?
  ) {
    let offsets = Offsets(shape)
    let hidden = shape.hidden
    let columns = 4 * hidden
    for k in 0..<hidden {
      dh[k] = innerProduct(dz, packed + offsets.recurrent + k * columns, count: columns)
    }
    if shape.peephole == .full {
      for k in 0..<hidden {
        let peephole = packed + offsets.peephole + k * 3 * hidden
        dc[k] += innerProduct(dz, peephole, count: 2 * hidden)  // i, f
        dc[k] += innerProduct(dz + 3 * hidden, peephole + 2 * hidden, count: hidden)  // o
      }
    }
    if let dx {
      for d in 0..<shape.features {
        dx[d] = innerProduct(dz, packed + offsets.input + d * columns, count: columns)
      }
    }
  }

  /// Weight gradient: task 0 dW = Σ x_tᵀ δz, 1 dR = Σ h_{t-1}ᵀ δz, 2 db = Σ δz, 3 dP.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func gradient<Scalar: BinaryFloatingPoint>(
    _ call: LSTMGradientCall<Scalar>, task: Int
  ) {
    let hidden = call.shape.hidden
    let columns = 4 * hidden
    let (receiver, count): (UnsafeMutablePointer<Scalar>?, Int) =
      switch task {
      case 0: (call.gradients.input, call.shape.features * columns)
      case 1: (call.gradients.recurrent, hidden * columns)
      case 2: (call.gradients.bias, columns)
      default: (call.gradients.peephole, call.shape.peepholeCount)
      }
    guard let receiver else { return }
    if !call.accumulates {
      receiver.update(repeating: 0, count: count)
    }
    for position in 0..<call.timesteps * call.batch {
      let dz = call.gates + position * columns
      switch task {
      case 0:
        let x = call.input + position * call.inputStride
        for d in 0..<call.shape.features {
          addMultiple(of: dz, by: x[d], to: receiver + d * columns, count: columns)
        }
      case 1:
        let h = call.hidden + position * hidden
        for k in 0..<hidden {
          addMultiple(of: dz, by: h[k], to: receiver + k * columns, count: columns)
        }
      case 2:
        addMultiple(of: dz, by: 1, to: receiver, count: columns)
      default:
        let c = call.cell + position * hidden
        addPeepholeGradient(
          call.shape, dz: dz, c: c, nextC: c + call.batch * hidden, to: receiver)
      }
    }
  }

  /// One row's share of dP: δz_i c_{t-1}, δz_f c_{t-1}, δz_o c_t (`.diagonal`) or
  /// c_{t-1}ᵀ [δz_i δz_f δz_o] (`.full`).
  @inline(__always)
  static func addPeepholeGradient<Scalar: BinaryFloatingPoint>(
    _ shape: LSTMShape, dz: UnsafePointer<Scalar>, c: UnsafePointer<Scalar>,
    nextC: UnsafePointer<Scalar>, to receiver: UnsafeMutablePointer<Scalar>
  ) {
    let hidden = shape.hidden
    switch shape.peephole {
    case .none:
      break
    case .diagonal:
      for k in 0..<hidden {
        receiver[k] += dz[k] * c[k]
        receiver[hidden + k] += dz[hidden + k] * c[k]
        receiver[2 * hidden + k] += dz[3 * hidden + k] * nextC[k]
      }
    case .full:
      for k in 0..<hidden {
        let row = receiver + k * 3 * hidden
        addMultiple(of: dz, by: c[k], to: row, count: 2 * hidden)
        addMultiple(of: dz + 3 * hidden, by: c[k], to: row + 2 * hidden, count: hidden)
      }
    }
  }
}
