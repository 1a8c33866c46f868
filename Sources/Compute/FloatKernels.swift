public import KernelInterface
import KernelsBaseline

#if arch(x86_64)
  import CIntrinsics
  import KernelsAVX2
  import KernelsAVX512
  import KernelsAVX512BF16
#endif

extension Float: ComputeScalar {
  /// The kernel sets this processor can run, slowest first; the portable one is always there.
  public static var availableKernels: [KernelSet<Float>] {
    var sets = [KernelsBaseline.makeKernels()]
    #if arch(x86_64)
      if rw_has_avx2() { sets.append(KernelsAVX2.makeKernels()) }
      if rw_has_avx512() { sets.append(KernelsAVX512.makeKernels()) }
      if rw_has_avx512_bf16() { sets.append(KernelsAVX512BF16.makeKernels()) }
    #endif
    return sets
  }

  /// The fastest kernels this processor can run, none faster than `limit`.
  public static func kernels(upTo limit: InstructionSet?) -> KernelSet<Float> {
    let sets = availableKernels
    return sets.last { set in limit.map { set.instructionSet <= $0 } ?? true } ?? sets[0]
  }
}
