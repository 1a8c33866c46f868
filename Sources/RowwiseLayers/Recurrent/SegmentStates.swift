import RowwiseCompute

/// The parts into which a recurrent layer cuts a long sequence in training, and the states they
/// begin with.
///
/// All activations of T timesteps and N sequences are T · N · (G + 2 H′) numbers: gates G = 4 H′, h
/// and c, H′ the hidden size rounded up to whole vectors. Where that is more than the budget, forward
/// keeps only h and c at the start of each of k segments, N · k · 2 H′ numbers, and backward computes
/// a segment's activations once more before it goes through it, ⌈T / k⌉ · N · (G + 2 H′) numbers
/// (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"). That costs a second forward
/// pass: four products instead of three. h is kept whole where the next layer reads all of it.
final class SegmentStates<Scalar: ComputeScalar>: @unchecked Sendable {
  // SAFETY: as the node's that owns it; see `LayerNode`.

  /// Timesteps of every segment.
  private(set) var segments: [Range<Int>] = [0..<1]
  private let hidden = Buffer<Scalar>()
  private let cell = Buffer<Scalar>()
  private var stateSize = 0
  private var key = (timesteps: 0, count: 0)

  /// Timesteps of the longest segment, which is the first.
  var longest: Int { segments[0].count }

  /// Cuts the sequences of a pass.
  ///
  /// - Parameters:
  ///   - stateSize: numbers of h, or c, of all sequences at one timestep.
  ///   - gateSize: numbers of all gates at one timestep.
  ///   - keepsHidden: whether h is kept anyway.
  func prepare(_ pass: Pass, stateSize: Int, gateSize: Int, keepsHidden: Bool) {
    self.stateSize = stateSize
    let count =
      pass.isTraining
      ? Self.count(
        timesteps: pass.timesteps, stepSize: gateSize + (keepsHidden ? 1 : 2) * stateSize,
        stateSize: (keepsHidden ? 1 : 2) * stateSize,
        budget: pass.activationBudget / MemoryLayout<Scalar>.stride)
      : 1
    if key != (pass.timesteps, count) {
      key = (pass.timesteps, count)
      let (size, rest) = pass.timesteps.quotientAndRemainder(dividingBy: count)
      segments = (0..<count).map { index in
        let start = index * size + min(index, rest)
        return start..<start + size + (index < rest ? 1 : 0)
      }
    }
    guard count > 1 else { return }
    hidden.reserve(count * stateSize)
    cell.reserve(count * stateSize)
  }

  /// As few segments as fit into the budget, or those that need the least where none do.
  static func count(timesteps: Int, stepSize: Int, stateSize: Int, budget: Int) -> Int {
    var best = (count: 1, size: timesteps * stepSize)
    for count in 1...timesteps {
      if best.size <= budget { break }
      let size = (timesteps + count - 1) / count * stepSize + (count > 1 ? count * stateSize : 0)
      if size < best.size { best = (count, size) }
    }
    return best.count
  }

  /// Keeps the beginning of segment `index` for some sequences, `count` numbers from `offset` on.
  func save(
    _ index: Int, hidden h: UnsafePointer<Scalar>, cell c: UnsafePointer<Scalar>, at offset: Int,
    _ count: Int
  ) {
    guard segments.count > 1 else { return }
    (hidden.start + index * stateSize + offset).update(from: h, count: count)
    (cell.start + index * stateSize + offset).update(from: c, count: count)
  }

  /// Brings the beginning of segment `index` back.
  func load(
    _ index: Int, hidden h: UnsafeMutablePointer<Scalar>, cell c: UnsafeMutablePointer<Scalar>,
    at offset: Int, _ count: Int
  ) {
    h.update(from: hidden.start + index * stateSize + offset, count: count)
    c.update(from: cell.start + index * stateSize + offset, count: count)
  }
}
