import RowwiseKernelInterface

/// The LSTM layer as plain scalar loops written from the equations at `LSTMForwardCall`.
///
/// The oracle that the fast kernels are compared with; clarity before speed. Packed weights are the
/// canonical ones, one after the other: W [D, 4H], R [H, 4H], b [4H], P. The gate workspace is
/// [T, N, 4H], columns i, f, g, o.
package enum ReferenceLSTM {
  /// Where each weight starts in the packed form, which is also the order of the tasks.
  struct Offsets {
    var input = 0
    var recurrent: Int
    var bias: Int
    var peephole: Int
    /// With whole numbers; see ReferenceLSTM+Whole.swift.
    var scales: Int
    var end: Int

    init(_ shape: LSTMShape) {
      let columns = 4 * shape.hidden
      recurrent = shape.features * columns
      bias = recurrent + shape.hidden * columns
      peephole = bias + columns
      scales = peephole + shape.peepholeCount
      end = scales + (shape.precision == .int8 ? 2 * columns : 0)
    }
  }

  /// One task a weight: W, R, b and, where the cell has one, P.
  static func tasks(_ shape: LSTMShape) -> Int {
    shape.peephole == .none ? 3 : 4
  }

  /// h and c without padding, gates in canonical order, weights as they are.
  package static func layout(_ shape: LSTMShape) -> LSTMLayout {
    let packed = Offsets(shape).end
    return LSTMLayout(
      hiddenStride: shape.hidden, gateStride: 4 * shape.hidden, packedForwardCount: packed,
      packedBackwardCount: packed, packTasks: tasks(shape), gradientTasks: tasks(shape),
      scratch: 4 * shape.hidden, gradientScratch: 0)
  }

  /// Copies one of the weights to its place in the packed forms.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func pack<Scalar: BinaryFloatingPoint>(
    _ shape: LSTMShape, _ weights: LSTMWeights<Scalar>, task: Int,
    forward: UnsafeMutablePointer<Scalar>, backward: UnsafeMutablePointer<Scalar>?
  ) {
    let offsets = Offsets(shape)
    let (source, range): (UnsafeMutablePointer<Scalar>?, Range<Int>) =
      switch task {
      case 0: (weights.input, offsets.input..<offsets.recurrent)
      case 1: (weights.recurrent, offsets.recurrent..<offsets.bias)
      case 2: (weights.bias, offsets.bias..<offsets.peephole)
      default: (weights.peephole, offsets.peephole..<offsets.scales)
      }
    guard let source else { return }
    if shape.precision == .int8, task < 2 {
      let columns = 4 * shape.hidden
      packWhole(
        source, rows: task == 0 ? shape.features : shape.hidden, columns: columns,
        numbers: forward + range.lowerBound, scales: forward + offsets.scales + task * columns)
      return
    }
    let rounds = shape.precision == .bfloat16 && task < 2
    for (from, to) in range.enumerated() {
      let value = rounds ? roundedToBFloat16(source[from]) : source[from]
      forward[to] = value
      backward?[to] = value
    }
  }

  /// Forward pass of one shard; see `LSTMForwardCall`.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func forward<Scalar: BinaryFloatingPoint>(_ call: LSTMForwardCall<Scalar>) {
    let hidden = call.shape.hidden
    let columns = 4 * hidden
    let slot = call.batch * hidden
    for row in call.rows {
      let length = call.lengths.map { Int($0[row]) - call.firstTimestep } ?? call.timesteps
      for t in 0..<call.timesteps {
        let h = call.hidden + (t & call.hiddenSlotMask) * slot + row * hidden
        let c = call.cell + (t & call.cellSlotMask) * slot + row * hidden
        let nextH = call.hidden + ((t + 1) & call.hiddenSlotMask) * slot + row * hidden
        let nextC = call.cell + ((t + 1) & call.cellSlotMask) * slot + row * hidden
        guard t < length else {
          nextH.update(from: h, count: hidden)
          nextC.update(from: c, count: hidden)
          continue
        }
        let x = call.input + (t * call.batch + row) * call.inputStride
        preactivate(
          call.shape, call.packed, x: x, h: h, c: c, isFirst: t == 0, sums: call.scratch)
        let gates = call.gates.map { $0 + (t * call.batch + row) * columns }
        finish(
          call.shape, call.packed, sums: call.scratch, c: c, nextH: nextH, nextC: nextC,
          gates: gates)
      }
    }
  }

  /// sums ← b + x W + h R (+ c P for `.full`), [4H].
  @inline(__always)
  static func preactivate<Scalar: BinaryFloatingPoint>(
    _ shape: LSTMShape, _ packed: UnsafePointer<Scalar>, x: UnsafePointer<Scalar>,
    h: UnsafePointer<Scalar>, c: UnsafePointer<Scalar>, isFirst: Bool,
    sums: UnsafeMutablePointer<Scalar>
  ) {
    let offsets = Offsets(shape)
    let hidden = shape.hidden
    let columns = 4 * hidden
    if shape.precision == .int8 {
      preactivateWhole(shape, packed, x: x, h: h, isFirst: isFirst, sums: sums)
    } else {
      sums.update(from: packed + offsets.bias, count: columns)
      for d in 0..<shape.features {
        addMultiple(
          of: packed + offsets.input + d * columns, by: x[d], to: sums, count: columns)
      }
      for k in 0..<hidden {
        addMultiple(
          of: packed + offsets.recurrent + k * columns, by: h[k], to: sums, count: columns)
      }
    }
    guard shape.peephole == .full else { return }
    for k in 0..<hidden {
      let peephole = packed + offsets.peephole + k * 3 * hidden
      addMultiple(of: peephole, by: c[k], to: sums, count: 2 * hidden)  // i, f
      addMultiple(of: peephole + 2 * hidden, by: c[k], to: sums + 3 * hidden, count: hidden)  // o
    }
  }

  /// Gates' nonlinearities and the cell update of one row, from its pre-activations.
  @inline(__always)
  static func finish<Scalar: BinaryFloatingPoint>(
    _ shape: LSTMShape, _ packed: UnsafePointer<Scalar>, sums: UnsafePointer<Scalar>,
    c: UnsafePointer<Scalar>, nextH: UnsafeMutablePointer<Scalar>,
    nextC: UnsafeMutablePointer<Scalar>, gates: UnsafeMutablePointer<Scalar>?
  ) {
    let units = shape.hidden
    let peephole = packed + Offsets(shape).peephole
    let isDiagonal = shape.peephole == .diagonal
    for k in 0..<units {
      var zi = sums[k]
      var zf = sums[units + k]
      var zo = sums[3 * units + k]
      if isDiagonal {
        zi += peephole[k] * c[k]
        zf += peephole[units + k] * c[k]
      }
      let i = logistic(zi)
      let f = logistic(zf)
      let g = hyperbolicTangent(sums[2 * units + k])
      let new = f * c[k] + i * g
      if isDiagonal {
        zo += peephole[2 * units + k] * new
      }
      let o = logistic(zo)
      nextC[k] = new
      let hidden = o * hyperbolicTangent(new)
      nextH[k] = shape.precision == .bfloat16 ? roundedToBFloat16(hidden) : hidden
      if let gates {
        gates[k] = i
        gates[units + k] = f
        gates[2 * units + k] = g
        gates[3 * units + k] = o
      }
    }
  }
}
