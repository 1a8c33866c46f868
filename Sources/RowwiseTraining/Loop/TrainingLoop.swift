import RealModule
import RowwiseCompute
import RowwiseLayers

/// The passes of one `fit`.
final class TrainingLoop {
  private let network: Network<Float>
  private let options: TrainingOptions
  private let callbacks: TrainingCallbacks
  private let optimizer: OptimizerState
  private let batch: SequenceBatch<Float>
  private let order: SampleOrder
  private let mixer: BatchMixer
  private let teacher: (any SequenceTeacher)?
  private let loss: LossSettings
  private var average: AveragedWeights?
  private var state: TrainingState
  private var bestWeights: [[Float]]?
  private var epochStart = ContinuousClock.now
  /// The learning rate of a change of the weights, from 0, in place of the schedule's.
  var rate: ((_ update: Int) -> Double)?

  /// - Throws: `TrainingError.invalidOption` where the options need labels that the source does not
  ///   tell, pictures changed otherwise than it does, or a teacher that there is not.
  init(
    _ network: Network<Float>, _ options: TrainingOptions, _ callbacks: TrainingCallbacks,
    source: some SequenceSource, teacher: (any SequenceTeacher)? = nil
  ) throws(TrainingError) {
    guard (teacher == nil) == (options.loss.distillation == nil) else {
      throw .invalidOption(
        teacher == nil
          ? "the loss learns of a teacher, and none is given"
          : "a teacher is given, and the loss learns of none; set `distillation`")
    }
    self.teacher = teacher
    let needsLabels = options.sampling == .balanced || options.classWeighting == .balanced
    let labels = needsLabels ? source.labels : nil
    guard !needsLabels || labels != nil else {
      throw .invalidOption("class weights and balanced sampling need data that tell all labels")
    }
    guard source.augmentation == options.augmentation else {
      throw .invalidOption(
        "the options ask for augmentation \(options.augmentation.text), and the data come with "
          + "\(source.augmentation.text); only images can be changed, by a source that is told how")
    }
    self.network = network
    self.options = options
    self.callbacks = callbacks
    optimizer = OptimizerState(
      options.optimizer, network, frozenLayers: options.frozenLayers)
    batch = SequenceBatch(
      timesteps: network.timesteps, features: network.features,
      capacity: min(options.batchSize, source.count))
    order = SampleOrder(options, count: source.count, labels: labels)
    mixer = BatchMixer(mixing: options.mixing, seed: options.seed, group: source.featureGroup)
    average = options.averageDecay.map { AveragedWeights(decay: $0, network) }
    state = TrainingState(options: options, samples: source.count)
    var loss = options.loss
    if let labels {
      var counts = [Int](repeating: 0, count: network.classCount)
      for label in labels { counts[label] += 1 }
      if let weights = options.classWeighting.weights(counts: counts) {
        let given = loss.classWeights ?? [Double](repeating: 1, count: counts.count)
        loss.classWeights = zip(weights, given).map { $0 * $1 }
      }
    }
    self.loss = loss
  }

  // MARK: Checkpoints

  /// Goes on from where an earlier run had come to.
  ///
  /// - Throws: `TrainingError.checkpointMismatch`; nothing is changed then.
  func restore(_ checkpoint: TrainingCheckpoint) throws(TrainingError) {
    var recorded = checkpoint.state.options
    recorded.augmentation = recorded.recordedAugmentation ?? options.augmentation
    guard recorded == options else {
      throw .checkpointMismatch("it was made with other options")
    }
    guard checkpoint.state.samples == state.samples else {
      throw .checkpointMismatch(
        "it was trained on \(checkpoint.state.samples) samples, not \(state.samples)")
    }
    if let problem = checkpoint.state.problem(stepsPerEpoch: stepsPerEpoch) {
      throw .checkpointMismatch(problem)
    }
    let weights = try checkpoint.group("weights", network)
    let first = try checkpoint.group("first", network)
    let second = try checkpoint.group("second", network)
    let averaged = average == nil ? nil : try checkpoint.group("average", network)
    let best = checkpoint.state.best == nil ? nil : try checkpoint.group("best", network)
    network.allValues = weights
    optimizer.restore((first, second), step: checkpoint.state.updates, network)
    if let averaged { average?.setValues(averaged, network) }
    bestWeights = best
    state = checkpoint.state
    state.options = options
    state.history.wasStopped = false
  }

