import Evaluation
import ModelExchange
import Rowwise
import Training

/// Trains a classifier and keeps its run folder up to date, epoch by epoch.
///
/// After every epoch `history.csv` and `last.safetensors` are written, and `model.safetensors` where
/// no earlier epoch had a better validation accuracy (of equals the one with the lower loss).
final class TrainingRun {
  private let classifier: ImageClassifier
  private let data: TrainingData
  private let options: TrainingOptions
  private let folder: RunFolder
  private let console: Console
  private let provenance: Provenance
  private var records: [EpochRecord] = []
  private var best: EpochRecord?
  private var epochStart = ContinuousClock.now
  /// Of the running epoch, without validation.
  private var trainingSeconds = 0.0

  /// Name of the file with the best weights.
  static let modelName = "model.safetensors"
  /// Name of the file with the newest weights.
  static let lastName = "last.safetensors"
  /// Name of the table of epochs.
  static let historyName = "history.csv"

  /// - Parameter provenance: what is known of the model before its first epoch.
  init(
    _ classifier: ImageClassifier, data: TrainingData, options: TrainingOptions,
    provenance: Provenance, folder: RunFolder, console: Console
  ) {
    self.classifier = classifier
    self.data = data
    self.options = options
    self.provenance = provenance
    self.folder = folder
    self.console = console
  }

  /// The epoch whose weights `model.safetensors` has; nil before the first ends.
  var bestEpoch: EpochRecord? { best }

  /// Whether an epoch has ended and its files are written.
  var hasWritten: Bool { !records.isEmpty }

  /// Trains to the end, or until `shouldStop` says so.
  ///
  /// - Returns: whether it was stopped; then `last.safetensors` has the weights reached, and
  ///   `model.safetensors` too if no epoch was complete.
  /// - Throws: `TrainingError`, `DatasetError`; `SafetensorsError` and `FileError` where a file
  ///   cannot be written.
  func run(shouldStop: @escaping () -> Bool) throws -> Bool {
    var callbacks = TrainingCallbacks()
    callbacks.onEpochBegin = { [self] _ in epochStart = ContinuousClock.now }
    callbacks.onStepEnd = { [self] step in show(step) }
    callbacks.onEpochEnd = { [self] result in try finish(result) }
    callbacks.shouldStop = shouldStop
    let history = try classifier.fit(
      data.training, validation: data.validation, options: options, callbacks: callbacks)
    console.clearProgress()
    if history.wasStopped {
      // In the middle of an epoch: what was measured after the one before is not true of these.
      try save(Self.lastName, epochs: records.count, validated: nil)
      if best == nil { try save(Self.modelName, epochs: 0, validated: nil) }
    }
    return history.wasStopped
  }

  private func show(_ step: TrainingStep) {
    if step.step == step.steps { trainingSeconds = secondsInEpoch }
    console.showProgress {
      TrainingProgress(
        epoch: step.epoch, epochCount: options.epochs, batch: step.step, batchCount: step.steps,
        samples: step.samples, seconds: secondsInEpoch, loss: step.running.loss,
        accuracy: step.running.accuracy
      ).row
    }
  }

  private var secondsInEpoch: Double { (ContinuousClock.now - epochStart) / .seconds(1) }

  private func finish(_ result: EpochResult) throws {
    let record = EpochRecord(
      epoch: result.epoch, loss: result.training.loss, accuracy: result.training.accuracy,
      validationLoss: result.validation?.loss, validationAccuracy: result.validation?.accuracy,
      learningRate: result.learningRate,
      samplesPerSecond: Double(data.training.count) / trainingSeconds, seconds: result.seconds)
    try save(Self.lastName, epochs: record.epoch, validated: record)
    if best.map({ record.isBetter(than: $0) }) ?? true {
      try save(Self.modelName, epochs: record.epoch, validated: record)
      best = record
    }
    try AtomicFile.write(
      HistoryTable.text(records + [record]), toPath: folder.file(Self.historyName))
    records.append(record)
    console.log(record.text(epochCount: options.epochs))
  }

  /// Writes the weights as they are.
  ///
  /// - Parameters:
  ///   - epochs: how many complete ones they have seen.
  ///   - record: of the epoch after which they were validated; nil where they were not.
  private func save(_ name: String, epochs: Int, validated record: EpochRecord?) throws {
    var provenance = provenance
    provenance.epochs = epochs
    provenance.validationAccuracy = record?.validationAccuracy
    provenance.validationLoss = record?.validationLoss
    try classifier.save(toPath: folder.file(name), provenance: provenance)
  }
}

extension EpochRecord {
  /// Whether its weights are to be preferred; without validation the newer ones always are.
  func isBetter(than other: EpochRecord) -> Bool {
    guard let accuracy = validationAccuracy, let loss = validationLoss,
      let otherAccuracy = other.validationAccuracy, let otherLoss = other.validationLoss
    else { return true }
    return (accuracy, -loss) > (otherAccuracy, -otherLoss)
  }
}
