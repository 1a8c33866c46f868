import RowwiseCompute
import RowwiseKernelInterface
import RowwiseRandomness

/// The random parts of a recurrent layer: recurrent dropout and zoneout. What is drawn for sequence n in
/// training step s is a function of (seed, layer, direction, s, n).
final class RecurrentRegularizer<Scalar: ComputeScalar>: @unchecked Sendable {
  // SAFETY: as the node's that owns it; see `LayerNode`.

  private let rate: Double
  private let zoneoutRates: (hidden: Double, cell: Double)?
  /// The part of a random stream's number that is the layer's.
  private let stream: UInt64
  /// mask ⊙ h of every timestep, slot 0 initial.
  private let droppedHidden = Buffer<Scalar>()
  private let masks = Buffer<Scalar>()
  private var keyStorage: UnsafeMutablePointer<UInt64>?
  private var keyCount = 0
  private var stride = 0
  private var isDropping = false

  init(_ layer: Recurrent, index: Int, isBackwards: Bool) {
    rate = layer.recurrentDropout
    zoneoutRates =
      layer.zoneoutHidden > 0 || layer.zoneoutCell > 0
      ? (layer.zoneoutHidden, layer.zoneoutCell) : nil
    // Dropout layers' streams have these two bits clear.
    stream = UInt64(index + 1) << 56 | (isBackwards ? 3 : 2) << 54
  }

  deinit { keyStorage?.deallocate() }

  func prepare(_ pass: Pass, stride: Int) {
    self.stride = stride
    let isRandom = pass.isTraining && pass.isRandom
    isDropping = isRandom && rate > 0
    if isDropping {
      masks.reserve(pass.batch * stride)
      droppedHidden.reserve((pass.timesteps + 1) * pass.batch * stride)
    }
    if isRandom, zoneoutRates != nil, keyCount < pass.batch {
      keyStorage?.deallocate()
      keyStorage = .allocate(capacity: pass.batch)
      keyStorage?.initialize(repeating: 0, count: pass.batch)
      keyCount = pass.batch
    }
  }

  /// Draws the masks and keys of some sequences, and drops from their initial h.
  func draw(
    _ pass: Pass, _ sequences: Range<Int>, initial: UnsafePointer<Scalar>, stride: Int,
    _ units: Int,
    _ kernels: KernelSet<Scalar>
  ) {
    guard pass.isTraining, pass.isRandom, isDropping || zoneoutRates != nil else { return }
    for n in sequences {
      var random = RandomStream(seed: pass.seed, stream: stream | pass.step << 24 | UInt64(n))
      if let keyStorage { keyStorage[n] = random.next() }
      guard isDropping else { continue }
      drawMask(&random, masks.start + n * stride, units, rate: rate)
      (droppedHidden.start + n * stride).clear(stride)
    }
    guard isDropping else { return }
    kernels.cells.add(
      RowsCall(
        rows: sequences, width: units, x: initial, xStride: stride, y: droppedHidden.start,
        yStride: stride),
      (UnsafePointer(masks.start), stride))
  }

  /// mask ⊙ h_{t-1}, or nil where nothing is dropped.
  func dropped(_ pass: Pass, _ t: Int) -> UnsafePointer<Scalar>? {
    isDropping ? UnsafePointer(droppedHidden.start + t * pass.batch * stride) : nil
  }

  /// Where step t takes its mask from and puts mask ⊙ h_t.
  func dropout(
    _ pass: Pass, _ t: Int
  ) -> (mask: UnsafePointer<Scalar>, after: UnsafeMutablePointer<Scalar>)? {
    isDropping
      ? (UnsafePointer(masks.start), droppedHidden.start + (t + 1) * pass.batch * stride) : nil
  }

  /// The sequences' masks, or nil where nothing is dropped.
  var mask: UnsafePointer<Scalar>? { isDropping ? UnsafePointer(masks.start) : nil }

  /// Zoneout by this pass's keys, or by expectation.
  func zoneout(_ pass: Pass) -> Zoneout? {
    zoneoutRates.map { rates in
      Zoneout(
        hiddenRate: rates.hidden, cellRate: rates.cell,
        keys: pass.isTraining && pass.isRandom ? keyStorage.map { UnsafePointer($0) } : nil)
    }
  }
}

/// Writes zeros with probability `rate`, in steps of 2^−16, and 1 / (1 − rate) elsewhere.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func drawMask<Scalar: BinaryFloatingPoint>(
  _ random: inout RandomStream, _ mask: UnsafeMutablePointer<Scalar>, _ count: Int, rate: Double
) {
  let threshold = min(UInt64((rate * 65_536).rounded()), 65_535)
  let scale = Scalar(65_536 / Double(65_536 - threshold))
  var bits: UInt64 = 0
  for k in 0..<count {
    if k % 4 == 0 { bits = random.next() }
    mask[k] = bits & 0xFFFF < threshold ? 0 : scale
    bits >>= 16
  }
}
