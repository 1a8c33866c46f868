import KernelInterface

/// ε of layer normalisation.
private let epsilon: Float = 1e-5

/// What normalises a row's sums: N(s) = (s − mean) · scale.
private struct Moments {
  let mean: Vector
  let scale: Vector

  /// As forward has kept them.
  @inline(__always)
  init(_ kept: UnsafePointer<Float>) {
    mean = Vector(repeating: kept[0])
    scale = Vector(repeating: kept[1])
  }

  @inline(__always)
  func normal(_ s: Vector) -> Vector { (s - mean) * scale }
}

/// Two sums on the way back through a normalisation, over the elements of a row: of the gradient by
/// N(s), and of its product with N(s).
private struct BackwardSums {
  var gradient = Vector(repeating: 0)
  var product = Vector(repeating: 0)

  /// The means, in every lane.
  @inline(__always)
  func means(_ size: Int) -> (gradient: Vector, product: Vector) {
    (
      Vector(repeating: laneSum(gradient) / Float(size)),
      Vector(repeating: laneSum(product) / Float(size))
    )
  }
}

enum NormalizedRule: CellRule {
  @inline(__always)
  static func forward(_ row: CellRow) { row.layerNormalized() }
  @inline(__always)
  static func backward(_ row: CellRow, _ d: GradientRow) { row.layerNormalizedGradient(d) }
}

// LSTM with layer normalisation. Sums over units go lane by lane and then over the lanes, so they
// depend on the row alone. Several of them side by side, for each add waits for the one before.
extension CellRow {
  @inline(__always)
  func layerNormalized() {
    guard let weights = parameters.normalization else { return }
    keepMoments()
    let x = Moments(statistics)
    let h = Moments(statistics + 2)
    var total = Vector(repeating: 0)
    forEachUnit { unit in
      let i = sigmoid(preactivation(weights, x, h, gate: 0, unit))
      let f = sigmoid(preactivation(weights, x, h, gate: 1, unit))
      let g = hyperbolicTangent(preactivation(weights, x, h, gate: 2, unit))
      let o = sigmoid(preactivation(weights, x, h, gate: 3, unit))
      put(i, gates, gate: 0, unit)
      put(f, gates, gate: 1, unit)
      put(g, gates, gate: 2, unit)
      put(o, gates, gate: 3, unit)
      let c = fma(i, g, f * units(cellBefore, unit))
      put(c, cellAfter, unit)
      total += inside(c, unit)
    }
    let mean = laneSum(total) / Float(count)
    var squares = Vector(repeating: 0)
    forEachUnit { unit in
      let v = inside(units(cellAfter, unit) - Vector(repeating: mean), unit)
      squares = fma(v, v, squares)
    }
    statistics[4] = mean
    statistics[5] = reciprocalDeviation(laneSum(squares), count)
    let moments = Moments(statistics + 4)
    forEachUnit { unit in
      let c = units(cellAfter, unit)
      let u = fma(
        units(weights.cellGain, unit), moments.normal(c), units(weights.cellBias, unit))
      finish(units(gates, gate: 3, unit) * hyperbolicTangent(u), unit)
      if zoneout != nil { finishCell(c, units(cellBefore, unit), unit) }
    }
  }

