import RowwiseCompute
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseRandomness
import RowwiseWorkers

/// Labelled sequences with numbers that Float holds exactly.
struct Problem: Sendable {
  var timesteps: Int
  var features: Int
  var count: Int
  var classes: Int
  /// [T, N, D].
  var x: [Double]
  var labels: [Int]
  var lengths: [Int]?

  /// Random inputs in ±1 and labels.
  ///
  /// - Parameter hasLengths: also random lengths, of which the first is T, the second 0 and the
  ///   third 1, as far as there are so many.
  init(
    timesteps: Int, features: Int, count: Int, classes: Int = 3, hasLengths: Bool = false,
    seed: Int = 1
  ) {
    self.timesteps = timesteps
    self.features = features
    self.count = count
    self.classes = classes
    var random = RandomStream(seed: UInt64(seed), stream: 1000)
    x = random.uniform(timesteps * count * features)
    labels = (0..<count).map { _ in random.next(below: classes) }
    let drawn = (0..<count).map { _ in 1 + random.next(below: timesteps) }
    if hasLengths { lengths = Array(([timesteps, 0, 1] + drawn).prefix(count)) }
  }

  /// The sequences as a batch.
  func batch<Scalar: ComputeScalar>() -> SequenceBatch<Scalar> {
    let batch = SequenceBatch<Scalar>(timesteps: timesteps, features: features, capacity: count)
    for (i, value) in x.enumerated() { batch.inputs.start[i] = Scalar(value) }
    for (n, label) in labels.enumerated() { batch.labels[n] = Int32(label) }
    if let lengths {
      batch.hasLengths = true
      for (n, length) in lengths.enumerated() { batch.lengths[n] = Int32(length) }
    }
    return batch
  }

  /// Only sequence n.
  func row(_ n: Int) -> Problem {
    var result = self
    result.count = 1
    result.labels = [labels[n]]
    result.lengths = lengths.map { [$0[n]] }
    result.x = []
    for t in 0..<timesteps {
      let first = (t * count + n) * features
      result.x += x[first..<first + features]
    }
    return result
  }

  /// The same sequences with steps added at their ends, filled with `value`.
  func padded(to steps: Int, with value: Double) -> Problem {
    var result = self
    result.timesteps = steps
    result.lengths = lengths ?? [Int](repeating: timesteps, count: count)
    result.x += [Double](repeating: value, count: (steps - timesteps) * count * features)
    return result
  }

  /// The same sequences with other numbers after every end.
  func refilled(with value: Double) -> Problem {
    var result = self
    guard let lengths else { return result }
    for n in 0..<count {
      for t in lengths[n]..<timesteps {
        for d in 0..<features { result.x[(t * count + n) * features + d] = value }
      }
    }
    return result
  }
}

extension RandomStream {
  /// Values in ±scale that Float holds exactly.
  mutating func uniform(_ count: Int, scale: Double = 1) -> [Double] {
    (0..<count).map { _ in Double(Float((2 * nextUniform() - 1) * scale)) }
  }
}

/// What a network makes of a problem.
struct Outcome<Scalar: ComputeScalar>: Equatable {
  var lossSum: Double
  var correct: Int
  var probabilities: [Scalar]
  /// By parameter name.
  var gradients: [String: [Scalar]]
  var inputGradient: [Scalar]
}

/// A network with random weights, biases included, that any number type holds exactly.
///
/// They are in ±0.7, in wide arrays in ±1.5/√rows: with wider ones `.full` cells are chaotic, and no
/// tolerance would say anything.
func makeNetwork<Scalar: ComputeScalar>(
  _ layers: [any Layer], _ problem: Problem, threads: Int = 1,
  kernels: KernelSet<Scalar>? = nil, seed: UInt64 = 5, precision: Precision = .float32,
  activationBudget: Int = 1 << 30
) throws -> Network<Scalar> {
  let network = try Network<Scalar>(
    layers, timesteps: problem.timesteps, features: problem.features, seed: seed,
    pool: WorkerPool(threads: threads), kernels: kernels, precision: precision,
    activationBudget: activationBudget)
  for (index, parameter) in network.parameters.enumerated() {
    var random = RandomStream(seed: seed, stream: UInt64(2000 + index))
    let rows = Double(parameter.shape.count > 1 ? parameter.shape[0] : 1)
    let values = random.uniform(parameter.count, scale: min(0.7, 1.5 / rows.squareRoot()))
    network.setValues(values.map { Scalar($0) }, of: parameter)
  }
  return network
}

/// Runs training's passes and inference on a problem.
func run<Scalar: ComputeScalar>(
  _ network: Network<Scalar>, _ problem: Problem, loss: LossSettings = LossSettings(),
  step: UInt64 = 3
) -> Outcome<Scalar> {
  let batch: SequenceBatch<Scalar> = problem.batch()
  let result = network.gradients(batch, loss: loss, step: step, wantsInputGradient: true)
  let gradients = network.parameters.map { ($0.name, network.gradient(of: $0)) }
  let inputGradient = network.inputGradient
  return Outcome(
    lossSum: result.lossSum, correct: result.correct,
    probabilities: network.predict(batch),
    gradients: Dictionary(uniqueKeysWithValues: gradients), inputGradient: inputGradient)
}

/// Largest |a − b| as a share of the largest |b|, which counts as `floor` where it is smaller;
/// infinite where counts differ or a number is not finite.
func scaledDifference<A: BinaryFloatingPoint, B: BinaryFloatingPoint>(
  _ a: [A], _ b: [B], floor: Double = 1e-3
) -> Double {
  guard a.count == b.count else { return .infinity }
  var largest = 0.0
  for (x, y) in zip(a, b) {
    let difference = abs(Double(x) - Double(y))
    largest = max(largest, difference.isFinite ? difference : .infinity)
  }
  return largest / b.reduce(floor) { max($0, abs(Double($1))) }
}
