import ArgumentParser
import Rowwise
import RowwiseDatasetLoading
import RowwiseEvaluation
import RowwiseTexts

/// `rowwise calibrate`.
struct CalibrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Make a model's probabilities mean what they say.",
    discussion: """
      Finds the temperature by which the logits are divided so that the loss on validation data is \
      least, and writes it into the model file: into the weights of the output layer, so that \
      classify, evaluate and every other program gives calibrated probabilities. No prediction of \
      a single model changes. Calibrating again starts from what was reached. Models in one file (rowwise combine) get one \
      temperature, with which the mean of their probabilities fits best.

      Of DATA the validation part is taken. Where there is none, the images are that rowwise train \
      held back from the training part, found again by the seed in the model file and checked by \
      the fingerprint of the others. With --part other images can be taken; those that the model \
      was trained on would give too low a temperature.

      With --early-exit it is calibrated instead when classify --early-exit may stop reading. Of DATA \
      the test part is taken, else the validation part or all of it: 30 % of the images choose the \
      rule, the others test it. For disagreement a folder of pictures without sub-folders or labels will do. \
      The rule is kept in the model file, for these weights only: calibrate the temperature first.

      Examples:
        rowwise calibrate runs/digits-1 digits
        rowwise calibrate model.safetensors pictures/ --part validation \\
          --output calibrated.safetensors
        rowwise calibrate runs/digits-1 more-digits/ --early-exit "lost<=0.005"
        rowwise calibrate MODEL scans/ --early-exit "disagreement<=0.01"
      """)

  @Argument(help: "The model file or run folder.", completion: .file())
  var model: String

  @Argument(help: "The data set: a path or a name.", completion: .file())
  var data: String

  @Option(help: "The part of the data: train, validation, test or whole. (default: see above)")
  var part: DatasetPart?

  @Option(
    help: """
      The share of the training part that was held back in training. (default: \
      \(TrainingData.standardShare))
      """)
  var validationSplit: Double?

  @Option(
    name: .shortAndLong, help: "The model file to write. (default: MODEL is replaced)",
    completion: .file())
  var output: String?

  @OptionGroup(title: "Early exit") var exits: EarlyExitOptions
  @OptionGroup(title: "Images") var reading: ReadingOptions
  @OptionGroup(title: "Images") var list: ListOptions
  @OptionGroup(title: "Machine") var engine: EngineOptions
  @OptionGroup(title: "Messages") var consoleOptions: ConsoleOptions

  func validate() throws {
    if let validationSplit {
      guard validationSplit > 0, validationSplit < 1 else {
        throw ValidationError("--validation-split must be between 0 and 1, got \(validationSplit)")
      }
      if part != nil, exits.earlyExit == nil {
        throw ValidationError("--part takes the images as they are; leave --validation-split out")
      }
    }
  }

  func run() throws {
    let console = consoleOptions.console
    defer { console.clearProgress() }
    if let risk = exits.risk {
      return try EarlyExitJob(command: self, risk: risk, console: console).run()
    }
    let path = try ModelPath.resolve(model, before: [data], of: "calibrate")
    let target = output ?? path
    try OutputFile.check(target)
    let ensemble = try engine.loadTogether([path], reading)
    console.tellOfThreads(ensemble.members[0].classifier, asked: engine.threadCount)
    let (images, lacksImages) = try validationData(for: ensemble, console)
    console.log(
      "validation data: \(NumberText.grouped(images.first.count)) images of \(images.first.path)")
    var scaling = try ensemble.fittedTemperature(on: images.datasets)
    if scaling.isAtLimit {
      tellOfLimit(console)
      scaling = TemperatureScaling(temperature: 1)
    }
    let before = try figures(of: images, console)
    let scaled = ensemble.scalingLogits(by: scaling)
    let after = try figures(of: images, console)
    try scaled.save(toPath: target)
    let temperatures = scaled.members.map {
      NumberText.fixed($0.provenance.temperature ?? 1, decimals: 4)
    }
    console.log("temperature \(temperatures.joined(separator: ", "))")
    console.log("before: \(before)")
    console.log("after:  \(after)")
    try console.write(target + "\n")
    if lacksImages { throw EndedWith(status: .someInputsFailed) }
  }

  private func tellOfLimit(_ console: Console) {
    let range = TemperatureScaling.range
    console.caution(
      "no temperature from \(range.lowerBound) to \(range.upperBound) fits best: these images "
        + "cannot tell it, such as where none is misread, or the model is no better than guessing; "
        + "the probabilities stay as they are; more or other validation images can tell")
  }

  /// What the temperature is fitted on, and whether images of it had to be left out.
  private func validationData(
    for ensemble: ImageEnsemble, _ console: Console
  ) throws -> (data: DataForEnsemble, lacksImages: Bool) {
    let warnings = DataWarnings(console)
    let layout = try DataForModel.locate(data, list, warnings)
    if let part = part ?? (layout.parts.contains(.validation) ? .validation : nil) {
      guard validationSplit == nil else {
        throw ValidationError(
          "--validation-split is for data without a validation part; \(layout.path) has one")
      }
      let images = try DataForEnsemble(layout, for: ensemble) { classifier in
        try DataForModel.load(layout, part, for: classifier, reading, engine, warnings)
      }
      return (images, !images.first.report.badImages.isEmpty)
    }
    let validationSplit = validationSplit ?? TrainingData.standardShare
    let whole = try DataForEnsemble(layout, for: ensemble) { classifier in
      try DataForModel.load(
        layout, layout.trainingPart ?? .train, for: classifier, reading, engine, warnings)
    }
    let seeds = Set(ensemble.members.map(\.provenance.seedOfSplit))
    guard let seed = seeds.first, seeds.count == 1 else {
      throw CommandError.unusableInput(
        path: model,
        reason:
          "its models were trained with other seeds, so that each has learnt what was held back "
          + "from another; name images that none has learnt with --part, calibrate the models before "
          + "they are combined, or train them with one --split-seed")
    }
    let heldBack = try zip(ensemble.members, whole.datasets).map { member, dataset in
      let (kept, heldBack) = try dataset.stratifiedSplit(holdingBack: validationSplit, seed: seed)
      guard kept.fingerprint.description == member.provenance.dataFingerprint else {
        throw CommandError.unusableInput(
          path: layout.path,
          reason: "no validation part, and its training part without a share of \(validationSplit) "
            + "is not what the model was trained on; name a part with --part, or the share held back "
            + "in training with --validation-split")
      }
      return heldBack
    }
    return (
      DataForEnsemble(ensemble: ensemble, datasets: heldBack),
      !whole.first.report.badImages.isEmpty
    )
  }

  private func figures(of data: DataForEnsemble, _ console: Console) throws -> String {
    var run = EvaluationRun(data.first, keepsProbabilities: false, writesPredictions: false)
    try run.ask(data, console)
    console.clearProgress()
    let report = try ClassificationReport(run.accumulator, options: .init(bootstrap: nil))
    return "loss \(NumberText.fixed(report.loss, decimals: 4)) nats, calibration error "
      + "\(NumberText.fixed(report.calibration.expectedError, decimals: 4)), accuracy "
      + NumberText.percent(report.accuracy)
  }
}
