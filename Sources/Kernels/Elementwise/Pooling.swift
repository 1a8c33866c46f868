import RowwiseKernelInterface

/// Pools some rows; the equations are at `PoolingKind`.
func pool(_ call: PoolingCall<Float>) {
  for row in call.rows {
    let pooling = PoolingRow(call, row)
    switch call.kind {
    case .last: pooling.last()
    case .mean: pooling.weighted { _ in 1 / Float(pooling.length) }
    case .max: pooling.largest()
    case .attention: pooling.attend()
    }
  }
}

/// Gradients of `pool`.
func poolBackward(_ call: PoolingCall<Float>, _ gradients: PoolingGradients<Float>) {
  for row in call.rows {
    let pooling = PoolingRow(call, row)
    let dy = gradients.dy + row * call.yStride
    if call.kind == .attention {
      pooling.attentionGradient(dy, gradients, row)
      continue
    }
    guard let dx = gradients.dx else { continue }
    for t in 0..<call.timesteps {
      let target = dx + (t * call.batch + row) * gradients.dxStride
      if t >= pooling.length {
        target.update(repeating: 0, count: call.width)
        continue
      }
      switch call.kind {
      case .last:
        if t == pooling.length - 1 {
          target.update(from: dy, count: call.width)
        } else {
          target.update(repeating: 0, count: call.width)
        }
      case .mean: pooling.scale(dy, by: 1 / Float(pooling.length), to: target)
      case .max: pooling.choose(dy, t, to: target)
      case .attention: break
      }
    }
  }
}

/// One row's sequence.
private struct PoolingRow {
  let call: PoolingCall<Float>
  let length: Int
  let x: UnsafePointer<Float>
  let y: UnsafeMutablePointer<Float>
  /// From a timestep to the next.
  let step: Int
  /// α [T] and q [D] of attention.
  let weights: UnsafeMutablePointer<Float>
  let query: UnsafePointer<Float>

  init(_ call: PoolingCall<Float>, _ row: Int) {
    self.call = call
    if let lengths = call.lengths {
      length = Int(lengths[row])
    } else {
      length = call.timesteps
    }
    x = call.x + row * call.xStride
    y = call.y + row * call.yStride
    step = call.batch * call.xStride
    if call.kind == .attention, let attention = call.attention {
      weights = attention.weights + row * call.timesteps
      query = attention.query
    } else {
      weights = y
      query = x
    }
  }

  func last() {
    if length == 0 {
      y.update(repeating: 0, count: call.width)
    } else {
      y.update(from: x + (length - 1) * step, count: call.width)
    }
  }

  /// y = Σ_t weight(t) x_t, in order.
  @inline(__always)
  func weighted(_ weight: (Int) -> Float) {
    var k = 0
    while k < call.width {
      let left = call.width - k
      var sum = Vector(repeating: 0)
      for t in 0..<length {
        sum = fma(Vector(repeating: weight(t)), load(x + t * step + k, first: left), sum)
      }
      store(sum, y + k, first: left)
      k += lanes
    }
  }

  func largest() {
    if length == 0 {
      y.update(repeating: 0, count: call.width)
      return
    }
    var k = 0
    while k < call.width {
      let left = call.width - k
      var best = load(x + k, first: left)
      for t in 1..<max(length, 1) { best = maximum(best, load(x + t * step + k, first: left)) }
      store(best, y + k, first: left)
      k += lanes
    }
  }

  func attend() {
    for t in 0..<length { weights[t] = innerProduct(x + t * step, query) }
    if length > 0 { _ = softmax(weights, length) }
    weighted { weights[$0] }
  }

  /// dα_t = dy · x_t, de_t = α_t (dα_t − Σ α dα), dx_t = α_t dy + de_t q, dq = Σ_t de_t x_t. The
  /// scores' gradients go to a place that holds α until then.
  func attentionGradient(
    _ dy: UnsafePointer<Float>, _ gradients: PoolingGradients<Float>, _ row: Int
  ) {
    var mean: Float = 0
    for t in 0..<length { mean += weights[t] * innerProduct(x + t * step, dy) }
    if let dx = gradients.dx {
      for t in 0..<call.timesteps {
        let target = dx + (t * call.batch + row) * gradients.dxStride
        if t >= length {
          target.update(repeating: 0, count: call.width)
          continue
        }
        let alpha = weights[t]
        let d = alpha * (innerProduct(x + t * step, dy) - mean)
        var k = 0
        while k < call.width {
          let left = call.width - k
          let share = Vector(repeating: alpha) * load(dy + k, first: left)
          store(
            fma(Vector(repeating: d), load(query + k, first: left), share), target + k,
            first: left)
          k += lanes
        }
      }
    }
    for t in 0..<length { weights[t] *= innerProduct(x + t * step, dy) - mean }
    guard let dq = gradients.query else { return }
    var k = 0
    while k < call.width {
      let left = call.width - k
      var sum = Vector(repeating: 0)
      for t in 0..<length {
        sum = fma(Vector(repeating: weights[t]), load(x + t * step + k, first: left), sum)
      }
      store(sum, dq + row * call.width + k, first: left)
      k += lanes
    }
  }

  @inline(__always)
  func scale(_ dy: UnsafePointer<Float>, by factor: Float, to dx: UnsafeMutablePointer<Float>) {
    var k = 0
    while k < call.width {
      let left = call.width - k
      store(load(dy + k, first: left) * Vector(repeating: factor), dx + k, first: left)
      k += lanes
    }
  }

  /// dy where x_t is the first to equal y.
  @inline(__always)
  func choose(_ dy: UnsafePointer<Float>, _ t: Int, to dx: UnsafeMutablePointer<Float>) {
    for k in 0..<call.width {
      var isFirst = x[t * step + k] == y[k]
      var earlier = 0
      while isFirst, earlier < t {
        isFirst = x[earlier * step + k] != y[k]
        earlier += 1
      }
      dx[k] = isFirst ? dy[k] : 0
    }
  }

  private func innerProduct(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Float {
    var sum = Vector(repeating: 0)
    var k = 0
    while k < call.width {
      let left = call.width - k
      sum = fma(load(a + k, first: left), load(b + k, first: left), sum)
      k += lanes
    }
    var total = sum[0]
    for lane in 1..<lanes { total += sum[lane] }
    return total
  }
}
