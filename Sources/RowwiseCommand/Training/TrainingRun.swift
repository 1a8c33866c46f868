import Rowwise
import RowwiseFiles
import RowwiseTexts
import RowwiseTraining

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Trains a classifier and keeps its run folder up to date, epoch by epoch.
///
/// After every epoch `history.csv` and `last.safetensors` are written, `model.safetensors` where no
/// earlier epoch was better by the metric, and a checkpoint; checkpoints also come between epochs.
/// The checkpoint is the last: a run that is killed before it does what it had done once more, to
/// the same bytes.
final class TrainingRun {
  /// All that a run is made of.
  struct Setup {
    let classifier: ImageClassifier
    let data: TrainingData
    /// Whose answers are learned from; nil for labels alone.
    var teacher: ImageEnsemble?
    let options: TrainingOptions
    /// What is known of the model before its first epoch.
    let provenance: Provenance
    let folder: RunFolder
    let checkpointEvery: CheckpointInterval
    /// The run's options, for TensorBoard; nil where nothing is written for it.
    var tensorBoardOptions: [JSONValue.Member]?
    /// Stop, to be resumed, after this epoch.
    var pauseAfterEpoch: Int?
  }

  private let setup: Setup
  private let console: Console
  private let checkpoints: CheckpointFolder
  private var clock: CheckpointClock
  private var records: [EpochRecord] = []
  private var best: EpochRecord?
  private var bestResult: EpochResult?
  private var epochStart = ContinuousClock.now
  /// Of the running epoch, without validation, in this process.
  private var trainingSeconds = 0.0
  private var trainedSamples = 0
  private var tensorBoard: TensorBoardLog?
  private var isToPause = false

  /// Name of the file with the best weights.
  static let modelName = "model.safetensors"
  /// Name of the file with the newest weights.
  static let lastName = "last.safetensors"
  /// Name of the table of epochs.
  static let historyName = "history.csv"
  /// Names of the pictures of the table's curves.
  static let curvesName = "curves.svg"
  static let curvesPictureName = "curves.png"
  /// Name of the folder of checkpoints.
  static let checkpointsName = "checkpoints"

  init(_ setup: Setup, console: Console) {
    self.setup = setup
    self.console = console
    checkpoints = CheckpointFolder(path: setup.folder.file(Self.checkpointsName))
    clock = CheckpointClock(setup.checkpointEvery)
  }

  /// The epochs that are complete.
  var epochs: [EpochRecord] { records }

  /// The epoch whose weights `model.safetensors` has; nil before the first ends.
  var bestEpoch: EpochRecord? { best }

  /// Whether anything is written that is worth keeping.
  private(set) var hasWritten = false

  /// How a run ended.
  enum End {
    case finished
    /// Asked to; it can be resumed.
    case stopped
    case early(epoch: Int)
  }

  /// What the command remembers in a checkpoint.
  private struct Notes: Codable {
    var records: [EpochRecord]
  }

  /// Trains to the end, or until `shouldStop` says so.
  ///
  /// - Parameter resumes: go on from the folder's newest checkpoint, where there is one.
  /// - Returns: how it ended. Where it was stopped, `last.safetensors` has the weights reached, and
  ///   `model.safetensors` too if no epoch was complete.
  /// - Throws: `TrainingError`, `DatasetError`, `CheckpointError`; `SafetensorsError` and `FileError`
  ///   where a file cannot be written.
  func run(resumes: Bool = false, shouldStop: @escaping () -> Bool) throws -> End {
    let checkpoint = resumes ? try restore() : nil
    var callbacks = TrainingCallbacks()
    callbacks.onEpochBegin = { [self] _ in
      epochStart = ContinuousClock.now
      trainedSamples = 0
    }
    callbacks.onStepEnd = { [self] step in
      show(step)
      try tensorBoard?.add(step)
    }
    callbacks.onEpochEnd = { [self] result in try finish(result) }
    if let options = setup.tensorBoardOptions {
      let log = try TensorBoardLog(
        folder: setup.folder, classifier: setup.classifier, options: options,
        steps: checkpoint.map { steps($0) } ?? 0)
      tensorBoard = log
      callbacks.onValidation = { _, confusion in log.add(confusion: confusion) }
    }
    callbacks.shouldStop = { [self] in isToPause || shouldStop() }
    callbacks.wantsCheckpoint = { [self] _ in clock.isDue() }
    callbacks.onCheckpoint = { [self] in try save($0) }
    let history = try setup.classifier.fit(
      setup.data.training, validation: setup.data.validation, teacher: setup.teacher,
      options: setup.options, callbacks: callbacks, from: checkpoint)
    console.clearProgress()
    // Once a run: it would take longer than a small data set's epoch.
    if let picture = try TrainingCurves.png(records) {
      try AtomicFile.write(picture, toPath: setup.folder.file(Self.curvesPictureName))
    }
    if history.wasStopped {
      // In the middle of an epoch: what was measured after the one before is not true of these.
      try save(Self.lastName, epochs: records.count, validated: nil)
      if best == nil { try save(Self.modelName, epochs: 0, validated: nil) }
      return .stopped
    }
    try tensorBoard?.finish(best: best)
    return history.stoppedEarly ? .early(epoch: records.count) : .finished
  }

