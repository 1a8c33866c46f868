import ArgumentParser
import Rowwise
import RowwiseAnswers
import RowwiseEvaluation
import RowwiseImageDecoding
import RowwiseRowSequencing
import RowwiseReports
import RowwiseTexts

/// `rowwise explain`.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show which rows and pixels of pictures moved a model's answer.",
    discussion: """
      MODEL is a model file or a run folder. A PATH is an image file, a folder or a pattern. Evidence is \
      in nats of the log-odds of a class, ln p - ln (1 - p): what each row added while it was read, \
      where the model reads row by row; what each pixel gives (integrated gradients); what is lost \
      where rows or cells are covered; and the shortest run of rows that decides. An image that cannot \
      be read is told and does not stop the others.

      Examples:
        rowwise explain runs/digits-1 photo.png
        rowwise explain runs/digits-1 photo.png --class 7 --baseline black
        rowwise explain runs/digits-1 scans/ --output why.html
        rowwise explain runs/digits-1 photo.png --output why.png
        rowwise explain runs/digits-1 scans/ --format jsonl > why.jsonl
      """)

  /// How evidence is written to standard output.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json, jsonl
  }

  @Argument(help: "The model file or run folder.", completion: .file())
  var model: String

  @Argument(help: "Image files, folders or patterns.", completion: .file())
  var paths: [String]

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp(
      "The class to speak for or against. (default: the predicted one of each image)",
      valueName: "name"))
  var className: String?

  @Option(
    help: """
      What stands for a pixel that says nothing: mean (of the training images, where the model keeps \
      it), white or black. (default: mean where kept, else black)
      """)
  var baseline: Evidence.Baseline?

  @Option(
    name: .shortAndLong,
    help: """
      A file for the evidence of all images instead of standard output, by the ending of its name: \
      .html is a page, .png a picture, .json all numbers.
      """, completion: .file())
  var output: String?

  @Option(
    help: """
      How to write to standard output: text, json (one document) or jsonl (an object a row, as soon as \
      an image is done). (default: text)
      """)
  var format: Format?

  @OptionGroup(title: "Unlike the training images") var pictures: PictureOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var engine: EngineOptions
  @OptionGroup var consoleOptions: ConsoleOptions

  func validate() throws {
    try engine.checkTrains("what explain shows, gradients,")
    guard let output else { return }
    guard EvidenceFile.Kind(path: output) != nil else {
      throw ValidationError(
        "--output \(output): the ending of the name says what to write; expected .html, .png or .json"
      )
    }
    if format != nil {
      throw ValidationError("--format is for standard output; it goes without --output")
    }
  }

  func run() throws {
    let console = consoleOptions.console
    defer { console.clearProgress() }
    let modelPath = try ModelPath.resolve(model, before: paths, of: "explain")
    let images = try ImagePaths(arguments: paths)
    let (loaded, provenance) = try engine.load(modelPath, reading)
    let classifier = try pictures.adapt(loaded, from: modelPath)
    console.tellOfThreads(classifier, asked: engine.threadCount)
    let classIndex = try className.map { try Self.index(of: $0, in: classifier.classNames) }
    let file = try output.map { try EvidenceFile(path: $0, count: images.paths.count) }
    ClassifyCommand.tell(of: [images], images.paths, provenance, console)

    let start = ContinuousClock.Instant.now
    var found: [ExplainedPicture] = []
    var failures: [ClassifiedImage] = []
    var unusual = UnusualPictures()
    let keeps = file != nil || format == .json
    for (index, path) in images.paths.enumerated() {
      switch try explain(path, classIndex, classifier, &unusual, console) {
      case .success(let picture):
        if keeps { found.append(picture) } else { try write(picture, index, console) }
      case .failure(let obstacle):
        failures.append(ClassifiedImage(path: path, outcome: .failed(obstacle.reason)))
        if format == .jsonl {
          let row = ExplainedPicture.failure(name: path, reason: obstacle.reason)
          try console.write(row.compact + "\n")
        } else if images.paths.count > 1 {
          console.warn("\(path): \(obstacle.reason)")
        }
      }
      console.showProgress {
        ProgressRow.counting("explaining", index + 1, of: images.paths.count, since: start)
      }
    }
    console.clearProgress()
    unusual.tell(console, classifier.preprocessing.adaptation)
    let reasons = failures.map { (name: $0.path, reason: $0.reason) }
    if format == .json {
      try console.write(ExplainedPicture.document(found, failures: reasons).pretty)
    }
    if let file, !found.isEmpty {
      try file.write(found, failures: reasons, model: modelPath, classifier)
      console.log("evidence: \(TerminalText.printable(file.path))")
    }
    try ClassifyCommand.report(failures, of: images.paths.count, cannotBe: "explained")
  }

  /// Why one image has no evidence.
  private struct Obstacle: Error {
    let reason: String
  }

  /// - Throws: `EvidenceError` where the model is at fault, and so no image can have any.
  private func explain(
    _ path: String, _ classIndex: Int?, _ classifier: ImageClassifier,
    _ unusual: inout UnusualPictures, _ console: Console
  ) throws -> Result<ExplainedPicture, Obstacle> {
    let picture: (pixels: [UInt8], damage: String?, finding: PictureFinding)
    do throws(ImageDecodingError) {
      picture = try classifier.modelPixels(path: path, decoding: reading.decoding)
    } catch {
      return .failure(Obstacle(reason: error.descriptionWithoutSource))
    }
    if let damage = picture.damage { console.warn("\(path): \(damage)") }
    unusual.add(picture.finding)
    do throws(EvidenceError) {
      let evidence = try classifier.evidence(
        ofModelPixels: picture.pixels, for: classIndex,
        options: EvidenceOptions(baseline: baseline))
      return .success(
        ExplainedPicture(
          name: path, pixels: picture.pixels, evidence: evidence,
          classNames: classifier.classNames))
    } catch .notFinite {
      return .failure(Obstacle(reason: EvidenceError.notFinite.description))
    }
  }

  private func write(_ picture: ExplainedPicture, _ index: Int, _ console: Console) throws {
    if format == .jsonl { return try console.write(picture.json.compact + "\n") }
    try console.write(
      (index > 0 ? "\n" : "") + picture.text(columns: min(80, console.outputColumns)))
  }

  /// The number of a class.
  ///
  /// - Throws: `ValidationError` that names the classes.
  private static func index(of name: String, in classNames: [String]) throws -> Int {
    if let index = classNames.firstIndex(of: name) { return index }
    let shown = classNames.prefix(20).joined(separator: ", ")
    let rest = classNames.count > 20 ? " and \(classNames.count - 20) more" : ""
    throw ValidationError(
      "--class: the model has no class \"\(name)\"; it has \(shown)\(rest)"
        + NearestWord.question(name, among: classNames))
  }
}

extension Evidence.Baseline: ExpressibleByArgument {}

extension ClassifiedImage {
  /// Why it could not be read; empty where it could.
  fileprivate var reason: String {
    if case .failed(let reason) = outcome { reason } else { "" }
  }
}
