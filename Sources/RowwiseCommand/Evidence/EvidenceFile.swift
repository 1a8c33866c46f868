import ArgumentParser
import Rowwise
import RowwiseFiles
import RowwiseImageDecoding
import RowwiseReports
import RowwiseTexts

/// The file that `explain` writes.
struct EvidenceFile {
  /// By the ending of its name.
  enum Kind: String {
    case html, png, json

    /// nil where the name has another ending, or none.
    init?(path: String) {
      let name = path.split(separator: "/").last ?? ""
      guard let dot = name.lastIndex(of: ".") else { return nil }
      self.init(rawValue: name[name.index(after: dot)...].lowercased())
    }

    /// The most images that one file holds.
    var mostImages: Int {
      switch self {
      case .html, .json: 1000
      case .png: 50
      }
    }
  }

  let path: String
  private let kind: Kind

  /// Checks, before any work is done, whether it could be written.
  ///
  /// - Throws: `ValidationError` where there are too many images; `CommandError.cannotWriteFile`.
  init(path: String, count: Int) throws {
    guard let kind = Kind(path: path) else { preconditionFailure("\(path) was not validated") }
    guard count <= kind.mostImages else {
      throw ValidationError(
        "\(count) images are too many for \(path), which holds at most \(kind.mostImages); name fewer, "
          + "or write them with --format jsonl")
    }
    self.path = path
    self.kind = kind
    try OutputFile.check(path)
  }

  /// Writes evidence.
  ///
  /// - Throws: `FileError`; `ImageDecodingError` where a picture cannot be encoded.
  func write(
    _ pictures: [ExplainedPicture], failures: [(name: String, reason: String)], model: String,
    _ classifier: ImageClassifier
  ) throws {
    switch kind {
    case .json:
      try AtomicFile.write(
        ExplainedPicture.document(pictures, failures: failures).pretty, toPath: path)
    case .png:
      guard let raster = ExplainedPicture.sheets(pictures) else { return }
      try AtomicFile.write(try PNGWriter.encode(raster), toPath: path)
    case .html:
      var page = EvidencePage(
        title: "Evidence of \(model)", pictures, png: { try PNGWriter.encode($0) })
      page.failures = failures
      let layers = classifier.network.layers.map(ModelSummary.text).joined(separator: " → ")
      let preprocessing = classifier.preprocessing
      page.modelSummary = [
        .init("Layers", layers),
        .init(
          "Reads",
          "\(preprocessing.width) × \(preprocessing.height) \(preprocessing.color.rawValue) by "
            + "\(preprocessing.readingOrder)"),
        .init("Images", NumberText.grouped(pictures.count)),
      ]
      try AtomicFile.write(try page.render(), toPath: path)
    }
  }
}
