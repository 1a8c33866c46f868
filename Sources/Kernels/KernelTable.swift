import RowwiseKernelInterface

#if KERNELS_DOTS
  private let instructionSet = InstructionSet.avx512bf16
#elseif KERNELS_AVX512
  private let instructionSet = InstructionSet.avx512
#elseif KERNELS_AVX2
  private let instructionSet = InstructionSet.avx2
#else
  private let instructionSet = InstructionSet.baseline
#endif

/// This variant's kernels. Call them only on a processor that has the instruction set.
package func makeKernels() -> KernelSet<Float> {
  KernelSet(
    instructionSet: instructionSet,
    lstmLayout: lstmLayout, lstmPack: lstmPack, lstmForward: lstmForward,
    lstmBackward: lstmBackward, lstmGradient: lstmGradient,
    denseLayout: denseLayout, densePack: densePack, denseForward: denseForward,
    denseBackward: denseBackward, denseGradient: denseGradient,
    cells: CellKernels(
      forward: cellForward, backward: cellBackward, product: denseForwardPair,
      reset: reset, resetBackward: resetBackward,
      open: openGate, openBackward: openGateBackward,
      normalized: NormalizedKernels(scratch: normalizedScratch, center: centerRows),
      norm: NormKernels(
        forward: normForward, backward: normBackward, gradient: normGradient),
      add: addRows, sum: sumRows, pool: pool, poolBackward: poolBackward),
    activate: activate, activateBackward: activateBackward,
    roundToBFloat16: roundToBFloat16, softmax: softmax,
    optimize: optimize, sumOfSquares: sumOfSquares,
    multiplyAddOperations: multiplyAddOperations, multiplyAddChains: multiplyAddChains,
    bfloat16Operations: bfloat16Operations, bfloat16Chains: bfloat16Chains,
    triad: triad)
}