  private func makeCheckpoint() throws {
    guard let receive = callbacks.onCheckpoint else { return }
    var checkpoint = TrainingCheckpoint(state: state, arrays: [:])
    checkpoint.state.seconds = state.seconds + secondsInEpoch
    checkpoint.add("weights", network.allValues, network)
    let averages = optimizer.averages(network)
    checkpoint.add("first", averages.first, network)
    checkpoint.add("second", averages.second, network)
    if let average { checkpoint.add("average", average.values(network), network) }
    if let bestWeights { checkpoint.add("best", bestWeights, network) }
    try receive(checkpoint)
  }

  private var secondsInEpoch: Double { (ContinuousClock.now - epochStart) / .seconds(1) }

  // MARK: Epochs

  func run(
    _ source: some SequenceSource, validation: (some SequenceSource)?
  ) throws -> History {
    while !state.isFinished {
      epochStart = .now
      try callbacks.onEpochBegin?(state.epoch)
      let stopped = try train(source)
      // The next step's loss would show what a step has done; after the last one nothing would.
      if let parameter = firstBad(network.values) {
        throw TrainingError.weightsNotFinite(epoch: state.epoch, parameter: parameter)
      }
      if stopped == .inEpoch {
        state.history.wasStopped = true
        try makeCheckpoint()
        break
      }
      try finishEpoch(validation)
      if stopped == .afterEpoch, !state.isFinished {
        state.history.wasStopped = true
        break
      }
    }
    average?.exchange()
    if let bestWeights { network.allValues = bestWeights }
    return state.history
  }

  private func finishEpoch(_ validation: (some SequenceSource)?) throws {
    let updates = updatesPerEpoch
    var result = EpochResult(
      epoch: state.epoch, training: state.sums.metrics, validation: nil,
      learningRate: options.optimizer.learningRate
        * rateFactor(update: (state.epoch - 1) * updates), seconds: 0)
    average?.exchange()
    if let validation {
      let (metrics, confusion) = try Scorer(network).scoreWithConfusion(validation)
      guard metrics.loss.isFinite else {
        throw TrainingError.validationNotFinite(
          epoch: state.epoch, step: stepsPerEpoch,
          layer: try Scorer(network).firstBadLayer(validation))
      }
      result.validation = metrics
      try callbacks.onValidation?(state.epoch, confusion)
    }
    result.seconds = state.seconds + secondsInEpoch
    state.plateau.add(loss: (result.validation ?? result.training).loss, options.schedule)
    state.history.epochs.append(result)
    if options.restoresBestWeights, options.metric.score(result) != nil {
      if state.best.map({ options.metric.isBetter(result, than: $0) }) ?? true {
        state.best = result
        bestWeights = network.allValues
        state.history.bestEpoch = state.epoch
      }
    } else {
      state.history.bestEpoch = state.epoch
    }
    if let rule = options.earlyStopping, state.epoch < options.epochs {
      state.history.stoppedEarly = state.earlyStopping.add(options.metric.score(result), rule)
    }
    state.epoch += 1
    state.step = 0
    state.sums = EpochSums()
    state.seconds = 0
    try callbacks.onEpochEnd?(result)
    average?.exchange()
    epochStart = .now
    try makeCheckpoint()
  }

  /// Where a request to stop was met.
  private enum Stop {
    /// Steps of the epoch are missing.
    case inEpoch
    /// At its last step: the epoch counts.
    case afterEpoch
  }

  // MARK: Steps

  private var stepsPerEpoch: Int {
    (state.samples + options.batchSize - 1) / options.batchSize
  }

  private var updatesPerEpoch: Int {
    (stepsPerEpoch + options.accumulation - 1) / options.accumulation
  }

