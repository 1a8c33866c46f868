import KernelInterface

// Fully connected layers on the same register tiles. Forward form: column panels of up to four
// vectors of outputs, [bias][inputs][columns]; backward form: the transpose in column panels.

private func panelStart(_ columns: EvenSplit, _ q: Int, steps: Int) -> Int {
  columns.start(q) * lanes * steps
}

/// Layout of a dense layer, for callers.
func denseLayout(_ inputs: Int, _ outputs: Int) -> DenseLayout {
  let width = min(4, vectors(outputs)) * lanes
  let groups = gradientGroups(EvenSplit(vectors(outputs), limit: 4))
  return DenseLayout(
    packedForwardCount: vectors(outputs) * lanes * (inputs + 1),
    packedBackwardCount: vectors(inputs) * lanes * outputs,
    gradientTasks: groups.count,
    gradientScratchPerRow: 0,
    gradientScratch: ((inputs + 1) * groups.size(0) + gradientBlockRows) * width)
}

/// Column panels of one gradient task: several, which share the rows of x in the second-level cache,
/// but at least four tasks.
private func gradientGroups(_ columns: EvenSplit) -> EvenSplit {
  EvenSplit(columns.count, limit: max(1, min(4, columns.count / 4)))
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
    let used = min(width, inputs - first)
    if used < width { block.update(repeating: 0, count: width * outputs) }
    // A cache line of each row at a time: neither reads nor writes go far.
    for start in stride(from: 0, to: outputs, by: 16) {
      for column in 0..<used {
        let row = weight + (first + column) * outputs
        for k in start..<min(start + 16, outputs) { block[k * width + column] = row[k] }
      }
    }
  }
}

/// y = x W + b, or y += x W.
func denseForward(_ call: DenseCall<Float>, _ packed: UnsafePointer<Float>) {
  matrixProduct(
    MatrixProduct(
      a: call.x, aStride: call.xStride, steps: call.inputs, out: call.y, outStride: call.yStride,
      columns: call.outputs, rows: call.rows, hasBias: true, accumulates: call.accumulates),
    packed)
}

