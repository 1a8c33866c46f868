import ArgumentParser
import RowwiseDatasetLoading
import RowwiseFiles
import RowwiseImageDecoding
import RowwiseRowSequencing
import RowwiseTexts

/// `rowwise inspect`.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a data set, a model or an image is.",
    discussion: """
      Of a folder of pictures it also tells which files in it and below cannot be read, have the \
      same bytes, have another size than most, or are named as another format. Of a data set it names \
      images with the pixels of another, above all in another class, and those that are of one colour; json \
      has all of them (repeats, constant).

      Of several models, A,B,C, which answer together, each is shown; their classes may stand in any order.

      Examples:
        rowwise inspect digits
        rowwise inspect pictures/ --format json
        rowwise inspect runs/digits-1
        rowwise inspect runs/digits-1,runs/digits-2
        rowwise inspect photo.jpg
        rowwise inspect digits --augment strong --contact-sheet sheet.png
      """)

  /// How the findings are written.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case table, json
  }

  @Argument(
    help: """
      A data set's file, folder or name, a model file or run folder, or several: A,B,C, or an image file.
      """,
    completion: .file())
  var path: String

  @Option(help: "How to write it.")
  var format = Format.table

  @Option(
    help: ArgumentHelp(
      "Of a data set: random changes as train --augment makes them.", valueName: "changes"),
    transform: { try AugmentOptions.augmentation($0) })
  var augment: Augmentation?

  @Option(
    help: ArgumentHelp(
      "A PNG file to show such changes in: samples side by side, each as it is and changed.",
      valueName: "file"), completion: .file())
  var contactSheet: String?

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var list: ListOptions
  @OptionGroup var workers: ThreadOptions
  @OptionGroup var consoleOptions: ConsoleOptions

  func validate() throws {
    guard (augment == nil) == (contactSheet == nil) else {
      throw ValidationError("--augment and --contact-sheet go together")
    }
    if contactSheet != nil, format != .table {
      throw ValidationError("--contact-sheet writes a picture; leave --format out")
    }
    if let contactSheet, ImageFormat.hasImageName(contactSheet),
      !contactSheet.lowercased().hasSuffix(".png")
    {
      throw ValidationError("--contact-sheet writes a PNG file; \(contactSheet) is named otherwise")
    }
  }

  func run() throws {
    let console = consoleOptions.console
    defer { console.clearProgress() }
    if list.columns != nil {
      try inspectDataset(console)
      return
    }
    if let models = try ModelPath.findAll(path) {
      try checkNoContactSheet("a model")
      guard !reading.lenient else {
        throw ValidationError("--lenient goes with image files; \(path) is a model")
      }
      let summary = try EnsembleSummary(paths: models)
      try console.write(
        format == .table ? summary.table(columns: console.outputColumns) : summary.json.pretty)
      return
    }
    if let kind = FileKind(path: path), !kind.isFolder, try Self.isImage(path) {
      try checkNoContactSheet("an image")
      let summary = try ImageSummary(path: path, reading: reading.decoding)
      try console.write(
        format == .table ? summary.table(columns: console.outputColumns) : summary.json.pretty)
      if let problem = summary.problem, !summary.isUnreadable {
        console.warn("\(path): \(problem)")
      }
      if summary.isUnreadable { throw EndedWith(status: .badData) }
      return
    }
    do {
      try inspectDataset(console)
    } catch let error as DatasetError where contactSheet == nil && isStillTree(error) {
      // Not to be trained on as it is, but a tree of pictures all the same.
      let survey = try survey(path, console)
      console.clearProgress()
      console.log("no data set: \(error)")
      try console.write(
        format == .table ? survey.table(columns: console.outputColumns) : survey.json.pretty)
      if !survey.unreadable.isEmpty { throw EndedWith(status: .someInputsFailed) }
    }
  }

  private func checkNoContactSheet(_ kind: String) throws {
    guard contactSheet == nil else {
      throw ValidationError(
        "--augment and --contact-sheet go with data sets; \(path) is \(kind)")
    }
  }

  private func inspectDataset(_ console: Console) throws {
    var options = DatasetOptions()
    options.decoding = reading.decoding
    options.threads = workers.count
    options.progress = console.readingProgress()
    try ModelPath.checkKind(path)
    let layout = try DatasetLoader.locate(
      path, searching: DatasetFolders.ofProcess, columns: list.columns)
    if let contactSheet, let augment {
      try OutputFile.check(contactSheet)
      let dataset = try layout.load(layout.trainingPart ?? .train, options: options)
      console.clearProgress()
      let warnings = DataWarnings(console)
      warnings.tell(layout.report)
      warnings.tell(dataset.report)
      try PNGWriter.write(
        ContactSheet(dataset, augment, seed: 0).picture(), toPath: contactSheet)
      try console.write(contactSheet + "\n")
      if !dataset.report.badImages.isEmpty { throw EndedWith(status: .someInputsFailed) }
      return
    }
    var summary = try DatasetSummary(layout, options: options)
    if layout.kind == .folders { summary.survey = try survey(layout.path, console) }
    console.clearProgress()
    try console.write(
      format == .table ? summary.table(columns: console.outputColumns) : summary.json.pretty)
    if summary.badImageCount > 0 { throw EndedWith(status: .someInputsFailed) }
  }

  /// Reads all files of a folder and below.
  private func survey(_ folder: String, _ console: Console) throws -> ImageSurvey {
    let start = ContinuousClock.Instant.now
    return ImageSurvey(
      paths: try ImageTree.files(in: folder), reading: reading.decoding,
      threads: workers.count
    ) { done, total in
      console.showProgress {
        ProgressRow.counting("checking", done, of: total, since: start)
      }
    }
  }

  /// Whether a folder that is no data set has images nevertheless.
  private func isStillTree(_ error: DatasetError) -> Bool {
    // A file of many pictures behaves as a folder once it was opened.
    guard FileKind(path: path)?.isFolder == true, !path.lowercased().hasSuffix(".npz") else {
      return false
    }
    return switch error {
    case .noClassFolders, .tooFewClasses, .wrapped, .unclear: true
    case .allImagesBad(let path, _, _): FileKind(path: path)?.isFolder == true
    default: false
    }
  }

  /// Whether the file begins as an image does that can be read.
  private static func isImage(_ path: String) throws(ImageDecodingError) -> Bool {
    let isNamed = PictureCandidate.hasPictureName(path)
    do throws(ImageDecodingError) {
      _ = try ImageRowReader(path: path)
      return true
    } catch {
      switch error {
      // No image by its first bytes: it may be a data set's file, unless its name says otherwise.
      case .unknownFormat where !isNamed, .empty where !isNamed, .foreignFormat where !isNamed:
        return false
      default: throw error
      }
    }
  }
}
