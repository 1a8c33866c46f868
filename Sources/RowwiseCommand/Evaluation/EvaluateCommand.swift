import ArgumentParser
import DatasetLoading
import Evaluation
import ModelExchange
import Rowwise

/// `rowwise evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure how well a model classifies a data set.",
    discussion: """
      MODEL is a model file or a run folder. Of DATA the test part is taken, else the validation \
      part, else all of it.

      Examples:
        rowwise evaluate runs/digits-1 digits
        rowwise evaluate model.safetensors pictures/ --report report
        rowwise evaluate model.safetensors fashion-mnist --format json
      """)

  /// How the figures are written to standard output.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case table, json, csv
  }

  @Argument(help: "The model file or run folder.")
  var model: String

  @Argument(help: "The data set: a path or a name.")
  var data: String

  @Option(help: "The part of the data: train, validation, test or whole. (default: see above)")
  var part: DatasetPart?

  @Option(
    help: """
      A folder for report.html, metrics.json, confusion.csv and predictions.csv: new, empty, or \
      one that an earlier evaluation has filled.
      """)
  var report: String?

  @Option(help: "How to write the figures to standard output.")
  var format = Format.table

  @OptionGroup var engine: EngineOptions
  @OptionGroup var consoleOptions: ConsoleOptions

  func run() throws {
    let console = consoleOptions.console
    defer { console.clearProgress() }
    let path = try ModelPath.resolve(model)
    let (classifier, provenance) = try ImageClassifier.load(
      path: path, threads: engine.threadCount, instructionSet: engine.instructionSet,
      precision: engine.precision)
    let dataset = try load(for: classifier, console)
    let folder = try report.map { path throws(CommandError) in
      try RunFolder(creating: path, replacing: EvaluationFiles.names)
    }
    let result = try evaluate(classifier, on: dataset, console)
    let summary = try ClassificationReport(
      result.accumulator, options: .init(model: path, data: dataset.path))
    console.clearProgress()
    if let folder {
      let page = try ReportPage.render(
        summary, result.accumulator, of: dataset, model: path, provenance: provenance)
      try EvaluationFiles(report: summary, predictions: result.predictions, page: page)
        .write(to: folder)
      console.log("report: \(TerminalText.printable(folder.path))")
    }
    switch format {
    case .table: try console.write(table(summary, console))
    case .json: try console.write(summary.json)
    case .csv: try console.write(summary.csv)
    }
    if !dataset.report.badImages.isEmpty { throw EndedWith(status: .someInputsFailed) }
  }

  private func load(for classifier: ImageClassifier, _ console: Console) throws -> ImageDataset {
    var options = DatasetOptions()
    options.width = classifier.preprocessing.width
    options.height = classifier.preprocessing.height
    options.color = classifier.preprocessing.color
    options.classNames = classifier.classNames
    options.threads = engine.threadCount
    options.progress = console.readingProgress()
    let layout = try DatasetLoader.locate(data, searching: DatasetFolders.ofProcess)
    layout.report.lines().forEach { console.warn($0) }
    let dataset = try layout.load(part ?? layout.evaluationPart ?? .test, options: options)
    dataset.report.lines().forEach { console.warn($0) }
    return dataset
  }

  private func evaluate(
    _ classifier: ImageClassifier, on dataset: ImageDataset, _ console: Console
  ) throws -> (accumulator: EvaluationAccumulator, predictions: String) {
    let start = ContinuousClock.Instant.now
    let table = PredictionTable(classNames: classifier.classNames, top: 3)
    let wantsPredictions = report != nil
    var predictions = wantsPredictions ? table.header : ""
    var accumulator = EvaluationAccumulator(
      classNames: classifier.classNames, keepsProbabilities: wantsPredictions || format == .json)
    try classifier.forEachPrediction(of: dataset) { index, label, probabilities in
      try accumulator.add(label: label, probabilities: probabilities)
      if wantsPredictions {
        predictions += table.row(
          Prediction(
            sample: dataset.sampleName(at: index), label: label, probabilities: probabilities.span,
            top: 3))
      }
      console.showProgress {
        ProgressRow.counting("evaluating", index + 1, of: dataset.count, since: start)
      }
    }
    return (accumulator, predictions)
  }

  private func table(_ report: ClassificationReport, _ console: Console) -> String {
    let width = console.outputColumns ?? Console.defaultColumns
    return report.table(width: width) + "\n"
      + report.confusion.text(width: width, colored: console.colorsOutput)
  }
}

extension DatasetPart: ExpressibleByArgument {}
