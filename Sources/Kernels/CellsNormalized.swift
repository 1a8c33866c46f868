import KernelInterface

/// ε of layer normalisation.
private let epsilon: Float = 1e-5

// LSTM with layer normalisation. Sums over units go lane by lane and then over the lanes, so they
// depend on the row alone.
extension CellRow {
  @inline(__always)
  func layerNormalized() {
    guard let weights = parameters.normalization else { return }
    statistics[0] = normalize(sums, 4 * count)
    statistics[1] = normalize(recurrentSums, 4 * count)
    var total = Vector(repeating: 0)
    forEachUnit { unit in
      let i = sigmoid(preactivation(weights, gate: 0, unit))
      let f = sigmoid(preactivation(weights, gate: 1, unit))
      let g = hyperbolicTangent(preactivation(weights, gate: 2, unit))
      let o = sigmoid(preactivation(weights, gate: 3, unit))
      put(i, gates, gate: 0, unit)
      put(f, gates, gate: 1, unit)
      put(g, gates, gate: 2, unit)
      put(o, gates, gate: 3, unit)
      let c = fma(i, g, f * units(cellBefore, unit))
      put(c, cellAfter, unit)
      // Lanes beyond H hold gates of zero sums, with c = 0 · g: nothing.
      total += c
    }
    let mean = laneSum(total) / Float(count)
    let scale = reciprocalDeviation(cellAfter, count, mean)
    statistics[2] = mean
    statistics[3] = scale
    forEachUnit { unit in
      let c = units(cellAfter, unit)
      let normal = (c - Vector(repeating: mean)) * Vector(repeating: scale)
      let u = fma(units(weights.cellGain, unit), normal, units(weights.cellBias, unit))
      finish(units(gates, gate: 3, unit) * hyperbolicTangent(u), unit)
      if zoneout != nil { finishCell(c, units(cellBefore, unit), unit) }
    }
  }

  @inline(__always)
  func layerNormalizedGradient(_ d: GradientRow) {
    guard let weights = parameters.normalization else { return }
    let one = Vector(repeating: 1)
    let mean = Vector(repeating: statistics[2])
    let scale = Vector(repeating: statistics[3])
    // Gradient by N(c), in place of o's gate, and its two sums.
    var sum = Vector(repeating: 0)
    var product = Vector(repeating: 0)
    forEachUnit { unit in
      let (dh, direct) = split(d.hidden(unit), unit)
      let o = units(gates, gate: 3, unit)
      let gain = units(weights.cellGain, unit)
      let normal = inside((newCell(unit) - mean) * scale, unit, count)
      let squashed = hyperbolicTangent(fma(gain, normal, units(weights.cellBias, unit)))
      let du = dh * o * (one - squashed * squashed)
      d.add(du * normal, 12 * count, unit, of: count)
      d.add(du, 13 * count, unit, of: count)
      sum += du * gain
      product = fma(du * gain, normal, product)
      put(dh * squashed * (o * (one - o)), gates, gate: 3, unit)
      put(du * gain, scratch, unit)
      d.put(direct, unit)
    }
    let meanSum = Vector(repeating: laneSum(sum) / Float(count))
    let meanProduct = Vector(repeating: laneSum(product) / Float(count))
    forEachUnit { unit in
      let (dcell, directCell) = splitCell(units(d.dc, unit), unit)
      let old = units(cellBefore, unit)
      let i = units(gates, gate: 0, unit)
      let f = units(gates, gate: 1, unit)
      let g = units(gates, gate: 2, unit)
      let normal = (newCell(unit) - mean) * scale
      let through = units(scratch, unit) - meanSum - normal * meanProduct
      let dc = fma(through, scale, dcell)
      put(dc * g * (i * (one - i)), gates, gate: 0, unit)
      put(dc * old * (f * (one - f)), gates, gate: 1, unit)
      put(dc * i * (one - g * g), gates, gate: 2, unit)
      put(fma(dc, f, directCell), d.dc, unit)
    }
    normalizeGradient(sums, weights.inputGain, statistics[0], d, offset: 0)
    normalizeGradient(recurrentSums, weights.recurrentGain, statistics[1], d, offset: 4 * count)
    var k = 0
    while k < 4 * count {
      d.add(load(gates + k, first: 4 * count - k), 8 * count, k, of: 4 * count)
      k += lanes
    }
  }

