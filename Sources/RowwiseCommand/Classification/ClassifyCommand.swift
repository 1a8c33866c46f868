import ArgumentParser
import Rowwise
import RowwiseAnswers
import RowwiseDatasetLoading
import RowwiseFiles
import RowwiseSystem
import RowwiseTexts

/// `rowwise classify`.
struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Classify image files.",
    discussion: """
      MODEL is a model file or a run folder, or several with commas between them, whose probabilities are \
      averaged. A PATH is an image file, a folder or a zip or tar file \
      (all picture files in it and below, in natural order), a table of pixels or NumPy arrays (rows \
      are called FILE#0, FILE#1, …), a pattern such as "scans/*.png", or - for paths on \
      standard input, one a row or as find -print0 writes them, each answered as it comes. There is \
      one row of output for each image, in the order of the input; an image that cannot be read gets \
      a row that says why. A table is made to fit the terminal: paths are cut at their beginning, \
      then the less likely classes are left out, and reasons are folded; csv and jsonl have \
      everything. Images that are unlike those that the model was trained on are told once, with what may \
      help; csv and jsonl have unusual and inverted.

      Examples:
        rowwise classify runs/digits-1 photo.png
        rowwise classify model.safetensors scans/ --format csv > scans.csv
        rowwise classify runs/digits-1 my-handwriting.jpg --invert auto --trim
        rowwise classify runs/digits-1 scans/ --views 9
        rowwise classify runs/digits-1,runs/digits-2,runs/digits-3 scans/
        find . -name "*.jpg" | rowwise classify model.safetensors - --format jsonl
        cat photo.png | rowwise classify model.safetensors --stream -
        camera | rowwise classify model.safetensors --stream - --every-row
        rowwise classify model.safetensors photos/ --early-exit --format csv
      """)

  @Argument(help: "The model file or run folder, or several: A,B,C.", completion: .file())
  var model: String

  @Argument(
    help: "Image files, folders, patterns, or - for paths on standard input.", completion: .file())
  var paths: [String]

  @Flag(
    help: """
      Read pictures row by row while their bytes come, in memory that does not grow with their height. \
      A PATH is then a file or pipe with one picture or many one after the other, and - stands for \
      such bytes on standard input. The model must read rows forwards. Where one picture cannot be \
      read, the next PNG or JPEG is looked for.
      """)
  var stream = false

  @Flag(
    help: """
      With --stream: write a JSON object after every timestep, as soon as its rows are there: row of \
      rows, source_row, bytes, prediction, probability, log_odds, top, answer, early, complete, \
      whole_image_reasons, guarantee.
      """)
  var everyRow = false

  @Flag(
    help: """
      Stop reading an image as soon as the rule allows it that rowwise calibrate --early-exit has left \
      in the model file: files are read only as far as needed, and how often that changes an answer \
      is guaranteed. csv has row, rows and early besides, jsonl what --every-row has.
      """)
  var earlyExit = false

  @Flag(
    help: """
      With --stream: refuse pictures whose rows can only be had when all bytes are there (interlaced \
      PNG, progressive JPEG, most BMP files, pictures that EXIF turns).
      """)
  var requireStreaming = false

  @Option(
    help: ArgumentHelp(
      "With --stream: seconds to wait for more bytes. (default: for ever)", valueName: "seconds"))
  var timeout: Double?

  @Option(help: "How many classes to show, the likeliest first.")
  var top = 3

  @Option(help: "How to write the rows: table, csv or jsonl.")
  var format = ClassificationFormat.table

  @Option(
    help: """
      For which program csv is written: plain, or excel, with a byte order mark and an apostrophe before \
      what would be a formula.
      """)
  var csvStyle = CSVStyle.plain

  @OptionGroup var looks: ViewOptions
  @OptionGroup(title: "Unlike the training images") var pictures: PictureOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var engine: EngineOptions
  @OptionGroup var consoleOptions: ConsoleOptions

  func validate() throws {
    try OptionRange.check("top", top)
    try OptionRange.check("timeout", timeout)
    for (name, isGiven) in [
      ("every-row", everyRow), ("require-streaming", requireStreaming), ("timeout", timeout != nil),
    ] where isGiven && !stream {
      throw ValidationError("--\(name) goes with --stream only")
    }
    try looks.check(against: [("stream", stream), ("early-exit", earlyExit)])
    guard csvStyle == .plain || format == .csv else {
      throw ValidationError("--csv-style goes with --format csv")
    }
  }

  func run() throws {
    let console = consoleOptions.console
    defer { console.clearProgress() }
    if stream { return try runStream(console) }
    let modelPaths = try ModelPath.resolveAll(model, before: paths, of: "classify")
    // Standard input is read as it comes.
    let segments = try Self.segments(paths)
    try checkSamples(segments)
    let groups = segments.compactMap(\.pictures)
    let known = groups.flatMap(\.paths)
    let readsInput = segments.contains { if case .input = $0 { true } else { false } }
    let hasSamples = segments.contains { if case .samples = $0 { true } else { false } }
    // A single image is done before a second thread has started.
    let threads =
      readsInput || hasSamples ? engine.threadCount : max(1, min(engine.threadCount, known.count))
    let ensemble = try engine.loadTogether(modelPaths, threads: threads, reading)
      .reading(pictures, looks, from: modelPaths.joined(separator: ","))
    console.tellOfThreads(ensemble.members[0].classifier, asked: threads)
    console.tellOfPrecision(ensemble)
    var input = StandardInputRows()
    let first = readsInput ? input.next() ?? [] : []
    if readsInput, first.isEmpty {
      try tellOfEmptyInput(isAll: known.isEmpty && !hasSamples, console)
    }
    Self.tell(of: groups, known + first, ensemble.members[0].provenance, console)
    let early = try earlyExit ? ensemble.single(for: "--early-exit", model) : nil
    let exit = try early.flatMap { try checkedExit($0, console) }
    let writer = ClassificationWriter(
      format: format, paths: known + first, classNames: ensemble.classNames, top: top,
      columns: console.outputColumns, earlyExit: exit,
      tellsOfPictures: ensemble.measuresPictures, style: csvStyle)
    let files =
      try early.map {
        try FileClassifier($0, decoding: reading.decoding, stopping: .calibrated)
      } ?? FileClassifier(ensemble, decoding: reading.decoding)
    try console.write(writer.head)
    var run = Run(
      console: console, writer: writer, classifier: files,
      classNames: ensemble.classNames, top: top,
      total: readsInput || hasSamples ? nil : known.count)
    var waiting = first
    for segment in segments {
      switch segment {
      case .pictures(let group): try run.classify(group.paths)
      case .input:
        try run.classify(waiting)
        waiting = []
        while let rows = input.next() { try run.classify(rows) }
      case .samples(let path, let file): try run.classify(file, path, ensemble, engine)
      }
    }
    console.clearProgress()
    if let text = run.exits.text { console.log(text) }
    run.unusual.tell(console, ensemble.adaptation)
    try Self.report(run.failures, of: run.count, cannotBe: "classified")
    if groups.contains(where: { !$0.withoutPictures.isEmpty }) {
      throw EndedWith(status: .someInputsFailed)
    }
  }

  /// The early exit, where it is asked for.
  ///
  /// - Throws: `EarlyExitError`.
  private func checkedExit(
    _ classifier: ImageClassifier, _ console: Console
  ) throws -> EarlyExit? {
    guard earlyExit else { return nil }
    try classifier.checkStreams()
    let exit = try classifier.checkedEarlyExit()
    let now = classifier.network.kernels.instructionSet.rawValue
    if exit.instructionSet != now {
      console.caution(
        "the early exit was calibrated with \(exit.instructionSet), this is \(now): probabilities "
          + "differ by rounding")
    }
    return exit
  }

  /// Classifies pictures while their bytes come.
  private func runStream(_ console: Console) throws {
    let modelPath = try ModelPath.resolve(model, before: paths, of: "classify")
    // Row after row there is nothing for a second thread; otherwise one of them decodes.
    let (loaded, _) = try engine.load(
      modelPath, threads: everyRow || earlyExit ? 1 : max(1, engine.threadCount - 1), reading)
    let classifier = try pictures.adapt(loaded, from: modelPath)
    console.tellOfPrecision(classifier)
    let exit = try checkedExit(classifier, console)
    let writer = ClassificationWriter(
      format: format, paths: paths, classNames: classifier.classNames, top: top,
      columns: console.outputColumns, earlyExit: exit,
      tellsOfPictures: classifier.measuresPictures, style: csvStyle)
    if !everyRow { try console.write(writer.head) }
    var run = StreamRun(
      console: console, classifier: classifier, writer: writer,
      top: min(top, classifier.classNames.count), everyRow: everyRow,
      requiresStreaming: requireStreaming, decoding: reading.decoding,
      stopping: exit.map { .rule($0.rule) } ?? .never)
    for path in paths {
      let before = run.count
      let input =
        try path == "-"
        ? StreamInput(standardInput: STDIN_FILENO, timeout: timeout)
        : StreamInput(path: path, timeout: timeout)
      try run.classify(input)
      guard run.count > before else {
        throw CommandFailure(
          message: path == "-"
            ? "nothing is on standard input; - stands for the bytes of pictures with --stream"
            : "\(path): the file is empty; expected a picture", status: .badData)
      }
    }
    try run.report()
  }

  /// - Parameter isAll: whether nothing else is to be classified.
  /// - Throws: `CommandFailure` where it is.
  private func tellOfEmptyInput(isAll: Bool, _ console: Console) throws {
    let text = "nothing is on standard input; - stands for paths that come there"
    guard isAll else { return console.caution(text) }
    throw CommandFailure(
      message: "\(text), as in find . -name '*.jpg' | rowwise classify \(model) -", status: .badData
    )
  }

  /// Tells what somebody might not expect of the paths.
  static func tell(
    of groups: [ImagePaths], _ paths: [String], _ provenance: Provenance, _ console: Console
  ) {
    let passedOver = groups.reduce(0) { $0 + $1.passedOverCount }
    if passedOver > 0 {
      console.log("passed over \(passedOver) files that are no images")
    }
    for folder in groups.flatMap(\.withoutPictures) {
      console.warn("\(folder.path): \(folder.reason)")
    }
    for note in groups.flatMap(\.archiveNotes) { console.warn(note) }
    let others = groups.flatMap(\.otherCapitals)
    if let other = others.first {
      console.caution(
        "\(others.count == 1 ? "1 picture is" : "\(others.count) pictures are") left out that a "
          + "pattern would match but for capital letters, such as \(other)")
    }
    if let warning = CapitalLetters.warning(paths) { console.caution(warning) }
    if let warning = PictureFit(provenance)?.warning(paths) { console.caution(warning) }
  }

  /// What has been classified so far.
  private struct Run {
    let console: Console
    let writer: ClassificationWriter
    let classifier: FileClassifier
    let classNames: [String]
    /// Classes that a row names.
    let top: Int
    /// Images in all; nil while more paths may come.
    let total: Int?
    let start = ContinuousClock.Instant.now
    var count = 0
    var failures: [ClassifiedImage] = []
    var exits = ExitTally()
    var unusual = UnusualPictures()

    /// Classifies the pictures in a file of many, which are called by their numbers from 0.
    mutating func classify(
      _ file: SampleFile, _ path: String, _ ensemble: ImageEnsemble, _ engine: EngineOptions
    ) throws {
      var options = DatasetOptions()
      options.threads = engine.threadCount
      var number = 0
      let (readers, places) = ensemble.members.map(\.classifier).distinctReaders
      try file.forEachPortion(as: readers.map(\.preprocessing), options: options) { pictures in
        for first in stride(from: 0, to: pictures[0].count, by: classifier.batchSize) {
          let parts = pictures.map { $0[first..<min(first + classifier.batchSize, $0.count)] }
          let part = parts[0]
          let rows = ensemble.probabilities(
            ofModelPixels: places.map { parts[$0].map(\.pixels) })
          let results = zip(part, rows).enumerated().map { index, answer in
            ClassifiedImage(
              path: "\(path)#\(number + index)",
              .success(
                .init(
                  probabilities: answer.1, damage: nil, reading: nil, finding: answer.0.finding)),
              classNames: classNames, top: top)
          }
          number += part.count
          try tell(results)
        }
      }
    }

    /// Classifies files and writes their rows.
    mutating func classify(_ paths: [String]) throws {
      for first in stride(from: 0, to: paths.count, by: classifier.batchSize) {
        let end = min(first + classifier.batchSize, paths.count)
        let results = zip(paths[first..<end], classifier.classify(paths[first..<end])).map {
          ClassifiedImage(path: $0, $1, classNames: classNames, top: top)
        }
        try tell(results)
      }
    }

    /// Writes rows and counts them.
    private mutating func tell(_ results: [ClassifiedImage]) throws {
      try console.write(results.map { writer.row($0) }.joined())
      for image in results {
        if let damage = image.damage { console.warn("\(image.path): \(damage)") }
      }
      failures += results.filter(\.isFailed)
      for image in results { exits.add(image.reading?.prediction) }
      for image in results where !image.isFailed { unusual.add(image.finding) }
      count += results.count
      let done = count
      console.showProgress { [total, start] in
        guard let total else {
          let text = "\(NumberText.grouped(done)) images"
          return ProgressRow(label: "classifying", details: [.init(text: text, rank: 1)])
        }
        return ProgressRow.counting("classifying", done, of: total, since: start)
      }
    }
  }

  /// Ends with an error where images could not be read.
  ///
  /// - Parameter what: what they cannot be, such as "classified".
  static func report(
    _ failures: [ClassifiedImage], of count: Int, cannotBe what: String
  ) throws {
    guard let first = failures.first, case .failed(let reason) = first.outcome else { return }
    let missing = FileKind(path: first.path) == nil
    let noneStatus: CommandStatus = missing ? .inputNotFound : .badData
    let share =
      count == 1 ? "" : "\(failures.count) of \(count) images cannot be \(what); the first: "
    let advice = missing && count == 1 ? Self.advice(insteadOf: first.path) : ""
    throw CommandFailure(
      message: "\(share)\(first.path): \(reason)\(advice)",
      status: failures.count == count ? noneStatus : .someInputsFailed)
  }

  /// What may be meant by a path where nothing is.
  private static func advice(insteadOf path: String) -> String {
    if let other = CapitalLetters.neighbor(of: path) { return "; but there is \(other)" }
    let folders = DatasetFolders.ofProcess
    guard (try? DatasetLoader.locate(path, searching: folders)) != nil else { return "" }
    return "; it is the name of a data set, which rowwise evaluate reads"
  }
}

extension ClassificationFormat: ExpressibleByArgument {}
extension CSVStyle: ExpressibleByArgument {}

extension ImageClassifier {
  /// Whether images are measured against the training images, or light and dark exchanged.
  var measuresPictures: Bool {
    preprocessing.pictures != nil || preprocessing.adaptation.inversion != .no
  }
}

/// How much was read of pictures that may end early.
private struct ExitTally {
  private var count = 0
  private var early = 0
  private var rows = 0
  private var total = 0

  mutating func add(_ prediction: StreamedPrediction?) {
    guard let prediction else { return }
    count += 1
    if prediction.isEarly { early += 1 }
    rows += prediction.row
    total += prediction.rows
  }

  /// What is told at the end; nil where nothing was read so.
  var text: String? {
    guard total > 0 else { return nil }
    return
      "\(NumberText.percent(Double(rows) / Double(total), decimals: 1)) of the rows were read; "
      + "\(NumberText.grouped(early)) of \(NumberText.grouped(count)) images stopped early"
  }
}
