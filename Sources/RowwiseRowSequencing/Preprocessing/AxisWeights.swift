/// Which source pixels make an output pixel along one axis, and their weights.
///
/// Down: the average of the source pixels whose centres lie in the output pixel (Pillow's BOX).
/// Up: bilinear between the two nearest centres, clamped at the edges (Pillow's BILINEAR).
/// Weights are fixed point; those of one output pixel add up to exactly `one`, so that flat areas
/// stay flat at any scale.
struct AxisWeights: Sendable {
  /// Bits behind the point: 255 × `one` fits Int32 with a sign and a bit to spare.
  static let fractionBits: Int32 = 22
  static let one = Int32(1) << fractionBits
  static let half = one / 2

  let sourceCount: Int
  let outputCount: Int
  /// First source pixel of each output pixel; never falls.
  private(set) var starts: [Int] = []
  /// Source pixels of each output pixel, at least 1.
  private(set) var counts: [Int] = []
  /// Where each output pixel's weights begin.
  private(set) var offsets: [Int] = []
  private(set) var weights: [Int32] = []

  /// Whether the axis keeps its length, so that nothing has to be done.
  var isIdentity: Bool { sourceCount == outputCount }

  /// - Parameters: both at least 1.
  init(sourceCount: Int, outputCount: Int) {
    precondition(
      sourceCount > 0 && outputCount > 0, "axis of \(sourceCount) to \(outputCount) pixels")
    self.sourceCount = sourceCount
    self.outputCount = outputCount
    if isIdentity { return }
    let scale = Double(sourceCount) / Double(outputCount)
    for output in 0..<outputCount {
      let center = (Double(output) + 0.5) * scale
      if scale > 1 {
        appendAverage(center: center, scale: scale)
      } else {
        appendBilinear(center: center)
      }
    }
  }

  /// Equal weights for the source pixels with centres in (center − scale/2, center + scale/2].
  ///
  /// In binary floating point and in this order of operations, so that a centre exactly on an edge
  /// falls to the same side as in Pillow.
  private mutating func appendAverage(center: Double, scale: Double) {
    let support = 0.5 * scale
    let inverse = 1 / scale
    let low = max(0, Int(center - support + 0.5))
    let high = min(sourceCount, Int(center + support + 0.5))
    var inside: Range<Int>?
    for source in low..<max(low, high) {
      let position = (Double(source) - center + 0.5) * inverse
      guard position > -0.5, position <= 0.5 else { continue }
      inside = (inside?.lowerBound ?? source)..<source + 1
    }
    // Never empty for scale > 1 in exact arithmetic; rounding cannot take the nearest pixel away.
    let nearest = min(sourceCount - 1, Int(center))
    let range = inside ?? nearest..<nearest + 1
    append(start: range.lowerBound, shares: [Double](repeating: 1, count: range.count))
  }

  /// Weights 1 − |distance| for source pixels with centres nearer than one pixel.
  private mutating func appendBilinear(center: Double) {
    let low = max(0, Int(center - 0.5))
    let high = min(sourceCount, Int(center + 1.5))
    append(
      start: low,
      shares: (low..<high).map { max(0, 1 - abs(Double($0) - center + 0.5)) })
  }

  /// Scales shares so that they add up to exactly `one`: rounds the running sum.
  private mutating func append(start: Int, shares: [Double]) {
    starts.append(start)
    counts.append(shares.count)
    offsets.append(weights.count)
    let total = shares.reduce(0, +)
    var sum = 0.0
    var given = Int32(0)
    for share in shares {
      sum += share
      let reached = Int32(sum / total * Double(AxisWeights.one) + 0.5)
      weights.append(reached - given)
      given = reached
    }
  }
}
