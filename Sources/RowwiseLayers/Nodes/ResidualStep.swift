import RowwiseCompute
import RowwiseKernelInterface

/// A layer that reads one timestep at a time, with its input, or a projection of it, added.
final class ResidualStep<Scalar: ComputeScalar>: LayerStep {
  private let inner: any LayerStep<Scalar>
  private let features: Int
  private let width: Int
  private let kernels: KernelSet<Scalar>
  /// P, packed; nil where the input is added as it is.
  private let packed: Buffer<Scalar>?
  private let input: Buffer<Scalar>
  private let output: Buffer<Scalar>

  init(
    _ inner: any LayerStep<Scalar>, features: Int, width: Int, kernels: KernelSet<Scalar>,
    packed: Buffer<Scalar>?
  ) {
    self.inner = inner
    self.features = features
    self.width = width
    self.kernels = kernels
    self.packed = packed
    input = Buffer(features)
    output = Buffer(width)
  }

  func reset() { inner.reset() }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func read(_ x: UnsafePointer<Scalar>) -> UnsafePointer<Scalar> {
    input.start.update(from: x, count: features)
    let y = inner.read(UnsafePointer(input.start))
    if let packed {
      kernels.denseForward(
        DenseCall(
          inputs: features, outputs: width, rows: 0..<1, x: input.start, xStride: features,
          y: output.start, yStride: width),
        packed.start)
    } else {
      output.start.update(from: input.start, count: width)
    }
    kernels.cells.add(
      RowsCall(
        rows: 0..<1, width: width, x: y, xStride: width, y: output.start, yStride: width), nil)
    return UnsafePointer(output.start)
  }
}
