import ArgumentParser
import Rowwise
import RowwiseDatasetLoading
import RowwiseEvaluation
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseTexts
import RowwiseTraining

/// `rowwise evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure how well a model classifies a data set.",
    discussion: """
      MODEL is a model file or a run folder, or several with commas between them, whose probabilities are \
      averaged. Of DATA the test part is taken, else the validation \
      part, else all of it.

      With --require or --baseline the exit status is 1 where a requirement is not met, and \
      standard error says which. It is 1, too, where images cannot be read; these are left out.

      Examples:
        rowwise evaluate runs/digits-1 digits
        rowwise evaluate model.safetensors pictures/ --report report
        rowwise evaluate model.safetensors pictures/ --report report --evidence
        rowwise evaluate model.safetensors fashion-mnist --format json
        rowwise evaluate model.safetensors digits --require "accuracy>=0.95" \\
          --require "per_class.recall>=0.9" --baseline report/metrics.json \\
          --junit results.xml
        rowwise evaluate runs/digits-1 own-photos/ --invert auto
        rowwise evaluate runs/digits-1 digits --views 9
        rowwise evaluate runs/digits-1 digits --precision int8
        rowwise evaluate runs/digits-1,runs/digits-2,runs/digits-3 digits
        rowwise evaluate runs/digits-1 digits --folds 5 --report suspects
        rowwise evaluate runs/digits-1 digits --early-exit \\
          --require "early_exit.lost<=0.01"
      """)

  /// How the figures are written to standard output.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case table, json, csv
  }

  @Argument(help: "The model file or run folder, or several: A,B,C.", completion: .file())
  var model: String

  @Argument(help: "The data set: a path or a name.", completion: .file())
  var data: String

  @Option(help: "The part of the data: train, validation, test or whole. (default: see above)")
  var part: DatasetPart?

  @Option(
    help: """
      What becomes of images of classes that the model does not know: an error, skip them, or other to \
      take them for the model's class "other".
      """)
  var unknownClasses = DatasetOptions.UnknownClasses.error

  @Option(
    help: """
      A folder for report.html, metrics.json, confusion.csv, confusion.png, predictions.csv and, \
      where MODEL has not learnt the labels, suspected_labels.csv: new, empty, or one that an \
      earlier evaluation has filled.
      """, completion: .directory)
  var report: String?

  @Flag(
    help: """
      With --report: show in the page which rows and pixels of each picture of its galleries moved the \
      answer, as rowwise explain does.
      """)
  var evidence = false

  @Option(help: "How to write the figures to standard output.")
  var format = Format.table

  @Option(
    help: """
      For which program CSV is written: plain, or excel, with a byte order mark and an apostrophe before \
      what would be a formula.
      """)
  var csvStyle = CSVStyle.plain

  @Flag(
    help: """
      Also follow the early exit that rowwise calibrate --early-exit has left in the model file: what \
      it saves, what it loses and gains, as early_exit in metrics.json and in the page.
      """)
  var earlyExit = false

  @OptionGroup var looks: ViewOptions
  @OptionGroup(title: "Requirements") var gates: GateOptions
  @OptionGroup(title: "Cross-validation") var folds: FoldOptions
  @OptionGroup(title: "Unlike the training images") var pictures: PictureOptions
  @OptionGroup(title: "Images") var reading: ReadingOptions
  @OptionGroup(title: "Images") var list: ListOptions
  @OptionGroup(title: "Machine") var engine: EngineOptions
  @OptionGroup(title: "Messages") var consoleOptions: ConsoleOptions

  func validate() throws {
    try looks.check(
      against: [
        ("folds", folds.folds != nil), ("evidence", evidence), ("early-exit", earlyExit),
      ])
    guard csvStyle == .plain || format == .csv || report != nil else {
      throw ValidationError("--csv-style goes with --format csv or --report")
    }
    if earlyExit, folds.folds != nil {
      throw ValidationError(
        "--folds judges networks that have no early exit; leave --early-exit out")
    }
    if folds.folds != nil { try engine.checkTrains("training the networks of --folds") }
    guard evidence else { return }
    try engine.checkTrains("--evidence")
    if report == nil { throw ValidationError("--evidence goes with --report") }
    if folds.folds != nil {
      throw ValidationError(
        "--evidence is of one network; with --folds each picture has another: leave one of them out"
      )
    }
  }

  func run() throws {
    let console = consoleOptions.console
    defer { console.clearProgress() }
    let start = ContinuousClock.Instant.now
    let baseline = try gates.readBaseline()
    let paths = try ModelPath.resolveAll(model, before: [data], of: "evaluate")
    let ensemble = try engine.loadTogether(paths, reading)
      .reading(pictures, looks, from: paths.joined(separator: ","))
    console.tellOfThreads(ensemble.members[0].classifier, asked: engine.threadCount)
    console.tellOfPrecision(ensemble)
    try checkSingle(ensemble)
    let exit = try earlyExit ? checkedExit(ensemble.members[0].classifier) : nil
    try gates.checkMetrics(classNames: ensemble.classNames, hasEarlyExit: exit != nil)
    let folder = try report.map { path throws(CommandError) in
      try RunFolder(creating: path, replacing: EvaluationFiles.names)
    }
    let samples: DataForEnsemble
    let run: EvaluationRun
    var summary: ClassificationReport
    do {
      // It may be meant to lie in the report's folder.
      try gates.checkOutput()
      samples = try DataForEnsemble(
        data, part: part,
        preferring: folds.folds == nil ? \.evaluationPart : \.trainingPart,
        for: ensemble, list, reading, engine, unknownClasses: unknownClasses, console)
      run = try ask(samples, console)
      summary = try summarize(run, samples, paths)
      if ensemble.measuresPictures {
        let unusual = UnusualPictures(samples.first)
        summary.pictures = unusual.counts
        console.clearProgress()
        unusual.tell(console, ensemble.adaptation)
      }
      if engine.precision == .int8 {
        summary.precisionCost = try precisionCost(run, samples, paths, console)
      }
      if let exit {
        summary.earlyExit = try EarlyExitRun(
          classifier: ensemble.members[0].classifier, exit: exit, dataset: samples.first,
          decoding: reading.decoding, console: console
        ).report()
      }
      console.clearProgress()
      if let folder {
        try EvaluationFiles(
          summary, run, of: samples, model: paths.joined(separator: ","), showsEvidence: evidence
        ).write(to: folder, csvStyle)
        console.log("report: \(TerminalText.printable(folder.path))")
      }
    } catch {
      folder?.discard()
      throw error
    }
    switch format {
    case .table:
      try console.write(table(summary, console))
      if let exit = summary.earlyExit { try console.write("\n" + exit.table) }
    case .json: try console.write(summary.json)
    case .csv: try console.write(csvStyle.file(summary.csv))
    }
    let holds = try gates.check(
      summary, samples: baseline == nil ? [] : run.samples, baseline: baseline,
      seconds: (ContinuousClock.Instant.now - start) / .seconds(1), console)
    if !holds || !samples.first.report.badImages.isEmpty {
      throw EndedWith(status: .someInputsFailed)
    }
  }

  /// Throws where something is asked for that only one network has.
  private func checkSingle(_ ensemble: ImageEnsemble) throws(CommandError) {
    for (option, isGiven) in [
      ("--folds", folds.folds != nil), ("--evidence", evidence), ("--early-exit", earlyExit),
    ] where isGiven {
      _ = try ensemble.single(for: option, model)
    }
  }

  private func checkedExit(_ classifier: ImageClassifier) throws -> EarlyExit {
    try classifier.checkStreams()
    return try classifier.checkedEarlyExit()
  }

  private func ask(_ data: DataForEnsemble, _ console: Console) throws -> EvaluationRun {
    let ensemble = data.ensemble
    var run = EvaluationRun(
      data.first,
      keepsProbabilities: report != nil || format == .json || gates.needsProbabilities,
      writesPredictions: report != nil, tellsOfPictures: ensemble.measuresPictures)
    guard let count = folds.folds else {
      try run.ask(data, console)
      return run
    }
    let classifier = ensemble.members[0].classifier
    let options = folds.training(ensemble.members[0].provenance)
    try checkMemory(classifier, options, data.first)
    guard try run.askFolds(count, like: classifier, options: options, console) else {
      console.log("stopped; nothing is written")
      throw EndedWith(status: .interrupted)
    }
    return run
  }

  /// Throws where training the networks of folds would take more memory than there is.
  private func checkMemory(
    _ classifier: ImageClassifier, _ options: TrainingOptions, _ dataset: ImageDataset
  ) throws {
    let network = classifier.network
    try MemoryPlan(
      training: WorkSpace(
        of: network.layers, timesteps: network.timesteps, features: network.features),
      options: options, count: dataset.count, activationBudget: 1 << 30,
      what: "training networks like \(model)",
      advice: "evaluate it without --folds"
    ).check(allowed: engine.memory)
  }

  private func summarize(
    _ run: EvaluationRun, _ data: DataForEnsemble, _ paths: [String]
  ) throws -> ClassificationReport {
    let members = data.ensemble.members
    var options = ClassificationReport.Options(
      model: paths.joined(separator: ","), data: data.first.path)
    options.part = data.first.part.description
    options.modelFingerprint = try FileFingerprint.text(ofFilesAt: paths)
    options.dataFingerprint = data.first.fingerprint.description
    options.folds = folds.folds
    options.views = looks.views > 1 ? looks.views : nil
    options.members = members.count > 1 ? members.count : nil
    var summary = try ClassificationReport(run.accumulator, options: options)
    // The networks of folds are not scaled; of a mean of several answers scaling cannot be taken back.
    if let temperature = members[0].provenance.temperature, folds.folds == nil, looks.views == 1,
      members.count == 1,
      run.accumulator.keepsProbabilities
    {
      summary.calibrationChange = try CalibrationChange(
        undoing: temperature, in: run.accumulator, binCount: options.calibrationBins)
    }
    return summary
  }

  /// Asks the same models with float32 products, too.
  private func precisionCost(
    _ run: EvaluationRun, _ data: DataForEnsemble, _ paths: [String], _ console: Console
  ) throws -> PrecisionCost {
    var plain = engine
    plain.precision = .float32
    let ensemble = try plain.loadTogether(paths, reading)
      .reading(pictures, looks, from: paths.joined(separator: ","))
    var again = EvaluationRun(data.first, keepsProbabilities: false, writesPredictions: false)
    try again.ask(DataForEnsemble(ensemble: ensemble, datasets: data.datasets), console)
    return PrecisionCost(engine.precision.rawValue, run.accumulator, against: again.accumulator)
  }

  private func table(_ report: ClassificationReport, _ console: Console) -> String {
    let width = console.outputColumns
    return report.table(width: width) + "\n"
      + report.confusion.text(width: width, colored: console.colorsOutput)
  }
}

extension DatasetPart: ExpressibleByArgument {}
extension DatasetOptions.UnknownClasses: ExpressibleByArgument {}
