import RowwiseCompute
import RowwiseKernelInterface

/// What a layer-normalised LSTM has besides the buffers of every recurrent layer.
final class LayerNormalization<Scalar: ComputeScalar>: @unchecked Sendable {
  // SAFETY: as the node's that owns it; see `LayerNode`.

  private let kernels: KernelSet<Scalar>
  private let features: Int
  private let units: Int
  private let arena: Arena<Scalar>
  private let offsets: [RecurrentWeights.Role: Int]
  private let sumsStride: Int
  /// W′ and R′.
  private let centered = (input: Buffer<Scalar>(), recurrent: Buffer<Scalar>())
  private let gates = Buffer<Scalar>()
  /// Numbers of each sequence and timestep; see `NormalizedKernels`.
  private let statistics = Buffer<Scalar>()

  init(
    _ layer: Recurrent, features: Int, kernels: KernelSet<Scalar>, arena: Arena<Scalar>,
    offsets: [RecurrentWeights.Role: Int]
  ) {
    self.kernels = kernels
    self.features = features
    self.arena = arena
    self.offsets = offsets
    units = layer.units
    sumsStride = RowStride.of(4 * layer.units)
  }

  func prepare(_ pass: Pass) {
    let kept = pass.batch * (pass.isTraining ? pass.timesteps : 1)
    gates.reserve(kept * sumsStride)
    statistics.reserve(kept * 8)
  }

  /// Elements of scratch memory that a worker needs.
  func scratch(_ pass: Pass) -> Int {
    pass.isTraining ? kernels.cells.normalized.scratch(units) : 0
  }

  /// W′ or R′, made again.
  func center(isInput: Bool) -> UnsafePointer<Scalar> {
    let target = isInput ? centered.input : centered.recurrent
    let sequences = isInput ? features : units
    target.reserve(sequences * 4 * units)
    kernels.cells.normalized.center(
      arena.values.start + (offsets[isInput ? .inputWeight : .recurrentWeight] ?? 0), sequences,
      4 * units, target.start)
    return UnsafePointer(target.start)
  }

  /// What step t keeps.
  func kept(
    _ pass: Pass, _ t: Int, _ scratch: UnsafeMutablePointer<Scalar>
  ) -> CellCall<Scalar>.Normalized {
    let row = pass.isTraining ? t * pass.batch : 0
    return CellCall.Normalized(
      gates: gates.start + row * sumsStride, statistics: statistics.start + row * 8,
      scratch: scratch)
  }
}
