import RowwiseKernelInterface

/// Rows added to rows, as plain loops.
package enum ReferenceRows {
  /// y += x, or y += m ⊙ x.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func add<Scalar: BinaryFloatingPoint>(
    _ call: RowsCall<Scalar>, _ multiplier: (start: UnsafePointer<Scalar>, stride: Int)?
  ) {
    for row in call.rows {
      for k in 0..<call.width {
        let m = multiplier.map { $0.start[row * $0.stride + k] } ?? 1
        call.y[row * call.yStride + k] += m * call.x[row * call.xStride + k]
      }
    }
  }

  /// y[0] += Σ x.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func sum<Scalar: BinaryFloatingPoint>(_ call: RowsCall<Scalar>) {
    for row in call.rows {
      addMultiple(of: call.x + row * call.xStride, by: 1, to: call.y, count: call.width)
    }
  }
}

/// Pooling over timesteps as plain loops; the equations are at `PoolingKind`.
package enum ReferencePooling {
  /// y from x.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func pool<Scalar: BinaryFloatingPoint>(_ call: PoolingCall<Scalar>) {
    for row in call.rows {
      let length = Self.length(call, row)
      let y = call.y + row * call.yStride
      func x(_ t: Int) -> UnsafePointer<Scalar> { Self.x(call, row, t) }
      y.update(repeating: 0, count: call.width)
      guard length > 0 else { continue }
      switch call.kind {
      case .last: y.update(from: x(length - 1), count: call.width)
      case .mean:
        for t in 0..<length {
          addMultiple(of: x(t), by: 1 / Scalar(length), to: y, count: call.width)
        }
      case .max:
        y.update(from: x(0), count: call.width)
        for t in 0..<length {
          for k in 0..<call.width where x(t)[k] > y[k] { y[k] = x(t)[k] }
        }
      case .attention:
        guard let (query, weights) = call.attention else { continue }
        let alpha = weights + row * call.timesteps
        for t in 0..<length { alpha[t] = innerProduct(x(t), query, count: call.width) }
        _ = ReferenceElementwise.softmax(alpha, length)
        for t in 0..<length { addMultiple(of: x(t), by: alpha[t], to: y, count: call.width) }
      }
    }
  }

  /// dx, and each row's dq.
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  package static func backward<Scalar: BinaryFloatingPoint>(
    _ call: PoolingCall<Scalar>, _ gradients: PoolingGradients<Scalar>
  ) {
    for row in call.rows {
      let length = Self.length(call, row)
      let dy = gradients.dy + row * call.yStride
      func dx(_ t: Int) -> UnsafeMutablePointer<Scalar>? {
        gradients.dx.map { $0 + (t * call.batch + row) * gradients.dxStride }
      }
      for t in 0..<call.timesteps { dx(t)?.update(repeating: 0, count: call.width) }
      if let dq = gradients.query {
        (dq + row * call.width).update(repeating: 0, count: call.width)
      }
      guard length > 0 else { continue }
      switch call.kind {
      case .last: dx(length - 1)?.update(from: dy, count: call.width)
      case .mean:
        for t in 0..<length {
          guard let target = dx(t) else { continue }
          addMultiple(of: dy, by: 1 / Scalar(length), to: target, count: call.width)
        }
      case .max:
        for k in 0..<call.width {
          let y = call.y[row * call.yStride + k]
          if let t = (0..<length).first(where: { x(call, row, $0)[k] == y }) { dx(t)?[k] = dy[k] }
        }
      case .attention:
        guard let (query, weights) = call.attention else { continue }
        let alpha = weights + row * call.timesteps
        var mean: Scalar = 0
        for t in 0..<length {
          mean += alpha[t] * innerProduct(x(call, row, t), dy, count: call.width)
        }
        for t in 0..<length {
          let x = x(call, row, t)
          let score = alpha[t] * (innerProduct(x, dy, count: call.width) - mean)
          if let target = dx(t) {
            addMultiple(of: dy, by: alpha[t], to: target, count: call.width)
            addMultiple(of: query, by: score, to: target, count: call.width)
          }
          if let dq = gradients.query {
            addMultiple(of: x, by: score, to: dq + row * call.width, count: call.width)
          }
        }
      }
    }
  }

  @inline(__always)
  private static func length<Scalar>(_ call: PoolingCall<Scalar>, _ row: Int) -> Int {
    call.lengths.map { Int($0[row]) } ?? call.timesteps
  }

  @inline(__always)
  private static func x<Scalar>(
    _ call: PoolingCall<Scalar>, _ row: Int, _ t: Int
  ) -> UnsafePointer<Scalar> {
    call.x + (t * call.batch + row) * call.xStride
  }
}
