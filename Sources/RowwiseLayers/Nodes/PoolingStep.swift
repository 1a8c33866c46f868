import RowwiseCompute
import RowwiseKernelInterface

/// Pooling that takes one timestep at a time and can be asked for the vector of those so far.
///
/// It keeps them all, T · D numbers, and pools them by the kernel of whole sequences: a sum that runs
/// along would have other bits.
final class PoolingStep<Scalar: ComputeScalar>: LayerStep {
  private let kind: PoolingKind
  private let kernels: KernelSet<Scalar>
  private let query: UnsafePointer<Scalar>?
  private let width: Int
  private let timesteps: Int
  private let states: Buffer<Scalar>
  private let weights: Buffer<Scalar>
  private let result: Buffer<Scalar>
  private var count = 0

  /// - Parameters:
  ///   - query: of attention, [D], which must outlive this.
  ///   - timesteps: T, at most as many are read.
  init(
    _ kind: PoolingKind, kernels: KernelSet<Scalar>, query: UnsafePointer<Scalar>?, width: Int,
    timesteps: Int
  ) {
    self.kind = kind
    self.kernels = kernels
    self.query = query
    self.width = width
    self.timesteps = timesteps
    states = Buffer(width * timesteps)
    weights = Buffer(query == nil ? 0 : timesteps)
    result = Buffer(width)
  }

  func reset() { count = 0 }

  /// Keeps a timestep; behind T the last one is replaced.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func read(_ x: UnsafePointer<Scalar>) -> UnsafePointer<Scalar> {
    count = min(count + 1, timesteps)
    (states.start + (count - 1) * width).update(from: x, count: width)
    return x
  }

  /// The vector of the timesteps so far, zeros where there are none; valid until the next call.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func pooled() -> UnsafePointer<Scalar> {
    result.clear()
    if count > 0 {
      kernels.cells.pool(
        PoolingCall(
          kind: kind, timesteps: count, batch: 1, width: width, rows: 0..<1, lengths: nil,
          x: UnsafePointer(states.start), xStride: width, y: result.start, yStride: width,
          attention: query.map { ($0, weights.start) }))
    }
    return UnsafePointer(result.start)
  }
}
