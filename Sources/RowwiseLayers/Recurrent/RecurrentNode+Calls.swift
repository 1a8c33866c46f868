import RowwiseCompute
import RowwiseKernelInterface

/// What the node's kernels are told of one timestep.
extension RecurrentNode {
  /// What is kept of the timestep that comes next, to be written or, backward, to be read.
  func memoryAhead(
    _ pass: Pass, _ step: CellCall<Scalar>, timestep: Int
  ) -> MemoryAhead<Scalar>? {
    guard pass.isTraining, 0..<pass.timesteps ~= timestep else { return nil }
    let offset =
      (timestep - step.timestep) * sumsStep(pass) + step.rows.lowerBound * sumsStride
    return MemoryAhead(
      UnsafePointer(step.sums + offset), step.recurrentSums.map { UnsafePointer($0 + offset) },
      step.normalized.map { UnsafePointer($0.gates + offset) },
      count: step.rows.count * sumsStride)
  }

  /// Sequences that go through all timesteps together; see `KernelBlocking`.
  func chunks(_ sequences: Range<Int>) -> [Range<Int>] {
    let count = max(1, (sequences.count + KernelBlocking.rows - 1) / KernelBlocking.rows)
    return (0..<count).map { sequences.part($0, of: count, multiple: sequencesTogether) }
  }

  func call(
    _ pass: Pass, _ t: Int, _ sequences: Range<Int>, _ worker: Int
  ) -> CellCall<Scalar> {
    let slot = pass.batch * hiddenStride
    let mask = slotMask(pass)
    let place = t * sumsStep(pass)
    var call = CellCall(
      cell: cell, hidden: units, timestep: t, rows: sequences, lengths: pass.lengths,
      sums: sums.start + place,
      recurrentSums: cell.keepsRecurrentSums ? recurrentSums.start + place : nil,
      sumsStride: sumsStride, hiddenBefore: hidden.start + (t & mask) * slot,
      hiddenAfter: hidden.start + ((t + 1) & mask) * slot, hiddenStride: hiddenStride)
    if cell.hasCellState {
      let cellMask = pass.isTraining ? -1 : 1
      call.cellState = (
        UnsafePointer(cellState.start + (t & cellMask) * slot),
        cellState.start + ((t + 1) & cellMask) * slot
      )
    }
    call.normalized = normalization?.kept(pass, t, scratch[worker].start)
    call.dropout = regularizer.dropout(pass, t)
    call.zoneout = regularizer.zoneout(pass)
    call.parameters = elementwise.parameters
    return call
  }

  func gradients(_ pass: Pass, _ t: Int) -> CellGradients<Scalar> {
    CellGradients(
      output: givesSequence(pass)
        ? UnsafePointer(sequenceGradient.start + t * pass.batch * hiddenStride) : nil,
      outputStride: hiddenStride, hidden: hiddenGradient.start,
      cell: cell.hasCellState ? cellGradient.start : nil, parameters: elementwise.rows,
      parameterStride: elementwise.stride, parameterRows: ElementwiseWeights<Scalar>.sharingRows)
  }

  /// x_t W + b, with x or its gradient.
  func inputCall(
    _ pass: Pass, _ t: Int, _ sequences: Range<Int>, x: View<Scalar>
  ) -> DenseCall<Scalar> {
    DenseCall(
      inputs: features, outputs: columns, rows: sequences, x: x.start + t * pass.batch * x.stride,
      xStride: x.stride, y: sums.start + t * sumsStep(pass), yStride: sumsStride)
  }

  /// h_{t-1} R, onto the input sums or apart.
  func recurrentCall(
    _ step: CellCall<Scalar>, x: UnsafePointer<Scalar>
  ) -> DenseCall<Scalar> {
    DenseCall(
      inputs: units, outputs: recurrentColumns, rows: step.rows,
      x: UnsafeMutablePointer(mutating: x),
      xStride: hiddenStride, y: step.recurrentSums ?? step.sums, yStride: sumsStride,
      accumulates: step.recurrentSums == nil)
  }
}
