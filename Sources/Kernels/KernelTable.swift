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
///
/// - Parameter multipliesBytes: whether the processor has the instructions of `ByteProduct`, which only
///   those of AVX-512 use.
package func makeKernels(multipliesBytes: Bool = false) -> KernelSet<Float> {
  #if KERNELS_AVX512
    if multipliesBytes { return makeKernels(ByteProduct.self) }
  #endif
  return makeKernels(WordProduct.self)
}

private func makeKernels<Rule: WholeProduct>(_: Rule.Type) -> KernelSet<Float> {
  KernelSet(
    instructionSet: instructionSet,
    lstmLayout: { $0.precision == .int8 ? lstmWholeLayout($0, Rule.self) : lstmLayout($0) },
    lstmPack: { shape, weights, task, forward, backward in
      if shape.precision == .int8 {
        precondition(backward == nil, "int8 is for predictions only")
        lstmPackWhole(shape, weights, task, forward, Rule.self)
      } else {
        lstmPack(shape, weights, task, forward, backward)
      }
    },
    lstmForward: {
      if $0.shape.precision == .int8 {
        lstmForwardWhole($0, Rule.self)
      } else {
        lstmForward($0)
      }
    },
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
