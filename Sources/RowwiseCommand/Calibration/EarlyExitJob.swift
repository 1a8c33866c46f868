import Rowwise
import RowwiseDatasetLoading
import RowwiseEvaluation
import RowwiseFiles
import RowwiseTexts

/// `rowwise calibrate --early-exit`.
struct EarlyExitJob {
  let command: CalibrateCommand
  let risk: EarlyExitRisk
  let console: Console

  /// 1 − δ.
  private var confidence: Double { command.exits.confidence ?? 0.95 }

  func run() throws {
    let path = try ModelPath.resolve(command.model, before: [command.data], of: "calibrate")
    let target = command.output ?? path
    try OutputFile.check(target)
    let (classifier, provenance) = try command.engine.load(path, command.reading)
    console.tellOfThreads(classifier, asked: command.engine.threadCount)
    try classifier.checkStreams()
    let (dataset, hasLabels) = try images(for: classifier, provenance)
    console.log(
      "calibration data: \(NumberText.grouped(dataset.count)) images of \(dataset.path)"
        + (hasLabels ? "" : ", without labels"))
    let start = ContinuousClock.Instant.now
    let traces = try classifier.readingTraces(of: dataset, hasLabels: hasLabels) { count in
      console.showProgress {
        ProgressRow.counting("reading", count, of: dataset.count, since: start)
      }
    }
    console.clearProgress()
    let exit = try classifier.calibrateEarlyExit(
      on: dataset, traces, risk: risk, confidence: confidence, seed: provenance.seed ?? 0)
    tell(of: exit, classifier)
    try classifier.save(toPath: target, provenance: provenance)
    try console.write(target + "\n")
    if !dataset.report.badImages.isEmpty { throw EndedWith(status: .someInputsFailed) }
  }

  /// The part named, or else the test part or all there is; refused where the model knows them.
  ///
  /// Disagreement needs no labels: a folder of pictures that is no data set will do for it.
  private func images(
    for classifier: ImageClassifier, _ provenance: Provenance
  ) throws -> (dataset: ImageDataset, hasLabels: Bool) {
    let warnings = DataWarnings(console)
    let layout: DatasetLayout
    do {
      layout = try DataForModel.locate(command.data, command.list, warnings)
    } catch let error as DatasetError {
      guard let layout = try unlabelled(for: classifier) else { throw error }
      let dataset = try DataForModel.load(
        layout, .test, for: classifier, command.reading, command.engine, warnings)
      try checkPixels(of: dataset, provenance, hasLabels: false)
      return (dataset, false)
    }
    func load(_ part: DatasetPart) throws -> ImageDataset {
      try DataForModel.load(
        layout, part, for: classifier, command.reading, command.engine, warnings)
    }
    let part = command.part ?? layout.evaluationPart ?? .whole
    let dataset = try load(part)
    if try isKnown(dataset, provenance) {
      throw refusal(layout.path, "the model was trained on these images, or most of them")
    }
    if part != .train, part != .test, layout.parts.contains(.train),
      try isKnown(load(.train), provenance)
    {
      throw refusal(
        layout.path, "the model was trained on some of these images, or its epoch chosen by them")
    }
    try checkPixels(of: dataset, provenance, hasLabels: true)
    return (dataset, true)
  }

  /// Of images that can be told of, the share that may have been learnt, as pictures that are in two parts
  /// by mistake; and the fewest that say something about all.
  private static let (mostLearnt, fewestTold) = (0.1, 20)

  /// Tells of images that the model has learnt, whatever their labels, names and order.
  ///
  /// - Throws: `CommandError.unusableInput` where these are many.
  private func checkPixels(
    of dataset: ImageDataset, _ provenance: Provenance, hasLabels: Bool
  ) throws {
    guard let sketch = provenance.trainingPixels else {
      // Of a model of 0.1 only the data as a whole are known again.
      guard !hasLabels else { return }
      return console.caution(
        "without labels it cannot be told whether the model, which an earlier version trained, has learnt "
          + "some of these images; what is guaranteed holds only if it has not")
    }
    let (told, learnt) = try dataset.learntShare(by: sketch, threads: command.engine.threadCount)
    let of = "\(NumberText.grouped(learnt)) of the \(NumberText.grouped(told)) that can be told of"
    if learnt > 0, Double(learnt) >= Self.mostLearnt * Double(told) {
      throw refusal(dataset.path, "the model was trained on images with the same pixels (\(of))")
    }
    if learnt > 0 {
      console.caution(
        "the model was trained on some of these images (\(of)); what is guaranteed holds for others "
          + "only as far as these are few")
    } else if told < Self.fewestTold, !hasLabels {
      console.caution(
        "whether the model was trained on these images can be told of \(NumberText.grouped(told)) of "
          + "\(NumberText.grouped(dataset.count)) only, which it was not; what is guaranteed holds only if "
          + "it was not on the others")
    }
  }

  /// The pictures of a folder that holds no others, where no labels are needed and no part is asked for.
  private func unlabelled(for classifier: ImageClassifier) throws -> DatasetLayout? {
    guard risk.kind == .disagreement, command.part == nil,
      let entries = try? FileSystem.entries(of: command.data),
      !entries.isEmpty, entries.allSatisfy({ $0.kind != .folder })
    else { return nil }
    let pictures = try ImagePaths(arguments: [command.data])
    return DatasetLayout(
      unlabelled: pictures.paths, at: command.data, classNames: classifier.classNames)
  }

  /// Whether the images, or what is left of them once a share is held back, were trained on.
  private func isKnown(_ dataset: ImageDataset, _ provenance: Provenance) throws -> Bool {
    guard let trained = provenance.dataFingerprint else { return false }
    if dataset.fingerprint.description == trained { return true }
    let share = command.validationSplit ?? TrainingData.standardShare
    guard
      let kept = try? dataset.stratifiedSplit(holdingBack: share, seed: provenance.seedOfSplit).0
    else { return false }
    return kept.fingerprint.description == trained
  }

  private func refusal(_ path: String, _ reason: String) -> CommandError {
    .unusableInput(
      path: path,
      reason: "\(reason), so that nothing could be guaranteed for others; give images that served "
        + "neither, such as --part test")
  }

  private func tell(of exit: EarlyExit, _ classifier: ImageClassifier) {
    let sure = NumberText.percent(exit.confidence, decimals: 1)
    guard exit.taken > 0 else {
      let fewest = EarlyExitCalibration.fewestTests(risk, confidence: exit.confidence)
      console.caution(
        "no threshold keeps to \(risk) with \(sure) confidence by \(exit.tested) images: nothing "
          + "stops early; "
          + (exit.tested < fewest
            ? "at least \(fewest) have to test, \(fewest * 10 / 7 + 1) in all, even where none is "
              + "wrong"
            : "give more images, allow more, or train with --recipe streaming"))
      return
    }
    let share = exit.meanRows / Double(exit.rule.rows)
    console.log(
      "\(risk)\(scopeText), guaranteed with \(sure) confidence by \(exit.tested) images "
        + "(\(exit.screened) more chose the rule): wrong for \(exit.wrong)")
    console.log(
      "reads \(NumberText.fixed(exit.meanRows, decimals: 1)) of \(exit.rule.rows) rows in the mean "
        + "(\(NumberText.percent(share, decimals: 1))); "
        + "\(NumberText.percent(Double(exit.early) / Double(exit.tested), decimals: 1)) stop early")
  }

  private var scopeText: String {
    switch risk.scope {
    case .all: ""
    case .early: " of those that stop early"
    case .eachClass: " for each class"
    }
  }
}
