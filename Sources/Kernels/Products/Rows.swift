import RowwiseKernelInterface

/// y += x, or y += m ⊙ x.
func addRows(
  _ call: RowsCall<Float>, _ multiplier: (start: UnsafePointer<Float>, stride: Int)?
) {
  for row in call.rows {
    let x = call.x + row * call.xStride
    let y = call.y + row * call.yStride
    var k = 0
    while k < call.width {
      let left = call.width - k
      var sum = load(y + k, first: left)
      if let multiplier {
        let m = multiplier.start + row * multiplier.stride
        sum = fma(load(m + k, first: left), load(x + k, first: left), sum)
      } else {
        sum += load(x + k, first: left)
      }
      store(sum, y + k, first: left)
      k += lanes
    }
  }
}

/// y[0] += Σ x, rows in order.
func sumRows(_ call: RowsCall<Float>) {
  var k = 0
  while k < call.width {
    let left = call.width - k
    var sum = load(call.y + k, first: left)
    for row in call.rows { sum += load(call.x + row * call.xStride + k, first: left) }
    store(sum, call.y + k, first: left)
    k += lanes
  }
}
