import RowwiseCompute
import RowwiseKernelInterface

/// The learned state of an LSTM before its first timestep, the same for every sequence.
struct LSTMInitialState<Scalar: ComputeScalar> {
  let kernels: KernelSet<Scalar>
  let arena: Arena<Scalar>
  /// Of h and c in the arena.
  let offsets: (hidden: Int, cell: Int)
  let units: Int
  let precision: Precision

  /// Writes one sequence's state; h as products take it.
  func write(_ hidden: UnsafeMutablePointer<Scalar>, _ cell: UnsafeMutablePointer<Scalar>) {
    let h = arena.values.start + offsets.hidden
    if precision == .bfloat16 {
      kernels.roundToBFloat16(h, hidden, units)
    } else {
      hidden.update(from: h, count: units)
    }
    cell.update(from: arena.values.start + offsets.cell, count: units)
  }

  /// Forgets the gradients.
  func clearGradient() {
    (arena.gradients.start + offsets.hidden).clear(units)
    (arena.gradients.start + offsets.cell).clear(units)
  }

  /// Adds the gradients of all sequences, in order.
  ///
  /// - Parameters:
  ///   - hidden: by every sequence's first h, [N, stride].
  ///   - cell: by every sequence's first c, [N, stride].
  func addGradient(
    _ hidden: UnsafePointer<Scalar>, _ cell: UnsafePointer<Scalar>, rows: Int, stride: Int
  ) {
    for (source, offset) in [(hidden, offsets.hidden), (cell, offsets.cell)] {
      kernels.cells.sum(
        RowsCall(
          rows: 0..<rows, width: units, x: source, xStride: stride,
          y: arena.gradients.start + offset, yStride: units))
    }
  }
}
