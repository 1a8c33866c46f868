import Compute
import Layers

/// The passes of one `fit`.
struct TrainingLoop {
  let network: Network<Float>
  let options: TrainingOptions
  let callbacks: TrainingCallbacks

  func run(
    _ source: some SequenceSource, validation: (some SequenceSource)?
  ) throws -> History {
    let optimizer = OptimizerState(options.optimizer, network)
    let batch = SequenceBatch<Float>(
      timesteps: network.timesteps, features: network.features,
      capacity: min(options.batchSize, source.count))
    var history = History()
    var best: (metrics: EpochMetrics, weights: [[Float]])?
    for epoch in 1...options.epochs {
      let start = ContinuousClock.now
      try callbacks.onEpochBegin?(epoch)
      let (training, stopped) = try train(source, epoch, optimizer, batch)
      // The next step's loss would show what a step has done; after the last one nothing would.
      if let parameter = firstBad(network.values) {
        throw TrainingError.weightsNotFinite(epoch: epoch, parameter: parameter)
      }
      if stopped == .inEpoch {
        history.wasStopped = true
        break
      }
      var result = EpochResult(
        epoch: epoch, training: training, validation: nil,
        learningRate: options.optimizer.learningRate
          * options.schedule.factor(step: epoch - 1, of: options.epochs),
        seconds: 0)
      if let validation {
        result.validation = try Scorer(network).score(validation)
      }
      result.seconds = (ContinuousClock.now - start) / .seconds(1)
      history.epochs.append(result)
      if let score = result.validation, options.restoresBestWeights {
        if best.map({ score.isBetter(than: $0.metrics) }) ?? true {
          best = (score, network.parameters.map { network.values(of: $0) })
          history.bestEpoch = epoch
        }
      } else {
        history.bestEpoch = epoch
      }
      try callbacks.onEpochEnd?(result)
      if stopped == .afterEpoch, epoch < options.epochs {
        history.wasStopped = true
        break
      }
    }
    if let best {
      for (parameter, values) in zip(network.parameters, best.weights) {
        network.setValues(values, of: parameter)
      }
    }
    return history
  }

  /// Where a request to stop was met.
  private enum Stop {
    /// Steps of the epoch are missing.
    case inEpoch
    /// At its last step: the epoch counts.
    case afterEpoch
  }

  /// One epoch, and where it was stopped, if it was.
  private func train(
    _ source: some SequenceSource, _ epoch: Int, _ optimizer: OptimizerState,
    _ batch: SequenceBatch<Float>
  ) throws -> (EpochMetrics, stopped: Stop?) {
    let order = sampleOrder(source.count, epoch)
    let steps = (source.count + options.batchSize - 1) / options.batchSize
    var lossSum = 0.0
    var correct = 0
    var samples = 0
    func running() -> EpochMetrics {
      EpochMetrics(
        loss: lossSum / Double(max(samples, 1)), accuracy: Double(correct) / Double(max(samples, 1))
      )
    }
    for step in 0..<steps {
      let indices = Self.indices(order, step, options.batchSize)
      source.prefetch(Self.indices(order, step + 1, options.batchSize))
      try batch.load(indices, of: source, on: network.pool)
      let global = UInt64(epoch - 1) * UInt64(steps) + UInt64(step)
      let result = network.gradients(batch, step: global)
      guard result.lossSum.isFinite else {
        throw TrainingError.lossNotFinite(
          epoch: epoch, step: step + 1, parameter: firstBad(network.gradient))
      }
      optimizer.apply(
        to: network, clipNorm: options.clipNorm,
        rateFactor: options.schedule.factor(step: Int(global), of: steps * options.epochs))
      lossSum += result.lossSum
      correct += result.correct
      samples += result.count
      try callbacks.onStepEnd?(
        TrainingStep(
          epoch: epoch, step: step + 1, steps: steps, samples: samples, running: running()))
      if callbacks.shouldStop?() ?? false {
        return (running(), step + 1 < steps ? .inEpoch : .afterEpoch)
      }
    }
    return (running(), nil)
  }

  private func sampleOrder(_ count: Int, _ epoch: Int) -> [Int] {
    guard options.shuffles else { return Array(0..<count) }
    // Streams of training are told from those of initial weights by the highest bit.
    var random = RandomStream(seed: options.seed, stream: 1 << 63 | UInt64(epoch))
    return random.permutation(count)
  }

  private static func indices(_ order: [Int], _ step: Int, _ size: Int) -> [Int] {
    Array(order[min(step * size, order.count)..<min((step + 1) * size, order.count)])
  }

  /// The first parameter of which some numbers are not finite.
  private func firstBad(_ numbers: (Parameter) -> [Float]) -> String? {
    network.parameters.first { !numbers($0).allSatisfy(\.isFinite) }?.name
  }
}

extension EpochMetrics {
  /// Higher accuracy, or as high with a lower loss.
  func isBetter(than other: EpochMetrics) -> Bool {
    (accuracy, -loss) > (other.accuracy, -other.loss)
  }
}
