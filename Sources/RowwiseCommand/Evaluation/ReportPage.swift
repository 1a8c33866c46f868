import Rowwise
import RowwiseDatasetLoading
import RowwiseEvaluation
import RowwiseImageDecoding
import RowwiseReports
import RowwiseTexts

/// `report.html`: the page of one evaluation, with thumbnails of the pictures it talks about.
struct ReportPage {
  let report: ClassificationReport
  let accumulator: EvaluationAccumulator
  let dataset: ImageDataset
  let ensemble: ImageEnsemble
  let model: String
  /// Whether labels may be suspected.
  let isOutOfSample: Bool
  /// Whether the galleries tell which rows and pixels moved the answers.
  let showsEvidence: Bool

  /// The longest side of a thumbnail, in pixels: 700 of them stay below 5 MB.
  private static let thumbnailSide = 40

  /// Renders the page.
  ///
  /// - Throws: `FileError` and `DatasetError` where the training history or a picture cannot be
  ///   read; `ImageDecodingError` where a thumbnail cannot be encoded; `EvidenceError`.
  func render() throws -> String {
    let gallery = GallerySelection(accumulator, suspectsLabels: isOutOfSample)
    var page = HTMLReport(
      title: "Evaluation of \(model) on \(dataset.path)", report: report,
      accumulator: accumulator, gallery: gallery)
    page.modelSummary = modelItems
    page.dataSummary = dataItems
    let isOneRun = report.options.folds == nil && ensemble.members.count == 1
    page.history = isOneRun ? try HistoryFile.charts(besides: model) : []
    for sample in gallery.samples {
      page.sampleNames[sample] = dataset.sampleName(at: sample)
      page.thumbnails[sample] = try PNGWriter.encode(thumbnail(of: sample))
    }
    if showsEvidence {
      for sample in gallery.samples { page.evidence[sample] = try evidence(of: sample) }
    }
    return page.render()
  }

  /// What moved the answer for a sample, as HTML.
  private func evidence(of sample: Int) throws -> String {
    let pixels = try dataset.pixels(at: sample)
    return try ExplainedPicture(
      name: dataset.sampleName(at: sample), pixels: pixels,
      evidence: ensemble.members[0].classifier.evidence(ofModelPixels: pixels),
      classNames: ensemble.classNames
    ).small { try PNGWriter.encode($0) }
  }

  private func thumbnail(of sample: Int) throws(DatasetError) -> DecodedImage {
    let image = DecodedImage(
      width: dataset.width, height: dataset.height, channels: dataset.color.channels,
      pixels: try dataset.pixels(at: sample))
    return Thumbnail.fit(image, side: Self.thumbnailSide)
  }

  private var modelItems: [HTMLReport.SummaryItem] {
    let fingerprint = HTMLReport.SummaryItem(
      "Model fingerprint", report.options.modelFingerprint)
    guard ensemble.members.count > 1 else { return [fingerprint] + items(of: ensemble.members[0]) }
    let members = ensemble.members.enumerated().flatMap { index, member in
      items(of: member).map { HTMLReport.SummaryItem("\(index + 1): \($0.name)", $0.value) }
    }
    return [fingerprint, .init("Models that answer together", "\(ensemble.members.count)")]
      + members
  }

  private func items(of member: ImageEnsemble.Member) -> [HTMLReport.SummaryItem] {
    let (classifier, provenance) = (member.classifier, member.provenance)
    let preprocessing = classifier.preprocessing
    var items: [HTMLReport.SummaryItem] = [
      .init("Layers", classifier.network.layers.map(ModelSummary.text).joined(separator: " → ")),
      .init("Parameters", NumberText.grouped(classifier.network.parameterCount)),
      .init(
        "Reads",
        "\(preprocessing.width) × \(preprocessing.height) \(preprocessing.color.rawValue) by "
          + "\(preprocessing.readingOrder)"),
    ]
    if let samples = provenance.trainingSamples {
      items.append(.init("Trained on", "\(NumberText.grouped(samples)) images"))
    }
    if let fingerprint = provenance.dataFingerprint {
      items.append(.init("Training data", fingerprint))
    }
    if let epochs = provenance.epochs { items.append(.init("Epochs", "\(epochs)")) }
    if let seed = provenance.seed { items.append(.init("Seed", "\(seed)")) }
    if let temperature = provenance.temperature {
      items.append(.init("Temperature", NumberText.fixed(temperature, decimals: 4)))
    }
    return items
  }

  private var dataItems: [HTMLReport.SummaryItem] {
    var items: [HTMLReport.SummaryItem] = [
      .init("Part", dataset.part.description),
      .init("Data fingerprint", dataset.fingerprint.description),
    ]
    let bad = dataset.report.badImages.count
    if bad > 0 { items.append(.init("Unreadable images left out", NumberText.grouped(bad))) }
    let damaged = dataset.report.damagedImages.count
    if damaged > 0 { items.append(.init("Images read in part", NumberText.grouped(damaged))) }
    if let pictures = report.pictures {
      let kinds = pictures.kinds.map { "\(NumberText.grouped($0.count)) \($0.name)" }
      items.append(
        .init(
          "Unlike the training images",
          NumberText.grouped(pictures.unusual)
            + (kinds.isEmpty ? "" : " (\(kinds.joined(separator: ", ")))")))
      if pictures.inverted > 0 {
        items.append(.init("Read inverted", NumberText.grouped(pictures.inverted)))
      }
    }
    if let folds = report.options.folds {
      items.append(.init("Cross-validation", "\(folds) folds"))
    }
    if let views = report.options.views {
      items.append(.init("Views of each image", "\(views), averaged"))
    }
    return items
  }
}

/// Pictures small enough for a page that holds hundreds.
enum Thumbnail {
  /// The picture itself, or its mean over equal boxes where a side is longer than `side`.
  static func fit(_ image: DecodedImage, side: Int) -> DecodedImage {
    let factor = (max(image.width, image.height) + side - 1) / side
    guard factor > 1 else { return image }
    let width = max(1, image.width / factor)
    let height = max(1, image.height / factor)
    let channels = image.channels
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * channels)
    for y in 0..<height {
      let rows =
        y * image.height
        / height..<max(y * image.height / height + 1, (y + 1) * image.height / height)
      for x in 0..<width {
        let columns =
          x * image.width / width..<max(x * image.width / width + 1, (x + 1) * image.width / width)
        for channel in 0..<channels {
          var sum = 0
          for row in rows {
            for column in columns {
              sum += Int(image.pixels[(row * image.width + column) * channels + channel])
            }
          }
          let count = rows.count * columns.count
          pixels.append(UInt8((sum + count / 2) / count))
        }
      }
    }
    return DecodedImage(width: width, height: height, channels: channels, pixels: pixels)
  }
}
