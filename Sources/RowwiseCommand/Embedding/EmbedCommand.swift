import ArgumentParser
import Rowwise
import RowwiseAnswers
import RowwiseFiles
import RowwiseTexts

/// `rowwise embed`.
struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Write what a network makes of images, and find those it holds for alike.",
    discussion: """
      An image's embedding is the vector that the output layer reads: the last hidden state, or what \
      the layers above it make of that. Images that look alike to the network have vectors of similar \
      direction: for search, grouping and finding copies. \
      There is one row for each image, in the order of the input; one that cannot be read gets a row \
      that says why.

      Examples:
        rowwise embed runs/digits-1 scans/ > scans.csv
        rowwise embed runs/digits-1 scans/ --output scans.npz
        rowwise embed runs/digits-1 scans/ --neighbors 3
      """)

  @Argument(help: "The model file or run folder.", completion: .file())
  var model: String

  @Argument(help: "Image files, folders or patterns.", completion: .file())
  var paths: [String]

  @Option(
    help: ArgumentHelp(
      """
      Write the images that are most alike, with the cosine between their vectors, instead of \
      vectors.
      """, valueName: "count"))
  var neighbors: Int?

  @Option(help: "How to write the rows: csv or jsonl.")
  var format = Format.csv

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      """
      Write the vectors here as NumPy's FILE.npz instead: embeddings, float32 [images, numbers], and \
      paths.
      """, valueName: "file"), completion: .file())
  var output: String?

  @OptionGroup(title: "Unlike the training images") var pictures: PictureOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var engine: EngineOptions
  @OptionGroup var consoleOptions: ConsoleOptions

  /// How rows are written.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case csv
    case jsonl
  }

  func validate() throws {
    try OptionRange.check("neighbors", neighbors)
    guard let output else { return }
    guard output.hasSuffix(".npz") else {
      throw ValidationError("--output takes a name that ends in .npz, got \"\(output)\"")
    }
    if neighbors != nil {
      throw ValidationError("--output keeps vectors; leave it or --neighbors out")
    }
  }

  func run() throws {
    let console = consoleOptions.console
    defer { console.clearProgress() }
    let modelPath = try ModelPath.resolve(model, before: paths, of: "embed")
    if let output { try OutputFile.check(output) }
    let group = try ImagePaths(arguments: paths)
    let threads = max(1, min(engine.threadCount, group.paths.count))
    let (loaded, provenance) = try engine.load(modelPath, threads: threads, reading)
    let classifier = try pictures.adapt(loaded, from: modelPath)
    console.tellOfThreads(classifier, asked: threads)
    ClassifyCommand.tell(of: [group], group.paths, provenance, console)
    let width = classifier.network.embeddingWidth
    guard output == nil || group.paths.count * width * 4 <= NPZArchive.limit else {
      throw ValidationError(
        "\(group.paths.count) vectors of \(width) numbers are more than an .npz file holds; write csv, "
          + "or parts")
    }
    let images = try read(
      group.paths, FileClassifier(classifier, decoding: reading.decoding), console)
    console.clearProgress()
    if let output {
      try write(images, width: width, to: output)
      try console.write(output + "\n")
    } else {
      try console.write(
        EmbeddingRows(images, format: format, neighbors: neighbors, width: width).text)
    }
    try ClassifyCommand.report(
      images.compactMap { image in
        guard case .failure(let reason) = image.result else { return nil }
        return ClassifiedImage(path: image.path, outcome: .failed(reason.text))
      }, of: images.count, cannotBe: "read")
  }

  private func read(
    _ paths: [String], _ files: FileClassifier, _ console: Console
  ) throws -> [EmbeddedImage] {
    let start = ContinuousClock.Instant.now
    var images: [EmbeddedImage] = []
    for first in stride(from: 0, to: paths.count, by: files.batchSize) {
      let part = paths[first..<min(first + files.batchSize, paths.count)]
      for (path, result) in zip(part, files.embeddings(of: part)) {
        switch result {
        case .success(let embedding):
          if let damage = embedding.damage { console.warn("\(path): \(damage)") }
          let isNumber = embedding.vector.allSatisfy(\.isFinite)
          images.append(
            EmbeddedImage(
              path: path,
              result: isNumber
                ? .success(embedding.vector) : .failure(.init(text: ClassifiedImage.noNumber))))
        case .failure(let error):
          images.append(
            EmbeddedImage(
              path: path, result: .failure(.init(text: error.descriptionWithoutSource))))
        }
      }
      let done = images.count
      console.showProgress {
        ProgressRow.counting("reading", done, of: paths.count, since: start)
      }
    }
    return images
  }

  private func write(_ images: [EmbeddedImage], width: Int, to path: String) throws {
    var archive = NPZArchive()
    let read = images.compactMap { image in image.vector.map { (image.path, $0) } }
    archive.add("embeddings", read.flatMap(\.1), columns: width)
    archive.add("paths", read.map(\.0))
    try AtomicFile.write(archive.finished(), toPath: path)
  }
}