  /// The rest of the running epoch; where it was stopped, if it was.
  private func train(_ source: some SequenceSource) throws -> Stop? {
    let order = order.indices(epoch: state.epoch)
    let steps = stepsPerEpoch
    while state.step < steps {
      let isUpdate = try train(source, order)
      let step = TrainingStep(
        epoch: state.epoch, step: state.step, steps: steps, samples: state.sums.count,
        running: state.sums.metrics,
        learningRate: options.optimizer.learningRate
          * rateFactor(update: isUpdate ? state.updates - 1 : state.updates), isUpdate: isUpdate)
      try callbacks.onStepEnd?(step)
      // Gradients that wait for a later batch are in no checkpoint.
      guard isUpdate else { continue }
      if (callbacks.shouldStop?() ?? false) || Task.isCancelled {
        return state.step < steps ? .inEpoch : .afterEpoch
      }
      if state.step < steps, callbacks.wantsCheckpoint?(step) ?? false {
        try makeCheckpoint()
      }
    }
    return nil
  }

  /// One batch; whether it changed the weights.
  private func train(_ source: some SequenceSource, _ order: [Int]) throws -> Bool {
    let (step, size, steps) = (state.step, options.batchSize, stepsPerEpoch)
    func indices(_ steps: Range<Int>) -> ArraySlice<Int> {
      order[min(steps.lowerBound * size, order.count)..<min(steps.upperBound * size, order.count)]
    }
    source.prefetch(Array(indices(step + 1..<step + 2)))
    let own = Array(indices(step..<step + 1))
    try batch.load(own, of: source, epoch: state.epoch, on: network.pool)
    let global = UInt64(state.epoch - 1) * UInt64(steps) + UInt64(step)
    if let teacher { batch.taught = try teacher.probabilities(of: own, epoch: state.epoch) }
    mixer.mix(batch, step: global, on: network.pool)
    batch.mixTaught()
    let first = step - step % options.accumulation
    let end = min(first + options.accumulation, steps)
    let result = network.gradients(
      batch, loss: loss, meanOver: indices(first..<end).count, step: global,
      accumulates: step > first)
    try check(result)
    state.step += 1
    state.sums.add(result)
    guard state.step == end else { return false }
    let factor = rateFactor(update: state.updates)
    optimizer.apply(
      clipValue: options.clipValue, clipNorm: options.clipNorm, rateFactor: factor)
    state.updates += 1
    average?.update(state.updates)
    return true
  }

  /// The schedule's share of the learning rate at a change of the weights, from 0.
  private func rateFactor(update: Int) -> Double {
    if let rate { return rate(update) / options.optimizer.learningRate }
    let total = updatesPerEpoch * options.epochs
    let warmUp = Int((options.warmUp * Double(updatesPerEpoch)).rounded())
    if update < warmUp { return Double(update + 1) / Double(warmUp) }
    return options.schedule.factor(
      step: update - warmUp, of: total - warmUp, stepsPerEpoch: updatesPerEpoch,
      plateau: state.plateau.share)
  }

  private func check(_ result: Network<Float>.BatchResult) throws(TrainingError) {
    guard result.lossSum.isFinite else {
      throw .lossNotFinite(
        epoch: state.epoch, step: state.step + 1, parameter: firstBad(network.gradient))
    }
    guard let limit = options.explosionLimit else { return }
    let mean = result.lossSum / Double(max(result.count, 1))
    let guessing = Double.log(Double(network.classCount))
    if let loss = state.explosion.add(mean, guessing: guessing, limit: limit) {
      throw .lossExploded(
        epoch: state.epoch, step: state.step + 1, loss: loss, parameter: largestGradient)
    }
  }

  /// The first parameter of which some numbers are not finite.
  private func firstBad(_ numbers: (Parameter) -> [Float]) -> String? {
    network.parameters.first { !numbers($0).allSatisfy(\.isFinite) }?.name
  }

  /// The parameter with the largest mean square of gradients.
  private var largestGradient: String {
    func size(_ parameter: Parameter) -> Double {
      let sum = network.gradient(of: parameter).reduce(0.0) { $0 + Double($1) * Double($1) }
      return sum / Double(max(parameter.count, 1))
    }
    return network.parameters.max { size($0) < size($1) }?.name ?? "no layer"
  }
}