/// dx = dy Wᵀ, or dx += dy Wᵀ.
func denseBackward(_ call: DenseCall<Float>, _ packed: UnsafePointer<Float>) {
  matrixProduct(
    MatrixProduct(
      a: call.y, aStride: call.yStride, steps: call.outputs, out: call.x, outStride: call.xStride,
      columns: call.inputs, rows: call.rows, hasBias: false, accumulates: call.accumulates),
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
  let accumulates: Bool
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
  if block > 0 || product.accumulates {
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

/// y = x W + b + x′ W′: `denseForward` of both calls, the second of which accumulates. Where the
/// weights of a column panel fit the first-level cache together, y is written once only; its bits are
/// the same.
func denseForwardPair(
  _ first: DenseCall<Float>, _ firstPacked: UnsafePointer<Float>, _ second: DenseCall<Float>,
  _ secondPacked: UnsafePointer<Float>
) {
  guard first.inputs + second.inputs <= blockSteps(width: 4), first.rows.count > 0 else {
    denseForward(first, firstPacked)
    denseForward(second, secondPacked)
    return
  }
  let columns = EvenSplit(vectors(first.outputs), limit: 4)
  for q in 0..<columns.count {
    let pair = PanelPair(
      first: first, second: second, column: columns.start(q) * lanes,
      firstPanel: firstPacked + panelStart(columns, q, steps: first.inputs + 1),
      secondPanel: secondPacked + panelStart(columns, q, steps: second.inputs + 1))
    switch columns.size(q) {
    case 1: pair.sweep(Single.self)
    case 2: pair.sweep(Pair.self)
    case 3: pair.sweep(Triple.self)
    default: pair.sweep(Quad.self)
    }
  }
}

private struct PanelPair {
  let first: DenseCall<Float>
  let second: DenseCall<Float>
  /// The panel's first output.
  let column: Int
  let firstPanel: UnsafePointer<Float>
  let secondPanel: UnsafePointer<Float>

  func sweep<C: Columns>(_: C.Type) {
    let tiles = EvenSplit(first.rows.count, limit: maximumTileRows)
    for tile in 0..<tiles.count {
      let row = first.rows.lowerBound + tiles.start(tile)
      switch tiles.size(tile) {
      case 1: compute(Tile1<C>.self, row)
      case 2: compute(Tile2<C>.self, row)
      #if KERNELS_AVX512 || (KERNELS_BASELINE && arch(arm64))
        case 3: compute(Tile3<C>.self, row)
        case 4: compute(Tile4<C>.self, row)
        case 5: compute(Tile5<C>.self, row)
        default: compute(Tile6<C>.self, row)
      #else
        default: compute(Tile3<C>.self, row)
      #endif
      }
    }
  }

  @inline(__always)
  private func compute<T: Tile>(_: T.Type, _ row: Int) {
    let width = T.C.width * lanes
    var tile = T()
    let bias = T.C(firstPanel)
    for r in 0..<T.rows { tile[row: r] = bias }
    tile.multiply(
      first.x + row * first.xStride, rowStride: first.xStride, stepStride: 1,
      weights: firstPanel + width, steps: first.inputs)
    tile.multiply(
      second.x + row * second.xStride, rowStride: second.xStride, stepStride: 1,
      weights: secondPanel + width, steps: second.inputs)
    let out = first.y + row * first.yStride + column
    for r in 0..<T.rows {
      tile[row: r].write(out + r * first.yStride, first: first.outputs - column)
    }
  }
}

/// dW = xᵀ dy and db = Σ dy for one group of column panels of outputs, rows in order.
func denseGradient(
  _ call: DenseCall<Float>, _ task: Int, _ weightGradient: UnsafeMutablePointer<Float>,
  _ biasGradient: UnsafeMutablePointer<Float>?, _ accumulates: Bool,
  _ scratch: UnsafeMutablePointer<Float>
) {
  let columns = EvenSplit(vectors(call.outputs), limit: 4)
  let groups = gradientGroups(columns)
  let start = groups.start(task)
  let end = start + groups.size(task)
  let group = GradientGroup(
    call: call, columns: columns, panels: start..<end, weight: weightGradient, bias: biasGradient,
    accumulates: accumulates, scratch: scratch)
  group.run()
}

private struct GradientGroup {
  let call: DenseCall<Float>
  let columns: EvenSplit
  let panels: Range<Int>
  let weight: UnsafeMutablePointer<Float>
  let bias: UnsafeMutablePointer<Float>?
  let accumulates: Bool
  /// Every panel's sums, [inputs][columns] and those of the bias; then a block of dy.
  let scratch: UnsafeMutablePointer<Float>

  private func sums(_ panel: Int) -> UnsafeMutablePointer<Float> {
    let vectors = columns.start(panel) - columns.start(panels.lowerBound)
    return scratch + vectors * lanes * (call.inputs + 1)
  }

  func run() {
    let packed = sums(panels.upperBound)
    scratch.update(repeating: 0, count: packed - scratch)
    var row = 0
    while row < call.rows.count {
      let rows = min(gradientBlockRows, call.rows.count - row)
      for panel in panels {
        switch columns.size(panel) {
        case 1: add(Single.self, panel, row, rows, packed)
        case 2: add(Pair.self, panel, row, rows, packed)
        case 3: add(Triple.self, panel, row, rows, packed)
        default: add(Quad.self, panel, row, rows, packed)
        }
      }
      row += rows
    }
    for panel in panels {
      switch columns.size(panel) {
      case 1: deliver(Single.self, panel)
      case 2: deliver(Pair.self, panel)
      case 3: deliver(Triple.self, panel)
      default: deliver(Quad.self, panel)
      }
    }
  }

  /// Adds rows row ..< row + rows to a panel's sums. Their dy are copied side by side first, where
  /// they stay in the first-level cache.
  private func add<C: Columns>(
    _: C.Type, _ panel: Int, _ row: Int, _ rows: Int, _ packed: UnsafeMutablePointer<Float>
  ) {
    let width = C.width * lanes
    let first = columns.start(panel) * lanes
    let sums = sums(panel)
    let d = call.y + (call.rows.lowerBound + row) * call.yStride + first
    var total = C(UnsafePointer(sums + call.inputs * width))
    for r in 0..<rows {
      let gradient = C(d + r * call.yStride, first: call.outputs - first)
      gradient.write(packed + r * width, first: width)
      if bias != nil { total.add(gradient) }
    }
    total.write(sums + call.inputs * width, first: width)
    GradientProduct<C>(
      x: call.x + (call.rows.lowerBound + row) * call.xStride, stride: call.xStride,
      gradients: packed, rows: rows, sums: sums, inputs: call.inputs,
      upcoming: upcoming(panel, row, rows))(rows: call.inputs)
  }

  /// What comes after these rows of a panel: the next panel's dy, or the next rows.
  private func upcoming(_ panel: Int, _ row: Int, _ rows: Int) -> UpcomingRows? {
    let isLast = panel == panels.upperBound - 1
    let next = isLast ? panels.lowerBound : panel + 1
    let start = call.rows.lowerBound + (isLast ? row + rows : row)
    let end = min(start + rows, call.rows.upperBound)
    guard start < end else { return nil }
    return UpcomingRows(
      call: call, column: columns.start(next) * lanes, width: columns.size(next) * lanes,
      rows: start..<end, hasInputs: isLast)
  }

  /// Moves a panel's sums to the gradients.
  private func deliver<C: Columns>(_: C.Type, _ panel: Int) {
    let width = C.width * lanes
    let first = columns.start(panel) * lanes
    let sums = sums(panel)
    func put(_ row: Int, _ target: UnsafeMutablePointer<Float>) {
      var sum = C(UnsafePointer(sums + row * width))
      if accumulates { sum.add(C(target + first, first: call.outputs - first)) }
      sum.write(target + first, first: call.outputs - first)
    }
    for m in 0..<call.inputs { put(m, weight + m * call.outputs) }
    if let bias { put(call.inputs, bias) }
  }
}

/// Rows that are read after those of a product: fetched a little at a time, while the processor is
/// busy with the product, and not into the first-level cache, where they would displace what it reads.
private struct UpcomingRows {
  let call: DenseCall<Float>
  /// Of dy.
  let column: Int
  let width: Int
  let rows: Range<Int>
  /// Whether x of these rows comes as well.
  let hasInputs: Bool

  /// Fetches parts `part` of `total`.
  @inline(__always)
  func fetch(_ part: Range<Int>, of total: Int) {
    let first = rows.lowerBound + rows.count * part.lowerBound / total
    let end = rows.lowerBound + rows.count * part.upperBound / total
    for row in first..<end {
      prefetchSecond(call.y + row * call.yStride + column, width)
      if hasInputs { prefetchSecond(call.x + row * call.xStride, call.inputs) }
    }
  }
}

/// sums[m] += Σ_r x[r, m] · gradients[r].
private struct GradientProduct<C: Columns>: TileOperation {
  let x: UnsafePointer<Float>
  let stride: Int
  let gradients: UnsafePointer<Float>
  let rows: Int
  let sums: UnsafeMutablePointer<Float>
  /// Numbers m.
  let inputs: Int
  let upcoming: UpcomingRows?

  @inline(__always)
  func compute<T: Tile>(_: T.Type, row m: Int) where T.C == C {
    let width = C.width * lanes
    upcoming?.fetch(m..<m + T.rows, of: inputs)
    var tile = T()
    for r in 0..<T.rows { tile[row: r] = C(sums + (m + r) * width) }
    tile.multiply(x + m, rowStride: 1, stepStride: stride, weights: gradients, steps: rows)
    for r in 0..<T.rows { tile[row: r].write(sums + (m + r) * width, first: width) }
  }
}