  /// γ_x ⊙ N(x_t W) + γ_h ⊙ N(h_{t-1} R) + b of a gate's units unit …
  @inline(__always)
  private func preactivation(
    _ weights: CellParameters<Float>.Normalization, gate: Int, _ unit: Int
  ) -> Vector {
    let z = fma(
      units(weights.inputGain, gate: gate, unit), units(sums, gate: gate, unit),
      units(weights.bias, gate: gate, unit))
    return fma(
      units(weights.recurrentGain, gate: gate, unit), units(recurrentSums, gate: gate, unit), z)
  }

  /// What the cell alone made of c_{t-1}, again from the gates.
  @inline(__always)
  private func newCell(_ unit: Int) -> Vector {
    fma(
      units(gates, gate: 0, unit), units(gates, gate: 2, unit),
      units(gates, gate: 1, unit) * units(cellBefore, unit))
  }

  /// Turns s into N(s); returns 1/σ.
  @inline(__always)
  private func normalize(_ s: UnsafeMutablePointer<Float>, _ size: Int) -> Float {
    var total = Vector(repeating: 0)
    var k = 0
    while k < size {
      total += load(s + k, first: size - k)
      k += lanes
    }
    let mean = laneSum(total) / Float(size)
    let scale = reciprocalDeviation(s, size, mean)
    k = 0
    while k < size {
      let v = (load(s + k, first: size - k) - Vector(repeating: mean)) * Vector(repeating: scale)
      store(v, s + k, first: size - k)
      k += lanes
    }
    return scale
  }

  /// From dz in the gates and N(s) to the gradient by s, in place of N(s); adds the gradient by the
  /// gain. ds = (γ dz − mean(γ dz) − N(s) mean(γ dz N(s))) / σ.
  @inline(__always)
  private func normalizeGradient(
    _ s: UnsafeMutablePointer<Float>, _ gain: UnsafePointer<Float>, _ scale: Float,
    _ d: GradientRow, offset: Int
  ) {
    let size = 4 * count
    var sum = Vector(repeating: 0)
    var product = Vector(repeating: 0)
    var k = 0
    while k < size {
      let dz = load(gates + k, first: size - k)
      let normal = load(s + k, first: size - k)
      let through = dz * load(gain + k, first: size - k)
      d.add(dz * normal, offset, k, of: size)
      sum += through
      product = fma(through, normal, product)
      k += lanes
    }
    let meanSum = Vector(repeating: laneSum(sum) / Float(size))
    let meanProduct = Vector(repeating: laneSum(product) / Float(size))
    k = 0
    while k < size {
      let through = load(gates + k, first: size - k) * load(gain + k, first: size - k)
      let ds = (through - meanSum - load(s + k, first: size - k) * meanProduct)
      store(ds * Vector(repeating: scale), s + k, first: size - k)
      k += lanes
    }
  }

  /// 1 / √(mean of (s − mean)² + ε).
  @inline(__always)
  private func reciprocalDeviation(
    _ s: UnsafePointer<Float>, _ size: Int, _ mean: Float
  ) -> Float {
    var squares = Vector(repeating: 0)
    var k = 0
    while k < size {
      let v = inside(load(s + k, first: size - k) - Vector(repeating: mean), k, size)
      squares = fma(v, v, squares)
      k += lanes
    }
    return 1 / (laneSum(squares) / Float(size) + epsilon).squareRoot()
  }

  /// v with zeros in the lanes beyond the last element.
  @inline(__always)
  private func inside(_ v: Vector, _ first: Int, _ size: Int) -> Vector {
    if first + lanes <= size { return v }
    var v = v
    for lane in max(0, size - first)..<lanes { v[lane] = 0 }
    return v
  }

  /// Σ of the lanes, in order.
  @inline(__always)
  private func laneSum(_ v: Vector) -> Float {
    var sum = v[0]
    for lane in 1..<lanes { sum += v[lane] }
    return sum
  }
}
