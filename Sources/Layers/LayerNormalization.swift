import Compute
import KernelInterface

/// What a layer-normalised LSTM has besides the buffers of every recurrent layer, and its products.
final class LayerNormalization<Scalar: ComputeScalar>: @unchecked Sendable {
  // SAFETY: changed by `prepare` only, which runs alone; tasks write disjoint parts of the buffers.

  private let kernels: KernelSet<Scalar>
  private let features: Int
  private let units: Int
  private let arena: Arena<Scalar>
  private let offsets: [RecurrentWeights.Role: Int]
  private let layout: NormalizedLayout
  private let sumsStride: Int
  /// W′ and R′.
  private let centered: (input: Buffer<Scalar>, recurrent: Buffer<Scalar>)
  private let gates = Buffer<Scalar>()
  /// Numbers of each row and timestep; see `NormalizedKernels`.
  private let statistics = Buffer<Scalar>()
  /// Gradients by one timestep's sums.
  private let recurrentGradient = Buffer<Scalar>()
  private let inputGradient = Buffer<Scalar>()
  private var wantsInputGradient = false

  init(
    _ layer: Recurrent, features: Int, kernels: KernelSet<Scalar>, arena: Arena<Scalar>,
    offsets: [RecurrentWeights.Role: Int]
  ) {
    self.kernels = kernels
    self.features = features
    self.arena = arena
    self.offsets = offsets
    units = layer.units
    layout = kernels.cells.normalized.layout(features, layer.units)
    sumsStride = RowStride.of(4 * layer.units)
    centered = (
      Buffer(features * 4 * layer.units), Buffer(layer.units * 4 * layer.units)
    )
  }

  func prepare(_ pass: Pass, wantsInputGradient: Bool) {
    let kept = pass.batch * (pass.isTraining ? pass.timesteps : 1)
    gates.reserve(kept * sumsStride)
    statistics.reserve(kept * 8)
    self.wantsInputGradient = wantsInputGradient
    guard pass.isTraining else { return }
    recurrentGradient.reserve(pass.batch * sumsStride)
    if wantsInputGradient { inputGradient.reserve(pass.batch * sumsStride) }
  }

  /// Elements of scratch memory that a worker needs.
  func scratch(_ pass: Pass) -> Int { pass.isTraining ? layout.gradientScratch : 0 }

  /// W′ or R′, made again.
  func center(isInput: Bool) -> UnsafePointer<Scalar> {
    let target = (isInput ? centered.input : centered.recurrent).start
    kernels.cells.normalized.center(
      arena.values.start + (offsets[isInput ? .inputWeight : .recurrentWeight] ?? 0),
      isInput ? features : units, 4 * units, target)
    return UnsafePointer(target)
  }

  /// What step t keeps.
  func kept(_ pass: Pass, _ t: Int) -> CellCall<Scalar>.Normalized {
    let row = pass.isTraining ? t * pass.batch : 0
    return CellCall.Normalized(
      gates: gates.start + row * sumsStride, statistics: statistics.start + row * 8,
      recurrentGradient: pass.isTraining ? recurrentGradient.start : nil,
      inputGradient: wantsInputGradient ? inputGradient.start : nil)
  }

  // MARK: Weight gradient

  var gradientTasks: Int { layout.gradientTasks }

  /// - Parameters:
  ///   - x: the input of all rows.
  ///   - h: what went into the recurrent product, of all rows.
  ///   - firstRow: the first row whose h is not zero.
  ///   - sums: u and v.
  func gradient(
    _ pass: Pass, task: Int, accumulates: Bool, x: View<Scalar>,
    h: (start: UnsafePointer<Scalar>, stride: Int), firstRow: Int,
    sums: (input: Buffer<Scalar>, recurrent: Buffer<Scalar>),
    _ scratch: UnsafeMutablePointer<Scalar>
  ) {
    func gradient(_ role: RecurrentWeights.Role) -> UnsafeMutablePointer<Scalar> {
      arena.gradients.start + (offsets[role] ?? 0)
    }
    func gain(_ role: RecurrentWeights.Role) -> UnsafePointer<Scalar> {
      UnsafePointer(arena.values.start + (offsets[role] ?? 0))
    }
    kernels.cells.normalized.gradient(
      NormalizedGradientCall(
        columns: 4 * units, rows: pass.timesteps * pass.batch, gates: gates.start,
        statistics: statistics.start, sumsStride: sumsStride,
        input: .init(
          inputs: features, values: x.start, stride: x.stride, sums: sums.input.start,
          gain: gain(.inputGain), weightGradient: gradient(.inputWeight),
          gainGradient: gradient(.inputGain)),
        recurrent: .init(
          inputs: units, values: h.start, stride: h.stride, sums: sums.recurrent.start,
          gain: gain(.recurrentGain), firstRow: firstRow,
          weightGradient: gradient(.recurrentWeight),
          gainGradient: gradient(.recurrentGain)),
        biasGradient: gradient(.bias), accumulates: accumulates, scratch: scratch),
      task)
  }
}
