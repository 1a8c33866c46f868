public import RowwiseDatasetLoading
public import RowwiseEvaluation
import RowwiseFiles
import RowwiseTraining

extension ImageClassifier {
  /// The early exit that came with the model file or was calibrated since; nil for none. Whether it still
  /// holds, `checkedEarlyExit()` tells.
  public var earlyExit: EarlyExit? {
    get { calibratedExit.withLock { $0 } }
    set { calibratedExit.withLock { $0 = newValue } }
  }

  /// The early exit, if it holds for this classifier as it is now.
  public func checkedEarlyExit() throws(EarlyExitError) -> EarlyExit {
    guard let exit = earlyExit else { throw .notCalibrated }
    guard exit.weightsFingerprint == weightsFingerprint else { throw .otherWeights }
    let now = network.precision.rawValue
    guard exit.precision == now else {
      throw .otherPrecision(calibrated: exit.precision, now: now)
    }
    guard exit.rule.isSound(rows: preprocessing.timesteps) else {
      throw .unsound(rows: preprocessing.timesteps)
    }
    return exit
  }

  /// `xxh64:` and 16 hexadecimal digits, of all weights in their order.
  var weightsFingerprint: String {
    var hash = XXHash64()
    for values in network.allValues { values.withUnsafeBytes { hash.update($0) } }
    return XXHash64.text(hash.value)
  }

  /// What the classifier says of a data set's pictures after each of their rows.
  ///
  /// - Parameters:
  ///   - dataset: the pictures.
  ///   - hasLabels: whether the data set's classes are those of the pictures.
  ///   - progress: told how many are done.
  /// - Throws: `StreamingError` where the model cannot read row by row; `DatasetError` when a picture
  ///   can no longer be read; `EvaluationError` where a probability is no number.
  public func readingTraces(
    of dataset: ImageDataset, hasLabels: Bool = true, progress: (Int) -> Void = { _ in }
  ) throws -> ReadingTraces {
    try checkStreams()
    var traces = ReadingTraces(rows: preprocessing.timesteps, classes: classNames.count)
    try Scorer(network).forEachReading(DatasetSource(dataset, preprocessing: preprocessing)) {
      if let place = $2.firstIndex(where: { !$0.isFinite }) {
        throw EvaluationError.notANumber(sample: $0, classIndex: place % classNames.count)
      }
      traces.add(label: hasLabels ? $1 : nil, probabilities: $2.span)
      progress($0 + 1)
    }
    return traces
  }

  /// Calibrates an early exit, keeps it as `earlyExit`, and returns it; see `EarlyExitCalibration`.
  ///
  /// - Parameters:
  ///   - dataset: pictures that served neither training nor the choice of an epoch.
  ///   - traces: what the classifier says of them.
  ///   - risk: what may go wrong, and how often.
  ///   - confidence: how sure that is to be, 1 − δ.
  ///   - seed: decides which of them screen.
  /// - Throws: `EvaluationError`.
  @discardableResult
  public func calibrateEarlyExit(
    on dataset: ImageDataset, _ traces: ReadingTraces, risk: EarlyExitRisk, confidence: Double,
    seed: UInt64 = 0
  ) throws(EvaluationError) -> EarlyExit {
    let found = try EarlyExitCalibration(traces, risk: risk, confidence: confidence, seed: seed)
    let exit = EarlyExit(
      rule: found.rule, risk: risk, confidence: confidence, screened: found.screened,
      tested: found.tested, thresholds: found.thresholds, taken: found.taken, wrong: found.wrong,
      early: found.early, meanRows: found.meanRows,
      dataFingerprint: dataset.fingerprint.description, weightsFingerprint: weightsFingerprint,
      precision: network.precision.rawValue,
      instructionSet: network.kernels.instructionSet.rawValue)
    earlyExit = exit
    return exit
  }
}
