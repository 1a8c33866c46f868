import RowwiseCompute
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseWorkers

/// Compares a case's network, on the kernels to be timed, with the same network in double precision
/// on the reference kernels, at a few timesteps and sequences.
struct ReferenceCheck {
  /// Largest permitted difference of a probability.
  static let probabilityLimit = 1e-5
  /// The same with int8 products: a number in the middle of two whole ones may become either.
  static let wholeProbabilityLimit = 1e-3
  /// Largest permitted difference of a gradient, as a share of its array's largest element.
  static let gradientLimit = 1e-4

  private let kernels: KernelSet<Float>
  private let pool: WorkerPool

  /// A check of `kernels` on the threads of `pool`.
  init(_ kernels: KernelSet<Float>, pool: WorkerPool) {
    self.kernels = kernels
    self.pool = pool
  }

  /// Runs both networks.
  ///
  /// - Throws: `BenchmarkError.wrongResult` where they differ; `LayerError`.
  func run(_ example: BenchmarkCase) throws {
    try run(
      example.layers, timesteps: min(example.timesteps, 5), features: example.features,
      isTraining: example.work == .training, name: example.name,
      precision: example.precision ?? .float32)
  }

  /// Runs both networks of a stack of layers, for training or for inference only.
  ///
  /// - Throws: `BenchmarkError.wrongResult` where they differ; `LayerError`.
  func run(
    _ layers: [any Layer], timesteps: Int, features: Int, isTraining: Bool, name: String,
    precision: Precision = .float32
  ) throws {
    let fast = try Network<Float>(
      layers, timesteps: timesteps, features: features, seed: 1, pool: pool, kernels: kernels,
      precision: precision)
    // The same seed: random masks are the same.
    let exact = try Network<Double>(
      layers, timesteps: timesteps, features: features, seed: 1, pool: pool, precision: precision)
    for (source, target) in zip(fast.parameters, exact.parameters) {
      exact.setValues(fast.values(of: source).map { Double($0) }, of: target)
    }
    let count = 7
    let batch = BenchmarkBatch.make(
      timesteps: timesteps, features: features, count: count)
    let wide = SequenceBatch<Double>(
      timesteps: timesteps, features: features, capacity: count)
    for i in 0..<timesteps * count * features {
      wide.inputs.start[i] = Double(batch.inputs.start[i])
    }
    wide.labels.update(from: batch.labels, count: count)

    try compare(
      fast.predict(batch).map { Double($0) }, exact.predict(wide), scale: 1,
      limit: precision == .int8 ? Self.wholeProbabilityLimit : Self.probabilityLimit, name,
      "probabilities")
    guard isTraining else { return }
    let (loss, exactLoss) = (fast.gradients(batch), exact.gradients(wide))
    try compare(
      [loss.lossSum], [exactLoss.lossSum], scale: exactLoss.lossSum, limit: Self.gradientLimit,
      name, "losses")
    for (parameter, reference) in zip(fast.parameters, exact.parameters) {
      let expected = exact.gradient(of: reference)
      let scale = expected.reduce(0) { max($0, abs($1)) }
      try compare(
        fast.gradient(of: parameter).map { Double($0) }, expected, scale: scale,
        limit: Self.gradientLimit, name, "gradients of \(parameter.name)")
    }
  }

  private func compare(
    _ received: [Double], _ expected: [Double], scale: Double, limit: Double,
    _ name: String, _ quantity: String
  ) throws(BenchmarkError) {
    var worst = 0.0
    for (a, b) in zip(received, expected) {
      let difference = abs(a - b) / max(scale, .leastNormalMagnitude)
      // Also true of NaN, which must not pass.
      if !(difference <= worst) { worst = difference }
    }
    guard worst <= limit else {
      throw .wrongResult(case: name, quantity: quantity, difference: worst, limit: limit)
    }
  }
}
