public import RowwiseKernelInterface

extension Double: ComputeScalar {
  /// The reference kernels, whatever the limit.
  public static func kernels(upTo limit: InstructionSet?) -> KernelSet<Double> {
    ReferenceKernels.make()
  }
}
