import CIntrinsics
import KernelInterface

/// Layout of a layer-normalised LSTM's products.
func normalizedLayout(_ features: Int, _ hidden: Int) -> NormalizedLayout {
  let columns = EvenSplit(vectors(4 * hidden), limit: 4)
  let groups = gradientGroups(columns)
  let width = columns.size(0) * lanes
  return NormalizedLayout(
    gradientTasks: groups.count,
    gradientScratch: width * ((features + hidden + 3) * groups.size(0) + 2 * gradientBlockRows))
}

/// Column panels of one task: several, which share the rows of x and h in the second-level cache, but
/// at least four tasks.
private func gradientGroups(_ columns: EvenSplit) -> EvenSplit {
  EvenSplit(columns.count, limit: max(1, min(4, columns.count / 4)))
}

/// δW = xᵀ δu, δR = hᵀ δv, δγ_x = Σ δz ⊙ N(u), δγ_h = Σ δz ⊙ N(v) and δb = Σ δz for one group of
/// column panels, rows in order. δu and δv are made here, of a block of rows at a time that stays in
/// the first-level cache.
func normalizedGradient(_ call: NormalizedGradientCall<Float>, _ task: Int) {
  let columns = EvenSplit(vectors(call.columns), limit: 4)
  let groups = gradientGroups(columns)
  let start = groups.start(task)
  NormalizedGradient(
    call: call, columns: columns, panels: start..<start + groups.size(task)
  ).run()
}

private struct NormalizedGradient {
  typealias Side = NormalizedGradientCall<Float>.Side
  let call: NormalizedGradientCall<Float>
  let columns: EvenSplit
  let panels: Range<Int>

  private var inputs: Int { call.input.inputs }
  private var hidden: Int { call.recurrent.inputs }

  /// A panel's sums: by W, by R, by γ_x, by γ_h, by b, each row as wide as the panel.
  private func sums(_ panel: Int) -> UnsafeMutablePointer<Float> {
    let vectors = columns.start(panel) - columns.start(panels.lowerBound)
    return call.scratch + vectors * lanes * (inputs + hidden + 3)
  }

  func run() {
    let packed = sums(panels.upperBound)
    call.scratch.update(repeating: 0, count: packed - call.scratch)
    var row = 0
    while row < call.rows {
      let rows = min(gradientBlockRows, call.rows - row)
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
    let sums = sums(panel)
    let gains = sums + (inputs + hidden) * width
    let bias = gains + 2 * width
    // The first rows' h is zero, where no initial one is learned.
    let skipped = min(max(call.recurrent.firstRow - row, 0), rows)
    let secondPacked = packed + gradientBlockRows * width
    // A few rows at a time: what both sides read of them is read from the second-level cache once.
    for start in stride(from: 0, to: rows, by: 32) {
      let count = min(32, rows - start)
      makeGradients(
        C.self, panel, row + start, count, call.input, scale: 0, terms: 4, gains, bias,
        packed + start * width)
      if start + count > skipped {
        makeGradients(
          C.self, panel, row + start, count, call.recurrent, scale: 1, terms: 6, gains + width,
          nil, secondPacked + start * width)
      }
    }
    sweep(C.self, call.input, row, rows, packed, sums, nil)
    guard skipped < rows else { return }
    sweep(
      C.self, call.recurrent, row + skipped, rows - skipped, secondPacked + skipped * width,
      sums + inputs * width, Upcoming(self, panel, row, rows))
  }

  private func makeGradients<C: Columns>(
    _: C.Type, _ panel: Int, _ row: Int, _ rows: Int, _ side: Side, scale: Int, terms: Int,
    _ gainSums: UnsafeMutablePointer<Float>, _ biasSums: UnsafeMutablePointer<Float>?,
    _ packed: UnsafeMutablePointer<Float>
  ) {
    let first = columns.start(panel) * lanes
    let statistics = call.statistics + row * statisticsCount
    let part = SumGradients<C>(
      gates: call.gates + row * call.sumsStride + first,
      sums: side.sums + row * call.sumsStride + first, stride: call.sumsStride, rows: rows,
      limit: call.columns - first, gain: side.gain + first, scale: statistics + scale,
      terms: statistics + terms, out: packed)
    let isCut = part.limit < C.width * lanes
    switch (isCut, biasSums) {
    case (false, nil): part.run(isCut: false, gainSums, nil)
    case (false, let bias?): part.run(isCut: false, gainSums, bias)
    case (true, let bias): part.run(isCut: true, gainSums, bias)
    }
  }

  /// sums += values ᵀ · packed.
  private func sweep<C: Columns>(
    _: C.Type, _ side: Side, _ row: Int, _ rows: Int, _ packed: UnsafePointer<Float>,
    _ sums: UnsafeMutablePointer<Float>, _ upcoming: Upcoming?
  ) {
    GradientProduct<C>(
      values: side.values + row * side.stride, stride: side.stride, gradients: packed, rows: rows,
      sums: sums, inputs: side.inputs, upcoming: upcoming)(rows: side.inputs)
  }

  /// Moves a panel's sums to the gradients.
  private func deliver<C: Columns>(_: C.Type, _ panel: Int) {
    let width = C.width * lanes
    let first = columns.start(panel) * lanes
    let limit = call.columns - first
    var source = sums(panel)
    func put(_ rows: Int, _ target: UnsafeMutablePointer<Float>) {
      for m in 0..<rows {
        let out = target + m * call.columns + first
        var sum = C(UnsafePointer(source))
        if call.accumulates { sum.add(C(out, first: limit)) }
        sum.write(out, first: limit)
        source += width
      }
    }
    put(inputs, call.input.weightGradient)
    put(hidden, call.recurrent.weightGradient)
    put(1, call.input.gainGradient)
    put(1, call.recurrent.gainGradient)
    put(1, call.biasGradient)
  }
}

/// δs = γ ⊙ δz / σ + a + b s of some rows and a panel's columns, side by side, and what they add to the
/// gradients by γ and b. Columns beyond the last one get something as well, which is never used.
private struct SumGradients<C: Columns> {
  let gates: UnsafePointer<Float>
  let sums: UnsafePointer<Float>
  let stride: Int
  let rows: Int
  /// Columns from the panel's first one on.
  let limit: Int
  let gain: UnsafePointer<Float>
  /// 1/σ of the first row.
  let scale: UnsafePointer<Float>
  /// a and b of the first row.
  let terms: UnsafePointer<Float>
  let out: UnsafeMutablePointer<Float>

