import RowwiseKernelInterface
import RowwiseKernelsReference

/// Kernels written from the equations as plain loops: the oracle for the fast ones, and what
/// `Double` always runs.
package enum ReferenceKernels {
  /// The reference kernels for any number; they are of no particular instruction set.
  package static func make<Scalar: ComputeScalar>() -> KernelSet<Scalar> {
    KernelSet(
      instructionSet: .baseline,
      lstmLayout: { ReferenceLSTM.layout($0) },
      lstmPack: { ReferenceLSTM.pack($0, $1, task: $2, forward: $3, backward: $4) },
      lstmForward: { ReferenceLSTM.forward($0) },
      lstmBackward: { ReferenceLSTM.backward($0) },
      lstmGradient: { ReferenceLSTM.gradient($0, task: $1) },
      denseLayout: { ReferenceDense.layout(inputs: $0, outputs: $1) },
      densePack: {
        ReferenceDense.pack(
          inputs: $0, outputs: $1, weight: $2, bias: $3, forward: $4, backward: $5)
      },
      denseForward: { ReferenceDense.forward($0, packed: $1) },
      denseBackward: { ReferenceDense.backward($0, packed: $1) },
      denseGradient: { call, task, weightGradient, biasGradient, accumulates, _ in
        ReferenceDense.gradient(
          call, task: task, weightGradient: weightGradient, biasGradient: biasGradient,
          accumulates: accumulates)
      },
      cells: CellKernels(
        forward: { ReferenceCells.forward($0) }, backward: { ReferenceCells.backward($0, $1) },
        product: {
          ReferenceDense.forward($0, packed: $1)
          ReferenceDense.forward($2, packed: $3)
        },
        reset: { ReferenceCells.reset($0) }, resetBackward: { ReferenceCells.resetBackward($0) },
        open: { ReferenceCells.open($0) }, openBackward: { ReferenceCells.openBackward($0) },
        normalized: NormalizedKernels(
          scratch: { $0 },
          center: { ReferenceNormalized.center($0, rows: $1, columns: $2, into: $3) }),
        norm: NormKernels(
          forward: { ReferenceNorm.forward($0, bias: $1, y: $2, yStride: $3) },
          backward: { ReferenceNorm.backward($0, dy: $1, dyStride: $2, dx: $3, dxStride: $4) },
          gradient: {
            ReferenceNorm.gradient(
              $0, $1, dy: $2, dyStride: $3, gainGradient: $4, biasGradient: $5)
          }),
        add: { ReferenceRows.add($0, $1) }, sum: { ReferenceRows.sum($0) },
        pool: { ReferencePooling.pool($0) },
        poolBackward: { ReferencePooling.backward($0, $1) }),
      activate: { ReferenceElementwise.activate($0, $1, $2) },
      activateBackward: { ReferenceElementwise.activateBackward($0, $1, $2, $3) },
      roundToBFloat16: { ReferenceElementwise.roundToBFloat16($0, $1, $2) },
      softmax: { ReferenceElementwise.softmax($0, $1) },
      optimize: { ReferenceElementwise.optimize($0, $1) },
      sumOfSquares: { ReferenceElementwise.sumOfSquares($0, $1) },
      multiplyAddOperations: ReferenceProbes.multiplyAddOperations,
      multiplyAddChains: { ReferenceProbes.multiplyAddChains($0) },
      triad: { ReferenceProbes.triad($0, $1, $2, $3) })
  }
}
