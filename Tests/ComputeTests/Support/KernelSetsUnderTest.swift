import Foundation
import RowwiseCompute
import RowwiseKernelInterface
import Testing

/// One of the machine's kernel sets, as an argument of a test.
struct NamedKernels<Scalar: ComputeScalar>: Sendable, CustomTestStringConvertible {
  var name: String
  var kernels: KernelSet<Scalar>
  var testDescription: String { name }
}

/// Every Float kernel set that this machine can run, and the reference's Float form, which shows
/// that the tolerances fit plain loops too. TEST_KERNELS, names with commas between, leaves only
/// those: an emulated processor takes long.
let floatKernels: [NamedKernels<Float>] = {
  let all =
    [NamedKernels<Float>(name: "reference", kernels: ReferenceKernels.make())]
    + Float.availableKernels.map { NamedKernels(name: $0.instructionSet.rawValue, kernels: $0) }
  guard let names = ProcessInfo.processInfo.environment["TEST_KERNELS"] else { return all }
  let wanted = names.split(separator: ",").map(String.init)
  let found = all.filter { wanted.contains($0.name) }
  precondition(found.count == wanted.count, "TEST_KERNELS=\(names): no such kernels here")
  return found
}()

/// The oracle.
let oracle: KernelSet<Double> = ReferenceKernels.make()
