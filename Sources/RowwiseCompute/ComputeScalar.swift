public import RowwiseKernelInterface

/// A number that networks can be made of: `Float` runs the machine's fastest kernels, `Double` the
/// reference ones, which exist to prove the fast ones right.
public protocol ComputeScalar: BinaryFloatingPoint, SIMDScalar, Sendable, Codable {
  /// The fastest kernels for this number that the processor can run, none faster than `limit`.
  static func kernels(upTo limit: InstructionSet?) -> KernelSet<Self>
}