  // MARK: Checkpoints

  /// Batches that are done.
  private func steps(_ checkpoint: TrainingCheckpoint) -> Int {
    let (state, size) = (checkpoint.state, setup.options.batchSize)
    return (state.epoch - 1) * ((state.samples + size - 1) / size) + state.step
  }

  private var fingerprint: String { setup.data.training.fingerprint.description }

  private var instructionSet: String {
    setup.classifier.network.kernels.instructionSet.rawValue
  }

  private func restore() throws -> TrainingCheckpoint? {
    hasWritten = true
    checkpoints.removeLeftovers()
    AtomicFile.removeLeftovers(in: setup.folder.path, isAlone: true)
    guard let checkpoint = try checkpoints.newest(warn: { console.warn($0) }) else {
      console.log("no checkpoint yet; starting from the beginning")
      return nil
    }
    guard checkpoint.dataFingerprint == fingerprint else {
      throw CheckpointError.otherData(
        path: setup.folder.path, expected: checkpoint.dataFingerprint, received: fingerprint)
    }
    if checkpoint.instructionSet != instructionSet {
      console.caution(
        "the run was begun with \(checkpoint.instructionSet) and goes on with \(instructionSet): "
          + "the last bits will differ from those of an uninterrupted run")
    }
    if let notes = try? JSONDecoder().decode(Notes.self, from: Data(checkpoint.notes.utf8)) {
      records = notes.records
    }
    for (record, result) in zip(records, checkpoint.training.state.history.epochs)
    where bestResult.map({ setup.options.metric.isBetter(result, than: $0) }) ?? true {
      (best, bestResult) = (record, result)
    }
    var training = checkpoint.training
    training.state.extend(toEpochs: setup.options.epochs)
    if training.state.isFinished {
      console.log(
        "the run is complete; nothing is left to do; --epochs with a number above "
          + "\(setup.options.epochs) goes on with it")
    } else {
      console.log("resuming in epoch \(training.state.epoch), after step \(training.state.step)")
    }
    return training
  }

  private func save(_ checkpoint: TrainingCheckpoint) throws {
    let notes = try JSONEncoder().encode(Notes(records: records))
    try checkpoints.write(
      RunCheckpoint(
        training: checkpoint, dataFingerprint: fingerprint, instructionSet: instructionSet,
        notes: String(decoding: notes, as: UTF8.self)))
    hasWritten = true
    clock.reset()
  }

  // MARK: Epochs

  private func show(_ step: TrainingStep) {
    if step.step == step.steps {
      trainingSeconds = secondsInEpoch
      isToPause = setup.pauseAfterEpoch.map { step.epoch >= $0 } ?? false
    }
    trainedSamples += min(
      setup.options.batchSize,
      setup.data.training.count - (step.step - 1) * setup.options.batchSize)
    console.showProgress {
      TrainingProgress(
        epoch: step.epoch, epochCount: setup.options.epochs, batch: step.step,
        batchCount: step.steps, samples: step.samples, seconds: secondsInEpoch,
        loss: step.running.loss, accuracy: step.running.accuracy
      ).row
    }
  }

  private var secondsInEpoch: Double { (ContinuousClock.now - epochStart) / .seconds(1) }

  private func finish(_ result: EpochResult) throws {
    // After a resumption at the last step there is no time to divide by.
    let pace = trainingSeconds > 0 ? Double(trainedSamples) / trainingSeconds : 0
    let record = EpochRecord(
      epoch: result.epoch, loss: result.training.loss, accuracy: result.training.accuracy,
      validationLoss: result.validation?.loss, validationAccuracy: result.validation?.accuracy,
      validationMacroF1: result.validation?.macroF1, learningRate: result.learningRate,
      samplesPerSecond: pace, seconds: result.seconds)
    try save(Self.lastName, epochs: record.epoch, validated: record)
    if bestResult.map({ setup.options.metric.isBetter(result, than: $0) }) ?? true {
      try save(Self.modelName, epochs: record.epoch, validated: record)
      (best, bestResult) = (record, result)
    }
    try AtomicFile.write(
      HistoryTable.text(records + [record]), toPath: setup.folder.file(Self.historyName))
    records.append(record)
    try AtomicFile.write(TrainingCurves.svg(records), toPath: setup.folder.file(Self.curvesName))
    try tensorBoard?.add(record)
    console.log(record.row(epochCount: setup.options.epochs))
  }

  /// Writes the weights as they are.
  ///
  /// - Parameters:
  ///   - epochs: how many complete ones they have seen.
  ///   - record: of the epoch after which they were validated; nil where they were not.
  private func save(_ name: String, epochs: Int, validated record: EpochRecord?) throws {
    var provenance = setup.provenance
    provenance.epochs = epochs
    provenance.validationAccuracy = record?.validationAccuracy
    provenance.validationLoss = record?.validationLoss
    try setup.classifier.save(toPath: setup.folder.file(name), provenance: provenance)
    hasWritten = true
  }
}
