import RowwiseKernelInterface

/// Weight gradients of one group of panels: dW = xᵀ dgates, dR = h_{t-1}ᵀ dgates, and so on, over
/// all T·N rows in order.
///
/// Rows are taken in blocks that stay in the second-level cache while every panel of the group
/// uses them; accumulators live in scratch, [step][i f g o], and go to the canonical layout at the
/// end.
func lstmGradient(_ call: LSTMGradientCall<Float>, _ task: Int) {
  if call.shape.precision == .bfloat16 {
    GradientTask<RoundedProduct>(call, task).run()
  } else {
    GradientTask<SingleProduct>(call, task).run()
  }
}

private struct GradientTask<Rule: ProductRule> {
  let call: LSTMGradientCall<Float>
  let panels: LSTMPanels
  let group: Range<Int>
  let total: Int

  init(_ call: LSTMGradientCall<Float>, _ task: Int) {
    self.call = call
    panels = LSTMPanels(call.shape)
    let start = panels.gradientGroups.start(task)
    group = start..<start + panels.gradientGroups.size(task)
    total = call.timesteps * call.batch
  }

  func run() {
    call.scratch.update(repeating: 0, count: group.count * panels.gradientPanel)
    var row = 0
    while row < total {
      let count = min(gradientSteps * panels.perLane, total - row)
      packInputs(row, count)
      for panel in group { accumulate(panel, row, count) }
      row += count
    }
    for panel in group { deliver(panel) }
  }

  private var hiddenPart: Int { call.shape.features * panels.gatePitch }
  private var biasPart: Int { (call.shape.features + call.shape.hidden) * panels.gatePitch }
  private var peepholePart: Int { biasPart + panels.gatePitch }

  @inline(__always)
  private func accumulators(_ panel: Int) -> UnsafeMutablePointer<Float> {
    call.scratch + (panel - group.lowerBound) * panels.gradientPanel
  }

  /// Pairs of rows of x and h side by side, [row / 2][D + H].
  private var packedInputs: UnsafeMutablePointer<Float> {
    call.scratch + panels.gradientGroups.size(0) * panels.gradientPanel
  }
  /// Pairs of rows of one panel's gates, [row / 2][i f g o].
  private var packedGates: UnsafeMutablePointer<Float> {
    packedInputs + gradientSteps * (call.shape.features + call.shape.hidden)
  }

  private func packInputs(_ row: Int, _ count: Int) {
    guard panels.perLane > 1 else { return }
    let (features, hidden) = (call.shape.features, call.shape.hidden)
    for r in stride(from: 0, to: count, by: 2) {
      let target = packedInputs + r / 2 * (features + hidden)
      let hasTwo = r + 1 < count
      let x = call.input + (row + r) * call.inputStride
      packPairs(x, hasTwo ? x + call.inputStride : nil, features, into: target)
      let h = call.hidden + (row + r) * panels.hiddenStride
      packPairs(h, hasTwo ? h + panels.hiddenStride : nil, hidden, into: target + features)
    }
  }

  /// - Returns: the number of pairs.
  private func packGates(_ d: UnsafePointer<Float>, _ count: Int) -> Int {
    let pitch = panels.gatePitch
    for r in stride(from: 0, to: count, by: 2) {
      packPairs(
        d + r * pitch, r + 1 < count ? d + (r + 1) * pitch : nil, pitch,
        into: packedGates + r / 2 * pitch)
    }
    return (count + 1) / 2
  }

  /// Adds rows row ..< row + count to a panel's accumulators.
  private func accumulate(_ panel: Int, _ row: Int, _ count: Int) {
    let d = call.gates + (panel * total + row) * panels.gatePitch
    let sums = accumulators(panel)
    let stride = panels.hiddenStride
    // Rows of the first timestep, whose h and c are zero.
    let zeros = call.startsFromZero ? min(max(call.batch - row, 0), count) : 0
    let (later, laterCount) = (d + zeros * panels.gatePitch, count - zeros)
    if panels.perLane > 1 {
      let steps = packGates(d, count)
      let width = call.shape.features + call.shape.hidden
      add(QuadOf<Rule>.self, packedInputs, width, width, packedGates, steps, to: sums)
    } else {
      add(
        Quad.self, call.input + row * call.inputStride, call.inputStride, call.shape.features, d,
        count, to: sums)
      add(
        Quad.self, call.hidden + (row + zeros) * stride, stride, call.shape.hidden, later,
        laterCount, to: sums + hiddenPart)
    }
    var bias = Quad(sums + biasPart)
    for r in 0..<count {
      let gradient = Quad(d + r * panels.gatePitch)
      bias.a += gradient.a
      bias.b += gradient.b
      bias.c += gradient.c
      bias.d += gradient.d
    }
    bias.write(sums + biasPart, first: panels.gatePitch)
    switch call.shape.peephole {
    case .none: break
    case .full:
      add(
        GatesWithoutCandidate.self, call.cell + (row + zeros) * stride, stride,
        call.shape.hidden, later, laterCount, to: sums + peepholePart)
    case .diagonal:
      var sum = Quad(sums + peepholePart)
      let before = call.cell + row * stride + panel * lanes
      let after = before + call.batch * stride
      for r in 0..<count {
        let gradient = Quad(d + r * panels.gatePitch)
        let cell = load(before + r * stride)
        sum.a = fma(gradient.a, cell, sum.a)
        sum.b = fma(gradient.b, cell, sum.b)
        sum.d = fma(gradient.d, load(after + r * stride), sum.d)
      }
      sum.write(sums + peepholePart, first: panels.gatePitch)
    }
  }

  /// sums[m] += Σ_r a[r, m] · d[r] for m = 0 ..< width and `count` rows.
  private func add<C: Columns>(
    _: C.Type, _ a: UnsafePointer<Float>, _ stride: Int, _ width: Int, _ d: UnsafePointer<Float>,
    _ count: Int, to sums: UnsafeMutablePointer<Float>
  ) {
    let product = GradientProduct<C>(
      x: a, stride: stride, gradients: d, gradientStride: panels.gatePitch, rows: count, sums: sums,
      inputs: width, upcoming: nil)
    product(rows: count > 0 ? width : 0)
  }

  /// Moves a panel's sums to the canonical gradients.
  private func deliver(_ panel: Int) {
    let sums = accumulators(panel)
    let shape = call.shape
    deliver(sums, panel, rows: shape.features, to: call.gradients.input)
    deliver(sums + hiddenPart, panel, rows: shape.hidden, to: call.gradients.recurrent)
    deliver(sums + biasPart, panel, rows: 1, to: call.gradients.bias)
    guard let peephole = call.gradients.peephole else { return }
    deliver(
      sums + peepholePart, panel, rows: shape.peephole == .full ? shape.hidden : 1, gates: 3,
      to: peephole)
  }

  private func deliver(
    _ sums: UnsafePointer<Float>, _ panel: Int, rows: Int, gates: Int = 4,
    to out: UnsafeMutablePointer<Float>
  ) {
    let hidden = call.shape.hidden
    let valid = hidden - panel * lanes
    for row in 0..<rows {
      for gate in 0..<gates {
        // Without the candidate the third gate is o, the panel's fourth vector.
        let source = gates == 3 && gate == 2 ? 3 : gate
        var sum = load(sums + row * panels.gatePitch + source * lanes)
        let target = out + (row * gates + gate) * hidden + panel * lanes
        if call.accumulates { sum += load(target, first: valid) }
        store(sum, target, first: valid)
      }
    }
  }
}
