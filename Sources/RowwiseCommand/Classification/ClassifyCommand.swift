import ArgumentParser
import Compute
import Evaluation
import Rowwise

/// `rowwise classify`.
struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Classify image files.",
    discussion: """
      MODEL is a model file or a run folder. A PATH is an image file, a folder (all picture \
      files in it and below, in natural order), a pattern such as "scans/*.png", or - for paths on \
      standard input, one a row. There is one row of output for each image, in the order of the \
      input; an image that cannot be read gets a row that says why.

      Examples:
        rowwise classify runs/digits-1 photo.png
        rowwise classify model.safetensors scans/ --format csv > scans.csv
        find . -name "*.jpg" | rowwise classify model.safetensors - --format jsonl
      """)

  @Argument(help: "The model file or run folder.")
  var model: String

  @Argument(help: "Image files, folders, patterns, or - for paths on standard input.")
  var paths: [String]

  @Option(help: "How many classes to show, the likeliest first.")
  var top = 3

  @Option(help: "How to write the rows: table, csv or jsonl.")
  var format = ClassificationFormat.table

  @OptionGroup var engine: EngineOptions
  @OptionGroup var consoleOptions: ConsoleOptions

  func validate() throws {
    if top < 1 { throw ValidationError("--top must be at least 1, got \(top)") }
  }

  func run() throws {
    let console = consoleOptions.console
    defer { console.clearProgress() }
    let modelPath = try ModelPath.resolve(model)
    let images = try ImagePaths(arguments: paths) { readLine() }
    // A single image is done before a second thread has started.
    let threads = max(1, min(engine.threadCount, images.paths.count))
    let (classifier, _) = try ImageClassifier.load(
      path: modelPath, threads: threads, instructionSet: engine.instructionSet,
      precision: engine.precision)
    if images.passedOverCount > 0 {
      console.log("passed over \(images.passedOverCount) files whose names are not those of images")
    }
    let writer = ClassificationWriter(
      format: format, paths: images.paths, classNames: classifier.classNames, top: top)
    let fileClassifier = FileClassifier(classifier, top: top)
    let start = ContinuousClock.Instant.now
    var failures: [ClassifiedImage] = []
    try console.write(writer.head)
    for first in stride(from: 0, to: images.paths.count, by: fileClassifier.batchSize) {
      let end = min(first + fileClassifier.batchSize, images.paths.count)
      let results = fileClassifier.classify(images.paths[first..<end])
      try console.write(results.map { writer.row($0) }.joined())
      failures += results.filter(\.isFailed)
      console.showProgress {
        ProgressRow.counting("classifying", end, of: images.paths.count, since: start)
      }
    }
    console.clearProgress()
    try report(failures, of: images.paths.count)
  }

  /// Ends with an error where images could not be read.
  private func report(_ failures: [ClassifiedImage], of count: Int) throws {
    guard let first = failures.first, case .failed(let reason) = first.outcome else { return }
    let missing = FileKind(path: first.path) == nil
    let noneStatus: CommandStatus = missing ? .inputNotFound : .badData
    let what =
      count == 1 ? "" : "\(failures.count) of \(count) images cannot be classified; the first: "
    throw CommandFailure(
      message: "\(what)\(first.path): \(reason)",
      status: failures.count == count ? noneStatus : .someInputsFailed)
  }
}

extension ClassificationFormat: ExpressibleByArgument {}

extension ClassifiedImage {
  /// Whether there is no class.
  var isFailed: Bool {
    if case .failed = outcome { true } else { false }
  }
}
