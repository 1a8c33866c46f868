import KernelInterface

// Fully connected layers on the same register tiles. Forward form: column panels of up to four
// vectors of outputs, [bias][inputs][columns]; backward form: the transpose in column panels.

private func panelStart(_ columns: EvenSplit, _ q: Int, steps: Int) -> Int {
  columns.start(q) * lanes * steps
}

/// Layout of a dense layer, for callers.
func denseLayout(_ inputs: Int, _ outputs: Int) -> DenseLayout {
  DenseLayout(
    packedForwardCount: vectors(outputs) * lanes * (inputs + 1),
    packedBackwardCount: vectors(inputs) * lanes * outputs,
    gradientTasks: vectors(outputs),
    gradientScratchPerRow: lanes,
    gradientScratch: (inputs + 1) * lanes)
}

/// Packs W [inputs, outputs] and b.
func densePack(
  _ inputs: Int, _ outputs: Int, _ weight: UnsafePointer<Float>, _ bias: UnsafePointer<Float>,
  _ forward: UnsafeMutablePointer<Float>, _ backward: UnsafeMutablePointer<Float>?
) {
  let columns = EvenSplit(vectors(outputs), limit: 4)
  for q in 0..<columns.count {
    let first = columns.start(q) * lanes
    var p = forward + panelStart(columns, q, steps: inputs + 1)
    for row in -1..<inputs {
      let source = (row < 0 ? bias : weight + row * outputs) + first
      for v in 0..<columns.size(q) {
        store(load(source + v * lanes, first: outputs - first - v * lanes), p + v * lanes)
      }
      p += columns.size(q) * lanes
    }
  }
  guard let backward else { return }
  let transposed = EvenSplit(vectors(inputs), limit: 4)
  for q in 0..<transposed.count {
    let first = transposed.start(q) * lanes
    let width = transposed.size(q) * lanes
    let block = backward + panelStart(transposed, q, steps: outputs)
    for k in 0..<outputs {
      for column in 0..<width {
        let input = first + column
        block[k * width + column] = input < inputs ? weight[input * outputs + k] : 0
      }
    }
  }
}

/// y = x W + b.
func denseForward(_ call: DenseCall<Float>, _ packed: UnsafePointer<Float>) {
  matrixProduct(
    MatrixProduct(
      a: call.x, aStride: call.xStride, steps: call.inputs, out: call.y, outStride: call.yStride,
      columns: call.outputs, rows: call.rows, hasBias: true),
    packed)
}

/// dx = dy Wᵀ.
func denseBackward(_ call: DenseCall<Float>, _ packed: UnsafePointer<Float>) {
  matrixProduct(
    MatrixProduct(
      a: call.y, aStride: call.yStride, steps: call.outputs, out: call.x, outStride: call.xStride,
      columns: call.inputs, rows: call.rows, hasBias: false),
    packed)
}

private struct MatrixProduct {
  let a: UnsafePointer<Float>
  let aStride: Int
  let steps: Int
  let out: UnsafeMutablePointer<Float>
  let outStride: Int
  let columns: Int
  let rows: Range<Int>
  let hasBias: Bool
}

private func matrixProduct(_ product: MatrixProduct, _ packed: UnsafePointer<Float>) {
  let columns = EvenSplit(vectors(product.columns), limit: 4)
  let steps = product.steps + (product.hasBias ? 1 : 0)
  for q in 0..<columns.count {
    let panel = packed + panelStart(columns, q, steps: steps)
    let first = columns.start(q) * lanes
    switch columns.size(q) {
    case 1: sweep(Single.self, product, panel, first)
    case 2: sweep(Pair.self, product, panel, first)
    case 3: sweep(Triple.self, product, panel, first)
    default: sweep(Quad.self, product, panel, first)
    }
  }
}

private func sweep<C: Columns>(
  _: C.Type, _ product: MatrixProduct, _ panel: UnsafePointer<Float>, _ first: Int
) {
  let blocks = EvenSplit(product.steps, limit: blockSteps(width: C.width))
  let tiles = EvenSplit(product.rows.count, limit: maximumTileRows)
  guard product.rows.count > 0 else { return }
  for block in 0..<blocks.count {
    for tile in 0..<tiles.count {
      let row = product.rows.lowerBound + tiles.start(tile)
      switch tiles.size(tile) {
      case 1: compute(Tile1<C>.self, product, panel, first, blocks, block, row)
      case 2: compute(Tile2<C>.self, product, panel, first, blocks, block, row)
      #if KERNELS_AVX512 || (KERNELS_BASELINE && arch(arm64))
        case 3: compute(Tile3<C>.self, product, panel, first, blocks, block, row)
        case 4: compute(Tile4<C>.self, product, panel, first, blocks, block, row)
        case 5: compute(Tile5<C>.self, product, panel, first, blocks, block, row)
        default: compute(Tile6<C>.self, product, panel, first, blocks, block, row)
      #else
        default: compute(Tile3<C>.self, product, panel, first, blocks, block, row)
      #endif
      }
    }
  }
}

