public import RowwiseKernelInterface
import RowwiseKernelsBaseline

#if arch(x86_64)
  import CRowwiseIntrinsics
  import RowwiseKernelsAVX2
  import RowwiseKernelsAVX512
  import RowwiseKernelsAVX512BF16
#endif

extension Float: ComputeScalar {
  /// The kernel sets this processor can run, slowest first; the portable one is always there.
  public static var availableKernels: [KernelSet<Float>] {
    availableKernels(multiplyingBytes: true)
  }

  /// - Parameter multiplyingBytes: false: those of a processor without products of bytes.
  package static func availableKernels(multiplyingBytes: Bool) -> [KernelSet<Float>] {
    var sets = [RowwiseKernelsBaseline.makeKernels()]
    #if arch(x86_64)
      let bytes = multiplyingBytes && rw_has_avx512_vnni()
      if rw_has_avx2() { sets.append(RowwiseKernelsAVX2.makeKernels()) }
      if rw_has_avx512() {
        sets.append(RowwiseKernelsAVX512.makeKernels(multipliesBytes: bytes))
      }
      if rw_has_avx512_bf16() {
        sets.append(RowwiseKernelsAVX512BF16.makeKernels(multipliesBytes: bytes))
      }
    #endif
    return sets
  }

  /// The fastest kernels this processor can run, none faster than `limit`.
  public static func kernels(upTo limit: InstructionSet?) -> KernelSet<Float> {
    let sets = availableKernels
    return sets.last { set in limit.map { set.instructionSet <= $0 } ?? true } ?? sets[0]
  }
}
