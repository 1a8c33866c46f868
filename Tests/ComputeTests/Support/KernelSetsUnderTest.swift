import Compute
import KernelInterface
import Testing

/// One of the machine's kernel sets, as an argument of a test.
struct NamedKernels<Scalar: ComputeScalar>: Sendable, CustomTestStringConvertible {
  var name: String
  var kernels: KernelSet<Scalar>
  var testDescription: String { name }
}

/// Every Float kernel set that this machine can run, and the reference's Float form, which shows
/// that the tolerances fit plain loops too.
let floatKernels: [NamedKernels<Float>] =
  [NamedKernels(name: "reference", kernels: ReferenceKernels.make())]
  + Float.availableKernels.map { NamedKernels(name: $0.instructionSet.rawValue, kernels: $0) }

/// The oracle.
let oracle: KernelSet<Double> = ReferenceKernels.make()