  @inline(__always)
  func layerNormalizedGradient(_ d: GradientRow) {
    guard let weights = parameters.normalization else { return }
    let one = Vector(repeating: 1)
    let moments = Moments(statistics + 4)
    // Gradient by N(c) to scratch, by z_o in place of o's gate.
    var sums = BackwardSums()
    forEachUnit { unit in
      for gate in 0..<4 { prefetchNext(gates, gate: gate, unit) }
      let (dh, direct) = split(d.hidden(unit), unit)
      let o = units(gates, gate: 3, unit)
      let gain = units(weights.cellGain, unit)
      let normal = moments.normal(newCell(unit))
      let squashed = hyperbolicTangent(fma(gain, normal, units(weights.cellBias, unit)))
      let du = dh * o * (one - squashed * squashed)
      d.add(du * normal, 12 * count, unit, of: count)
      d.add(du, 13 * count, unit, of: count)
      let through = inside(du * gain, unit)
      sums.gradient += through
      sums.product = fma(through, normal, sums.product)
      put(dh * squashed * (o * (one - o)), gates, gate: 3, unit)
      put(through, scratch, unit)
      d.put(direct, unit)
    }
    let means = sums.means(count)
    let x = Moments(statistics)
    let h = Moments(statistics + 2)
    var xSums = BackwardSums()
    var hSums = BackwardSums()
    forEachUnit { unit in
      let (dcell, directCell) = splitCell(units(d.dc, unit), unit)
      let old = units(cellBefore, unit)
      let i = units(gates, gate: 0, unit)
      let f = units(gates, gate: 1, unit)
      let g = units(gates, gate: 2, unit)
      let normal = moments.normal(fma(i, g, f * old))
      let through = units(scratch, unit) - means.gradient - normal * means.product
      let dc = fma(through, moments.scale, dcell)
      put(fma(dc, f, directCell), d.dc, unit)
      gate(0, dc * g * (i * (one - i)), weights, d, x, h, &xSums, &hSums, unit)
      gate(1, dc * old * (f * (one - f)), weights, d, x, h, &xSums, &hSums, unit)
      gate(2, dc * i * (one - g * g), weights, d, x, h, &xSums, &hSums, unit)
      gate(3, units(gates, gate: 3, unit), weights, d, x, h, &xSums, &hSums, unit)
    }
    let xMeans = xSums.means(4 * count)
    let hMeans = hSums.means(4 * count)
    forEachVector(4 * count) { k in
      let left = 4 * count - k
      let dz = load(scratch + count + k, first: left)
      let dx = dz * load(weights.inputGain + k, first: left) - xMeans.gradient
      let dh = dz * load(weights.recurrentGain + k, first: left) - hMeans.gradient
      let nx = x.normal(load(self.sums + k, first: left))
      let nh = h.normal(load(recurrentSums + k, first: left))
      store((dx - nx * xMeans.product) * x.scale, self.sums + k, first: left)
      store((dh - nh * hMeans.product) * h.scale, recurrentSums + k, first: left)
    }
  }

  /// Takes in the gradient by z of a gate's units unit …, which goes to scratch, and adds what it
  /// makes of those by gains and bias.
  @inline(__always)
  private func gate(
    _ gate: Int, _ dz: Vector, _ weights: CellParameters<Float>.Normalization, _ d: GradientRow,
    _ x: Moments, _ h: Moments, _ xSums: inout BackwardSums, _ hSums: inout BackwardSums,
    _ unit: Int
  ) {
    let dz = inside(dz, unit)
    put(dz, scratch + count, gate: gate, unit)
    prefetchNext(sums, gate: gate, unit)
    prefetchNext(recurrentSums, gate: gate, unit)
    let nx = x.normal(units(sums, gate: gate, unit))
    let nh = h.normal(units(recurrentSums, gate: gate, unit))
    let dx = dz * units(weights.inputGain, gate: gate, unit)
    let dh = dz * units(weights.recurrentGain, gate: gate, unit)
    xSums.gradient += dx
    xSums.product = fma(dx, nx, xSums.product)
    hSums.gradient += dh
    hSums.product = fma(dh, nh, hSums.product)
    d.add(dz * nx, gate * count, unit, of: count)
    d.add(dz * nh, (4 + gate) * count, unit, of: count)
    d.add(dz, (8 + gate) * count, unit, of: count)
  }