  @inline(__always)
  func run(
    isCut: Bool, _ gainSums: UnsafeMutablePointer<Float>, _ biasSums: UnsafeMutablePointer<Float>?
  ) {
    let width = C.width * lanes
    @inline(__always)
    func quad(_ p: UnsafePointer<Float>) -> Quad {
      if isCut { return Quad(p, first: limit) }
      var quad = Quad()
      quad.a = load(p)
      if C.width > 1 { quad.b = load(p + lanes) }
      if C.width > 2 { quad.c = load(p + 2 * lanes) }
      if C.width > 3 { quad.d = load(p + 3 * lanes) }
      return quad
    }
    let gain = quad(gain)
    var gains = Quad(gainSums, first: width)
    var bias = biasSums.map { Quad($0, first: width) } ?? Quad()
    var (gates, sums, scale, terms, out) = (gates, sums, scale, terms, out)
    for _ in 0..<rows {
      let factor = Vector(repeating: scale[0])
      let a = Vector(repeating: terms[0])
      let b = Vector(repeating: terms[1])
      let dz = quad(gates)
      let s = quad(sums)
      @inline(__always)
      func gradient(_ dz: Vector, _ s: Vector, _ gain: Vector, _ total: inout Vector) -> Vector {
        let scaled = dz * factor
        total = fma(scaled, s, total)
        return fma(gain, scaled, fma(s, b, a))
      }
      store(gradient(dz.a, s.a, gain.a, &gains.a), out)
      if C.width > 1 { store(gradient(dz.b, s.b, gain.b, &gains.b), out + lanes) }
      if C.width > 2 { store(gradient(dz.c, s.c, gain.c, &gains.c), out + 2 * lanes) }
      if C.width > 3 { store(gradient(dz.d, s.d, gain.d, &gains.d), out + 3 * lanes) }
      if biasSums != nil { bias.add(dz) }
      gates += stride
      sums += stride
      scale += statisticsCount
      terms += statisticsCount
      out += width
    }
    gains.write(gainSums, first: width)
    if let biasSums { bias.write(biasSums, first: width) }
  }
}

/// What is read after some rows of a panel: the same rows of the next panel, or the next rows. It is
/// fetched a little at a time, while the processor is busy with a product.
private struct Upcoming {
  let call: NormalizedGradientCall<Float>
  /// Of the sums.
  let column: Int
  let width: Int
  let rows: Range<Int>
  /// Whether x and h of these rows come as well.
  let hasInputs: Bool

  init?(_ task: NormalizedGradient, _ panel: Int, _ row: Int, _ count: Int) {
    call = task.call
    hasInputs = panel == task.panels.upperBound - 1
    let next = hasInputs ? task.panels.lowerBound : panel + 1
    column = task.columns.start(next) * lanes
    width = task.columns.size(next) * lanes
    let start = hasInputs ? row + count : row
    let end = min(start + count, call.rows)
    guard start < end else { return nil }
    rows = start..<end
  }

  /// Fetches parts `part` of `total`.
  @inline(__always)
  func fetch(_ part: Range<Int>, of total: Int) {
    let first = rows.lowerBound + rows.count * part.lowerBound / total
    let end = rows.lowerBound + rows.count * part.upperBound / total
    for row in first..<end {
      let place = row * call.sumsStride + column
      prefetchSecond(call.gates + place, width)
      prefetchSecond(call.input.sums + place, width)
      prefetchSecond(call.recurrent.sums + place, width)
      if hasInputs {
        prefetchSecond(call.input.values + row * call.input.stride, call.input.inputs)
        prefetchSecond(call.recurrent.values + row * call.recurrent.stride, call.recurrent.inputs)
      }
    }
  }
}

/// sums[m] += Σ_r values[r, m] · gradients[r].
private struct GradientProduct<C: Columns>: TileOperation {
  let values: UnsafePointer<Float>
  let stride: Int
  let gradients: UnsafePointer<Float>
  let rows: Int
  let sums: UnsafeMutablePointer<Float>
  /// Numbers m.
  let inputs: Int
  let upcoming: Upcoming?

  @inline(__always)
  func compute<T: Tile>(_: T.Type, row m: Int) where T.C == C {
    let width = C.width * lanes
    upcoming?.fetch(m..<m + T.rows, of: inputs)
    var tile = T()
    for r in 0..<T.rows { tile[row: r] = C(sums + (m + r) * width) }
    tile.multiply(values + m, rowStride: 1, stepStride: stride, weights: gradients, steps: rows)
    for r in 0..<T.rows { tile[row: r].write(sums + (m + r) * width, first: width) }
  }
}

/// Asks for `count` elements in the second-level cache; in the first one they would displace what the
/// product under way reads.
@inline(__always)
private func prefetchSecond(_ p: UnsafePointer<Float>, _ count: Int) {
  for i in stride(from: 0, to: count, by: 16) { rw_prefetch_second(p + i) }
}
