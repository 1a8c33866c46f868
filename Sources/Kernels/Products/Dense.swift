import RowwiseKernelInterface

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
    gradientScratch: ((inputs + 1) * groups.size(0) + gradientSteps) * width)
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
      columns: call.outputs, rows: call.rows, hasBias: true, accumulates: call.accumulates,
      ahead: call.ahead),
    packed)
}

/// dx = dy Wᵀ, or dx += dy Wᵀ.
func denseBackward(_ call: DenseCall<Float>, _ packed: UnsafePointer<Float>) {
  matrixProduct(
    MatrixProduct(
      a: call.y, aStride: call.yStride, steps: call.outputs, out: call.x, outStride: call.xStride,
      columns: call.inputs, rows: call.rows, hasBias: false, accumulates: call.accumulates,
      ahead: call.ahead),
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
  let ahead: MemoryAhead<Float>?
}

private func matrixProduct(_ product: MatrixProduct, _ packed: UnsafePointer<Float>) {
  let columns = EvenSplit(vectors(product.columns), limit: 4)
  let steps = product.steps + (product.hasBias ? 1 : 0)
  for q in 0..<columns.count {
    let panel = packed + panelStart(columns, q, steps: steps)
    switch columns.size(q) {
    case 1: sweep(Single.self, product, panel, columns, q)
    case 2: sweep(Pair.self, product, panel, columns, q)
    case 3: sweep(Triple.self, product, panel, columns, q)
    default: sweep(Quad.self, product, panel, columns, q)
    }
  }
}

private func sweep<C: Columns>(
  _: C.Type, _ product: MatrixProduct, _ panel: UnsafePointer<Float>, _ columns: EvenSplit, _ q: Int
) {
  let blocks = EvenSplit(product.steps, limit: blockSteps(width: C.width))
  for block in 0..<blocks.count {
    let part = PanelBlock<C>(
      product: product, panel: panel, first: columns.start(q) * lanes, isFirst: block == 0,
      start: blocks.start(block), steps: blocks.size(block), index: q * blocks.count + block,
      count: columns.count * blocks.count)
    part(rows: product.rows.count)
  }
}

/// Some steps of one column panel; the partial sums between blocks wait in the output itself.
private struct PanelBlock<C: Columns>: TileOperation {
  let product: MatrixProduct
  let panel: UnsafePointer<Float>
  /// The panel's first column.
  let first: Int
  let isFirst: Bool
  let start: Int
  let steps: Int
  /// Which of how many blocks of all panels this is.
  let index: Int
  let count: Int

  @inline(__always)
  func compute<T: Tile>(_: T.Type, row: Int) where T.C == C {
    let rows = product.rows.count
    product.ahead?.fetch(
      from: index * rows + row, to: index * rows + row + T.rows, of: count * rows)
    let width = C.width * lanes
    let limit = product.columns - first
    let row = product.rows.lowerBound + row
    let out = product.out + row * product.outStride + first
    var tile = T()
    if !isFirst || product.accumulates {
      for r in 0..<T.rows { tile[row: r] = C(out + r * product.outStride, first: limit) }
    } else if product.hasBias {
      let bias = C(panel)
      for r in 0..<T.rows { tile[row: r] = bias }
    }
    tile.multiply(
      product.a + row * product.aStride + start, rowStride: product.aStride, stepStride: 1,
      weights: panel + (start + (product.hasBias ? 1 : 0)) * width, steps: steps)
    for r in 0..<T.rows { tile[row: r].write(out + r * product.outStride, first: limit) }
  }
}

extension MemoryAhead<Float> {
  /// Asks for the share of every part from `from` to `end` of `total`, but not in the first-level
  /// cache, where it would displace what the product reads.
  @inline(__always)
  func fetch(from start: Int, to end: Int, of total: Int) {
    let first = count * start / total
    let size = count * end / total - first
    prefetchSecond(parts.0 + first, size)
    if let part = parts.1 { prefetchSecond(part + first, size) }
    if let part = parts.2 { prefetchSecond(part + first, size) }
  }
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
      first: first, second: second, index: q, count: columns.count,
      column: columns.start(q) * lanes,
      firstPanel: firstPacked + panelStart(columns, q, steps: first.inputs + 1),
      secondPanel: secondPacked + panelStart(columns, q, steps: second.inputs + 1))
    switch columns.size(q) {
    case 1: PairProduct<Single>(panels: pair)(rows: first.rows.count)
    case 2: PairProduct<Pair>(panels: pair)(rows: first.rows.count)
    case 3: PairProduct<Triple>(panels: pair)(rows: first.rows.count)
    default: PairProduct<Quad>(panels: pair)(rows: first.rows.count)
    }
  }
}

private struct PanelPair {
  let first: DenseCall<Float>
  let second: DenseCall<Float>
  /// Which panel of how many.
  let index: Int
  let count: Int
  /// The panel's first output.
  let column: Int
  let firstPanel: UnsafePointer<Float>
  let secondPanel: UnsafePointer<Float>
}

/// One column panel of both products.
private struct PairProduct<C: Columns>: TileOperation {
  let panels: PanelPair

  @inline(__always)
  func compute<T: Tile>(_: T.Type, row: Int) where T.C == C {
    let (first, second) = (panels.first, panels.second)
    let before = panels.index * first.rows.count + row
    second.ahead?.fetch(
      from: before, to: before + T.rows, of: panels.count * first.rows.count)
    let width = C.width * lanes
    let row = first.rows.lowerBound + row
    var tile = T()
    let bias = C(panels.firstPanel)
    for r in 0..<T.rows { tile[row: r] = bias }
    tile.multiply(
      first.x + row * first.xStride, rowStride: first.xStride, stepStride: 1,
      weights: panels.firstPanel + width, steps: first.inputs)
    tile.multiply(
      second.x + row * second.xStride, rowStride: second.xStride, stepStride: 1,
      weights: panels.secondPanel + width, steps: second.inputs)
    let out = first.y + row * first.yStride + panels.column
    for r in 0..<T.rows {
      tile[row: r].write(out + r * first.yStride, first: first.outputs - panels.column)
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
  /// Every panel's sums, [inputs][columns] and those of the bias; then a block of a panel's dy where it is copied.
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
      let rows = min(gradientSteps, call.rows.count - row)
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

  /// Adds rows row ..< row + rows to a panel's sums.
  private func add<C: Columns>(
    _: C.Type, _ panel: Int, _ row: Int, _ rows: Int, _ packed: UnsafeMutablePointer<Float>
  ) {
    let width = C.width * lanes
    let first = columns.start(panel) * lanes
    let sums = sums(panel)
    var gradients = UnsafePointer(call.y + (call.rows.lowerBound + row) * call.yStride + first)
    var stride = call.yStride
    if first + width > call.outputs || crowdsCache(stride) {
      // A copy of dy has zeros where the last vector is cut and nothing may be read, and its rows
      // lie side by side.
      for r in 0..<rows {
        C(gradients + r * stride, first: call.outputs - first)
          .write(packed + r * width, first: width)
      }
      (gradients, stride) = (UnsafePointer(packed), width)
    }
    if bias != nil {
      var total = C(UnsafePointer(sums + call.inputs * width))
      for r in 0..<rows { total.add(C(gradients + r * stride)) }
      total.write(sums + call.inputs * width, first: width)
    }
    GradientProduct<C>(
      x: call.x + (call.rows.lowerBound + row) * call.xStride, stride: call.xStride,
      gradients: gradients, gradientStride: stride, rows: rows, sums: sums,
      inputs: call.inputs, upcoming: upcoming(panel, row, rows))(rows: call.inputs)
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
