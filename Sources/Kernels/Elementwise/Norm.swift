import RowwiseKernelInterface

// Layer normalisation as a layer of its own; the equations are at `NormKernels`. Sums over a row go lane
// by lane and then over the lanes, so they depend on the row alone.

/// y, and what is kept of the rows.
func normForward(
  _ call: NormCall<Float>, _ bias: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
  _ yStride: Int
) {
  let width = call.width
  for row in call.rows {
    let x = call.x + row * call.xStride
    var total = Vector(repeating: 0)
    forEachVector(width) { total += load(x + $0, first: width - $0) }
    let average = laneSum(total) / Float(width)
    let mean = Vector(repeating: average)
    var squares = Vector(repeating: 0)
    forEachVector(width) { k in
      let v = firstLanes(load(x + k, first: width - k) - mean, width - k)
      squares = fma(v, v, squares)
    }
    let factor = reciprocalDeviation(laneSum(squares), width)
    let scale = Vector(repeating: factor)
    let target = y + row * yStride
    forEachVector(width) { k in
      let n = (load(x + k, first: width - k) - mean) * scale
      store(
        fma(load(call.gain + k, first: width - k), n, load(bias + k, first: width - k)),
        target + k, first: width - k)
    }
    call.statistics[2 * row] = average
    call.statistics[2 * row + 1] = factor
  }
}

/// dx. Lanes beyond the last number are zeros in dy, and so in all sums.
func normBackward(
  _ call: NormCall<Float>, _ dy: UnsafePointer<Float>, _ dyStride: Int,
  _ dx: UnsafeMutablePointer<Float>, _ dxStride: Int
) {
  let width = call.width
  for row in call.rows {
    let x = call.x + row * call.xStride
    let d = dy + row * dyStride
    let mean = Vector(repeating: call.statistics[2 * row])
    let scale = Vector(repeating: call.statistics[2 * row + 1])
    var total = Vector(repeating: 0)
    var product = Vector(repeating: 0)
    forEachVector(width) { k in
      let g = load(call.gain + k, first: width - k) * load(d + k, first: width - k)
      total += g
      product = fma(g, (load(x + k, first: width - k) - mean) * scale, product)
    }
    let constant = Vector(repeating: laneSum(total) / Float(width))
    let slope = Vector(repeating: laneSum(product) / Float(width))
    let target = dx + row * dxStride
    forEachVector(width) { k in
      let g = load(call.gain + k, first: width - k) * load(d + k, first: width - k)
      let n = (load(x + k, first: width - k) - mean) * scale
      store((g - constant - n * slope) * scale, target + k, first: width - k)
    }
  }
}

/// dγ and db of some columns, rows in order.
func normGradient(
  _ call: NormCall<Float>, _ columns: Range<Int>, _ dy: UnsafePointer<Float>, _ dyStride: Int,
  _ gainGradient: UnsafeMutablePointer<Float>, _ biasGradient: UnsafeMutablePointer<Float>
) {
  var k = columns.lowerBound
  while k < columns.upperBound {
    let left = columns.upperBound - k
    var gain = load(gainGradient + k, first: left)
    var bias = load(biasGradient + k, first: left)
    for row in call.rows {
      let d = load(dy + row * dyStride + k, first: left)
      let mean = Vector(repeating: call.statistics[2 * row])
      let scale = Vector(repeating: call.statistics[2 * row + 1])
      let x = load(call.x + row * call.xStride + k, first: left)
      gain = fma(d, (x - mean) * scale, gain)
      bias += d
    }
    store(gain, gainGradient + k, first: left)
    store(bias, biasGradient + k, first: left)
    k += lanes
  }
}
