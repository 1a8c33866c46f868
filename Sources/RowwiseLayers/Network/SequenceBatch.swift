public import RowwiseCompute

/// Sequences side by side with their labels: what a network reads in one pass.
///
/// The memory is [T, N, D] with N = `count`: element (t, n, d) is at (t · N + n) · D + d.
public final class SequenceBatch<Scalar: ComputeScalar>: @unchecked Sendable {
  // SAFETY: filled by tasks that own disjoint sequences, then read only, as its user arranges.

  /// T.
  public let timesteps: Int
  /// D.
  public let features: Int
  /// N at most.
  public let capacity: Int
  /// N.
  public private(set) var count: Int
  /// x; see above.
  public let inputs: Buffer<Scalar>
  /// The true class of every sequence, `count` of them.
  public let labels: UnsafeMutablePointer<Int32>
  /// Valid timesteps of every sequence, `count` of them, each 0 ... T; meaningless unless
  /// `hasLengths`. Inputs from there on must be finite numbers; they have no influence.
  public let lengths: UnsafeMutablePointer<Int32>
  /// Whether sequences differ in length.
  public var hasLengths = false
  /// A second class for every sequence, `count` of them; meaningless unless `isMixed`.
  public let secondLabels: UnsafeMutablePointer<Int32>
  /// The first label's share of every sequence, 0 ... 1; the rest is the second's.
  public let labelShares: UnsafeMutablePointer<Float>
  /// Whether sequences have two labels.
  public var isMixed = false
  /// Class probabilities that a teacher gives the sequences, [N, K]; meaningless unless the loss has
  /// `LossSettings.distillation`.
  public var taught: [Float] = []

  /// Makes room for `capacity` sequences.
  public init(timesteps: Int, features: Int, capacity: Int) {
    precondition(
      timesteps > 0 && features > 0 && capacity > 0,
      "a batch needs positive sizes, not \(timesteps) × \(capacity) × \(features)")
    self.timesteps = timesteps
    self.features = features
    self.capacity = capacity
    count = capacity
    inputs = Buffer(timesteps * features * capacity)
    labels = .allocate(capacity: capacity)
    labels.initialize(repeating: 0, count: capacity)
    lengths = .allocate(capacity: capacity)
    lengths.initialize(repeating: Int32(timesteps), count: capacity)
    secondLabels = .allocate(capacity: capacity)
    secondLabels.initialize(repeating: 0, count: capacity)
    labelShares = .allocate(capacity: capacity)
    labelShares.initialize(repeating: 1, count: capacity)
  }

  deinit {
    labels.deallocate()
    lengths.deallocate()
    secondLabels.deallocate()
    labelShares.deallocate()
  }

  /// Sets N for the sequences about to be filled in.
  public func resize(to count: Int) {
    precondition(0 < count && count <= capacity, "\(count) sequences in room for \(capacity)")
    self.count = count
  }

  /// Puts a sequence, [T, D], at place n of N.
  package func put(_ sequence: [Scalar], at n: Int) {
    precondition(
      sequence.count == timesteps * features && 0 <= n && n < count,
      "\(sequence.count) numbers at \(n) of \(count)")
    sequence.withUnsafeBufferPointer { source in
      guard let from = source.baseAddress else { return }
      for t in 0..<timesteps {
        (inputs.start + (t * count + n) * features).update(
          from: from + t * features, count: features)
      }
    }
  }
}