/// One block of one tile; the partial sums between blocks wait in the output itself.
@inline(__always)
private func compute<T: Tile>(
  _: T.Type, _ product: MatrixProduct, _ panel: UnsafePointer<Float>, _ first: Int,
  _ blocks: EvenSplit, _ block: Int, _ row: Int
) {
  let width = T.C.width * lanes
  let limit = product.columns - first
  let out = product.out + row * product.outStride + first
  var tile = T()
  if block > 0 {
    for r in 0..<T.rows { tile[row: r] = T.C(out + r * product.outStride, first: limit) }
  } else if product.hasBias {
    let bias = T.C(panel)
    for r in 0..<T.rows { tile[row: r] = bias }
  }
  let start = blocks.start(block)
  tile.multiply(
    product.a + row * product.aStride + start, rowStride: product.aStride, stepStride: 1,
    weights: panel + (start + (product.hasBias ? 1 : 0)) * width, steps: blocks.size(block))
  for r in 0..<T.rows { tile[row: r].write(out + r * product.outStride, first: limit) }
}

/// dW = xᵀ dy and db = Σ dy for one vector of outputs, rows in order.
func denseGradient(
  _ call: DenseCall<Float>, _ task: Int, _ weightGradient: UnsafeMutablePointer<Float>,
  _ biasGradient: UnsafeMutablePointer<Float>, _ accumulates: Bool,
  _ scratch: UnsafeMutablePointer<Float>
) {
  let first = task * lanes
  let valid = call.outputs - first
  let count = call.rows.count
  let sums = scratch
  let packed = scratch + (call.inputs + 1) * lanes
  var bias = Vector(repeating: 0)
  for r in 0..<count {
    let d = load(call.y + (call.rows.lowerBound + r) * call.yStride + first, first: valid)
    store(d, packed + r * lanes)
    bias += d
  }
  sums.update(repeating: 0, count: call.inputs * lanes)
  let tiles = EvenSplit(call.inputs, limit: maximumTileRows)
  var row = 0
  while row < count {
    let rows = min(gradientBlockRows, count - row)
    let x = call.x + (call.rows.lowerBound + row) * call.xStride
    let d = packed + row * lanes
    for tile in 0..<tiles.count {
      let m = tiles.start(tile)
      let target = sums + m * lanes
      switch tiles.size(tile) {
      case 1: accumulate(Tile1<Single>.self, x + m, call.xStride, d, rows, target)
      case 2: accumulate(Tile2<Single>.self, x + m, call.xStride, d, rows, target)
      case 3: accumulate(Tile3<Single>.self, x + m, call.xStride, d, rows, target)
      case 4: accumulate(Tile4<Single>.self, x + m, call.xStride, d, rows, target)
      case 5: accumulate(Tile5<Single>.self, x + m, call.xStride, d, rows, target)
      default: accumulate(Tile6<Single>.self, x + m, call.xStride, d, rows, target)
      }
    }
    row += rows
  }
  for m in 0..<call.inputs {
    let target = weightGradient + m * call.outputs + first
    var sum = load(sums + m * lanes)
    if accumulates { sum += load(target, first: valid) }
    store(sum, target, first: valid)
  }
  if accumulates { bias += load(biasGradient + first, first: valid) }
  store(bias, biasGradient + first, first: valid)
}

@inline(__always)
private func accumulate<T: Tile>(
  _: T.Type, _ a: UnsafePointer<Float>, _ stride: Int, _ d: UnsafePointer<Float>, _ count: Int,
  _ target: UnsafeMutablePointer<Float>
) where T.C == Single {
  var tile = T()
  for r in 0..<T.rows { tile[row: r] = Single(target + r * lanes) }
  tile.multiply(a, rowStride: 1, stepStride: stride, weights: d, steps: count)
  for r in 0..<T.rows { tile[row: r].write(target + r * lanes, first: lanes) }
}
