import RealModule
import RowwiseCompute
import RowwiseLayers
import RowwiseRandomness
import RowwiseWorkers

/// How pairs of sequences of a batch are mixed, with their labels; sequence n with the n-th last.
public struct Mixing: Sendable, Equatable, Codable {
  /// α of mixup: sequences become λ x + (1 − λ) x′ with λ from Beta(α, α) (Zhang et al. 2018); 0 for
  /// none.
  public var mixup: Double
  /// α of CutMix: a box of timesteps and features with the share 1 − λ of all is exchanged, λ from
  /// Beta(α, α) (Yun et al. 2019); 0 for none. With both, either happens to half of the pairs.
  public var cutmix: Double

  /// Puts the two together.
  public init(mixup: Double = 0, cutmix: Double = 0) {
    self.mixup = mixup
    self.cutmix = cutmix
  }

  /// Nothing is mixed.
  public static let none = Mixing()

  /// What is wrong with the values, or nil.
  var problem: String? {
    for (name, alpha) in [("mixup", mixup), ("cutmix", cutmix)] where !(alpha >= 0 && alpha <= 100)
    {
      return "alpha of \(name) must be from 0 to 100, not \(alpha)"
    }
    return nil
  }
}

/// Mixes the sequences of a batch: what pair n of step s becomes is a function of seed, s and n.
struct BatchMixer {
  let mixing: Mixing
  let seed: UInt64
  /// Features that belong together: the channels of a pixel.
  let group: Int

  /// Mixes the sequences and sets both labels and the share of the first.
  func mix(_ batch: SequenceBatch<Float>, step: UInt64, on pool: WorkerPool) {
    guard mixing != .none else {
      batch.isMixed = false
      return
    }
    batch.isMixed = true
    let pairs = (batch.count + 1) / 2
    let tasks = min(pairs, 4 * pool.threads)
    pool.run(tasks: tasks) { task, _ in
      for pair in (task * pairs / tasks)..<((task + 1) * pairs / tasks) {
        mix(batch, pair, batch.count - 1 - pair, step)
      }
    }
  }

  private func mix(_ batch: SequenceBatch<Float>, _ a: Int, _ b: Int, _ step: UInt64) {
    var random = RandomStream(seed: seed, stream: 3 << 62 | step << 24 | UInt64(a))
    var share: Float = 1
    // The middle one of an odd number has no partner.
    if a != b {
      if mixing.cutmix > 0, mixing.mixup == 0 || random.next() & 1 == 0 {
        share = exchangeBox(batch, a, b, Self.beta(mixing.cutmix, &random), &random)
      } else {
        share = Float(Self.beta(mixing.mixup, &random))
        blend(batch, a, b, share)
      }
    }
    // SAFETY: rows of the batch; every pair has its own; see `MixingTests`.
    unsafe batch.labelShares[a] = share
    unsafe batch.labelShares[b] = share
    unsafe batch.secondLabels[a] = batch.labels[b]
    unsafe batch.secondLabels[b] = batch.labels[a]
  }

  private func blend(_ batch: SequenceBatch<Float>, _ a: Int, _ b: Int, _ share: Float) {
    let width = batch.features
    for t in 0..<batch.timesteps {
      // SAFETY: as above.
      let x = unsafe batch.inputs.start + (t * batch.count + a) * width
      let y = unsafe batch.inputs.start + (t * batch.count + b) * width
      for d in 0..<width {
        let (p, q) = unsafe (x[d], y[d])
        unsafe x[d] = q + share * (p - q)
        unsafe y[d] = p + share * (q - p)
      }
    }
  }

  /// - Returns: the share that every sequence keeps of its own.
  private func exchangeBox(
    _ batch: SequenceBatch<Float>, _ a: Int, _ b: Int, _ lambda: Double,
    _ random: inout RandomStream
  ) -> Float {
    let columns = batch.features / group
    let side = (1 - lambda).squareRoot()
    func range(_ size: Int) -> Range<Int> {
      let length = Double(size) * side
      let middle = Double(random.next(below: size))
      let low = Int((middle - length / 2).rounded())
      return max(low, 0)..<max(min(low + Int(length.rounded()), size), 0)
    }
    let rows = range(batch.timesteps)
    let box = range(columns)
    for t in rows {
      for d in (box.lowerBound * group)..<(box.upperBound * group) {
        // SAFETY: as above.
        let x = unsafe batch.inputs.start + (t * batch.count + a) * batch.features + d
        let y = unsafe batch.inputs.start + (t * batch.count + b) * batch.features + d
        let kept = unsafe x.pointee
        unsafe x.pointee = y.pointee
        unsafe y.pointee = kept
      }
    }
    return 1 - Float(rows.count * box.count) / Float(batch.timesteps * columns)
  }

  /// A number from Beta(α, α) by two from Gamma(α, 1).
  static func beta(_ alpha: Double, _ random: inout RandomStream) -> Double {
    let a = gamma(alpha, &random)
    let b = gamma(alpha, &random)
    return a + b > 0 ? a / (a + b) : 0.5
  }

  /// A number from Gamma(α, 1) (Marsaglia & Tsang 2000; α below 1 as in their section 6).
  private static func gamma(_ alpha: Double, _ random: inout RandomStream) -> Double {
    if alpha < 1 {
      let boost = Double.pow(1 - random.nextUniform(), 1 / alpha)
      return gamma(alpha + 1, &random) * boost
    }
    let d = alpha - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = random.nextNormal()
      let root = 1 + c * x
      guard root > 0 else { continue }
      let v = root * root * root
      let u = 1 - random.nextUniform()
      if Double.log(u) < 0.5 * x * x + d - d * v + d * Double.log(v) { return d * v }
    }
  }
}
