#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
import RowwiseEvaluation
import RowwiseTexts

/// A report as one page that needs nothing else: no network, no other files.
///
/// The page holds the headline figures, the confusion matrix as a heat map that opens the misread
/// pictures of a cell, a table of classes that sorts, curves, and galleries of pictures. It
/// follows the reader's choice of light or dark, prints, and works by keyboard. A content security
/// policy in its head forbids every request.
public struct HTMLReport: Sendable {
  /// One line of the summary of model and data, such as a fingerprint.
  public struct SummaryItem: Sendable, Equatable {
    /// What it is.
    public let name: String
    /// Its value.
    public let value: String

    /// Puts a line together.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The page's title.
  public var title: String
  /// What is known of the model besides its name: layers, size, fingerprint.
  public var modelSummary: [SummaryItem] = []
  /// What is known of the data besides their name and size: part, fingerprint.
  public var dataSummary: [SummaryItem] = []
  /// Charts of the training history.
  public var history: [LineChart] = []
  /// Pictures as PNG files, by sample; see `GallerySelection.samples`.
  public var thumbnails: [Int: [UInt8]] = [:]
  /// What is shown of the evidence of pictures, by sample; HTML of `ExplainedPicture.small`.
  package var evidence: [Int: String] = [:]
  /// The samples' paths or numbers, by sample; where one is missing it is the number.
  public var sampleNames: [Int: String] = [:]
  /// Where the confusion matrix has more classes, it shows those with most errors.
  public var maximumClasses = 40

  let report: ClassificationReport
  let accumulator: EvaluationAccumulator
  /// The samples whose pictures are shown.
  public let gallery: GallerySelection

  /// Makes a page.
  /// - Parameters:
  ///   - report: the numbers.
  ///   - accumulator: the samples that the numbers are of.
  ///   - gallery: the samples whose pictures are shown.
  public init(
    title: String, report: ClassificationReport, accumulator: EvaluationAccumulator,
    gallery: GallerySelection
  ) {
    precondition(
      report.samples == accumulator.count && report.confusion == accumulator.confusion,
      "the report is not of these samples")
    self.title = title
    self.report = report
    self.accumulator = accumulator
    self.gallery = gallery
  }

  /// The page's text.
  public func render() -> String {
    HTMLPage.render(
      title: title,
      body: summarySection + headlineSection + matrixSection + classSection + earlyExitSection
        + curveSection
        + gallerySection,
      data: dataScript, script: PageAssets.report,
      style: evidence.isEmpty ? "" : PageAssets.evidenceStyle)
  }

  /// What the page's script looks up: names, pictures, and the samples of each cell.
  private var dataScript: String {
    let samples = gallery.samples
    let described = samples.map { sample in
      JSONValue.Member(
        String(sample),
        .object([
          .init("name", .string(HTMLText.printable(name(of: sample)))),
          .init("label", .int(Int(accumulator.labels[sample]))),
          .init("prediction", .int(Int(accumulator.predictions[sample]))),
          .init("confidence", .float(accumulator.confidences[sample])),
        ]))
    }
    let pictures = samples.compactMap { sample in
      thumbnails[sample].map {
        JSONValue.Member(String(sample), .string(Data($0).base64EncodedString()))
      }
    }
    let cells = gallery.misreadByCell.sorted { $0.key < $1.key }.map { cell, samples in
      JSONValue.Member(
        "\(cell / report.confusion.classCount),\(cell % report.confusion.classCount)",
        .array(samples.map(JSONValue.int)))
    }
    // The galleries have theirs in the page.
    let evidence = Set(gallery.misreadByCell.values.joined()).sorted().compactMap { sample in
      self.evidence[sample].map { JSONValue.Member(String(sample), .string($0)) }
    }
    return JSONValue.object([
      .init("classes", .array(classNames.map(JSONValue.string))),
      .init("samples", .object(described)),
      .init("pictures", .object(pictures)),
      .init("cells", .object(cells)),
      .init("evidence", .object(evidence)),
    ]).compact
  }

  var classNames: [String] { report.confusion.classNames.map(HTMLText.printable) }

  func name(of sample: Int) -> String { sampleNames[sample] ?? "sample \(sample)" }
}

extension HTMLText {
  /// The text as it is shown, before it is escaped.
  static func printable(_ text: String) -> String { TerminalText.printable(text) }
}