  /// γ_x ⊙ N(x_t W) + γ_h ⊙ N(h_{t-1} R) + b of a gate's units unit …
  @inline(__always)
  private func preactivation(
    _ weights: CellParameters<Float>.Normalization, _ x: Moments, _ h: Moments, gate: Int,
    _ unit: Int
  ) -> Vector {
    let z = fma(
      units(weights.inputGain, gate: gate, unit), x.normal(units(sums, gate: gate, unit)),
      units(weights.bias, gate: gate, unit))
    return fma(
      units(weights.recurrentGain, gate: gate, unit),
      h.normal(units(recurrentSums, gate: gate, unit)), z)
  }

  /// What the cell alone made of c_{t-1}, again from the gates.
  @inline(__always)
  private func newCell(_ unit: Int) -> Vector {
    fma(
      units(gates, gate: 0, unit), units(gates, gate: 2, unit),
      units(gates, gate: 1, unit) * units(cellBefore, unit))
  }

  /// Mean and 1/σ of both rows of sums, side by side.
  @inline(__always)
  private func keepMoments() {
    let size = 4 * count
    let zero = Vector(repeating: 0)
    var (x, h) = ((zero, zero), (zero, zero))
    var k = 0
    while k + 2 * lanes <= size {
      x.0 += load(UnsafePointer(sums + k))
      h.0 += load(UnsafePointer(recurrentSums + k))
      x.1 += load(UnsafePointer(sums + k + lanes))
      h.1 += load(UnsafePointer(recurrentSums + k + lanes))
      k += 2 * lanes
    }
    while k < size {
      x.0 += load(sums + k, first: size - k)
      h.0 += load(recurrentSums + k, first: size - k)
      k += lanes
    }
    statistics[0] = laneSum(x.0 + x.1) / Float(size)
    statistics[2] = laneSum(h.0 + h.1) / Float(size)
    let means = (Vector(repeating: statistics[0]), Vector(repeating: statistics[2]))
    (x, h) = ((zero, zero), (zero, zero))
    k = 0
    while k + 2 * lanes <= size {
      let a = load(UnsafePointer(sums + k)) - means.0
      let b = load(UnsafePointer(recurrentSums + k)) - means.1
      let c = load(UnsafePointer(sums + k + lanes)) - means.0
      let e = load(UnsafePointer(recurrentSums + k + lanes)) - means.1
      x.0 = fma(a, a, x.0)
      h.0 = fma(b, b, h.0)
      x.1 = fma(c, c, x.1)
      h.1 = fma(e, e, h.1)
      k += 2 * lanes
    }
    while k < size {
      let a = first(load(sums + k, first: size - k) - means.0, size - k)
      let b = first(load(recurrentSums + k, first: size - k) - means.1, size - k)
      x.0 = fma(a, a, x.0)
      h.0 = fma(b, b, h.0)
      k += lanes
    }
    statistics[1] = reciprocalDeviation(laneSum(x.0 + x.1), size)
    statistics[3] = reciprocalDeviation(laneSum(h.0 + h.1), size)
  }

  /// 1 / √(squares / size + ε).
  @inline(__always)
  private func reciprocalDeviation(_ squares: Float, _ size: Int) -> Float {
    1 / (squares / Float(size) + epsilon).squareRoot()
  }

  /// v with zeros in the lanes beyond the last unit.
  @inline(__always)
  private func inside(_ v: Vector, _ unit: Int) -> Vector { first(v, count - unit) }

  /// v with zeros from lane `valid` on.
  @inline(__always)
  private func first(_ v: Vector, _ valid: Int) -> Vector {
    if valid >= lanes { return v }
    var v = v
    for lane in max(0, valid)..<lanes { v[lane] = 0 }
    return v
  }
}

/// Σ of the lanes, pairs first.
@inline(__always)
private func laneSum(_ v: Vector) -> Float {
  var sums = v
  var width = lanes / 2
  while width > 0 {
    for lane in 0..<width { sums[lane] += sums[lane + width] }
    width /= 2
  }
  return sums[0]
}
