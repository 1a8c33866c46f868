import RowwiseKernelInterface

/// The pointwise part of the forward pass, from pre-activations to c_t and h_t, for some rows.
struct LSTMCellUpdate {
  let call: LSTMForwardCall<Float>
  let panels: LSTMPanels
  let rows: Range<Int>

  init(_ call: LSTMForwardCall<Float>, rows: Range<Int>, panels: LSTMPanels) {
    self.call = call
    self.rows = rows
    self.panels = panels
  }

  /// Updates the cells of some panels from z, [panel][row][i f g o], whose contents are lost.
  func update(
    _ t: Int, panels range: Range<Int>, preactivations z: UnsafeMutablePointer<Float>
  ) {
    if rows.count == 1 {
      // One after the other along the panels, whose vectors lie side by side.
      update(
        vectors(
          t, range.lowerBound, z, count: range.count, stateStride: lanes,
          savedStride: call.timesteps * call.batch * panels.gatePitch,
          peepholeStride: panels.forwardPanel))
    } else {
      for panel in range {
        update(
          vectors(
            t, panel, z + (panel - range.lowerBound) * rows.count * panels.gatePitch,
            count: rows.count, stateStride: panels.hiddenStride, savedStride: panels.gatePitch,
            peepholeStride: 0))
      }
    }
    guard let lengths = call.lengths else { return }
    for row in rows where t + call.firstTimestep >= Int(lengths[row]) {
      let start = range.lowerBound * lanes
      let count = range.count * lanes
      let hidden = call.hidden + slot(t + 1, call.hiddenSlotMask, row)
      (hidden + start).update(from: hiddenBefore(t, row) + start, count: count)
      let cell = call.cell + slot(t + 1, call.cellSlotMask, row)
      (cell + start).update(from: cellBefore(t, row) + start, count: count)
    }
  }

  /// Vectors of units that are updated in the same way: where the first one's values are, and how
  /// far it is to the next one's.
  private struct Vectors {
    let count: Int
    let z: UnsafeMutablePointer<Float>
    let before: UnsafePointer<Float>
    let cell: UnsafeMutablePointer<Float>
    let hidden: UnsafeMutablePointer<Float>
    let stateStride: Int
    let saved: UnsafeMutablePointer<Float>?
    let savedStride: Int
    /// Of a diagonal peephole.
    let peephole: UnsafePointer<Float>?
    let peepholeStride: Int
  }

  @inline(__always)
  private func vectors(
    _ t: Int, _ panel: Int, _ z: UnsafeMutablePointer<Float>, count: Int, stateStride: Int,
    savedStride: Int, peepholeStride: Int
  ) -> Vectors {
    let row = rows.lowerBound
    let unit = panel * lanes
    return Vectors(
      count: count, z: z, before: cellBefore(t, row) + unit,
      cell: call.cell + slot(t + 1, call.cellSlotMask, row) + unit,
      hidden: call.hidden + slot(t + 1, call.hiddenSlotMask, row) + unit,
      stateStride: stateStride,
      saved: call.gates.map {
        $0 + ((panel * call.timesteps + t) * call.batch + row) * panels.gatePitch
      },
      savedStride: savedStride,
      peephole: call.shape.peephole == .diagonal
        ? call.packed + panel * panels.forwardPanel + panels.gatePitch : nil,
      peepholeStride: peepholeStride)
  }

  /// In three passes: within one vector every function waits for the one before, and the processor
  /// looks ahead over several turns of a short loop, not of a long one. Gates stay where the pass
  /// finds them: saved, or in place of their pre-activations.
  private func update(_ v: Vectors) {
    if panels.rounds { update(v, rounds: true) } else { update(v, rounds: false) }
  }

  @inline(__always)
  private func update(_ v: Vectors, rounds: Bool) {
    let power = Vector(repeating: rounds ? log2e : 1)
    let (gates, pitch) = (v.saved ?? v.z, v.saved == nil ? panels.gatePitch : v.savedStride)
    if let peephole = v.peephole {
      for n in 0..<v.count {
        let z = v.z + n * panels.gatePitch
        let p = peephole + n * v.peepholeStride
        let before = load(v.before + n * v.stateStride)
        let i = sigmoidOfPower(fma(load(p), before, load(z) * power))
        let f = sigmoidOfPower(fma(load(p + lanes), before, load(z + lanes) * power))
        store(i, gates + n * pitch)
        store(f, gates + n * pitch + lanes)
      }
    } else {
      for n in 0..<v.count {
        let z = v.z + n * panels.gatePitch
        let i = sigmoidOfPower(rounds ? load(z) * power : load(z))
        let f = sigmoidOfPower(rounds ? load(z + lanes) * power : load(z + lanes))
        let o = sigmoidOfPower(rounds ? load(z + 3 * lanes) * power : load(z + 3 * lanes))
        store(i, gates + n * pitch)
        store(f, gates + n * pitch + lanes)
        store(o, gates + n * pitch + 3 * lanes)
      }
    }
    for n in 0..<v.count {
      let gate = gates + n * pitch
      let g = hyperbolicTangentOfHalf(load(v.z + n * panels.gatePitch + 2 * lanes))
      let kept = load(gate + lanes) * load(v.before + n * v.stateStride)
      store(fma(load(gate), g, kept), v.cell + n * v.stateStride)
      if v.saved != nil { store(g, gate + 2 * lanes) }
    }
    for n in 0..<v.count {
      let gate = gates + n * pitch
      let after = load(v.cell + n * v.stateStride)
      var o: Vector
      if let peephole = v.peephole {
        let z = load(v.z + n * panels.gatePitch + 3 * lanes) * power
        o = sigmoidOfPower(fma(load(peephole + n * v.peepholeStride + 2 * lanes), after, z))
        if v.saved != nil { store(o, gate + 3 * lanes) }
      } else {
        o = load(gate + 3 * lanes)
      }
      let hidden = o * hyperbolicTangent(after)
      store(rounds ? roundedToBFloat16(hidden) : hidden, v.hidden + n * v.stateStride)
    }
  }

  @inline(__always)
  private func slot(_ t: Int, _ mask: Int, _ row: Int) -> Int {
    ((t & mask) * call.batch + row) * panels.hiddenStride
  }

  /// h_{t-1} of one row.
  @inline(__always)
  func hiddenBefore(_ t: Int, _ row: Int) -> UnsafePointer<Float> {
    UnsafePointer(call.hidden + slot(t, call.hiddenSlotMask, row))
  }

  /// c_{t-1} of one row.
  @inline(__always)
  func cellBefore(_ t: Int, _ row: Int) -> UnsafePointer<Float> {
    UnsafePointer(call.cell + slot(t, call.cellSlotMask, row))
  }
}
