import DatasetLoading
import Evaluation
import ImageDecoding
import Rowwise

/// `report.html`: the page of one evaluation, with thumbnails of the pictures it talks about.
enum ReportPage {
  /// Renders the page.
  ///
  /// - Throws: `DatasetError` where a picture can no longer be read; `ImageDecodingError` where a
  ///   thumbnail cannot be encoded.
  static func render(
    _ report: ClassificationReport, _ accumulator: EvaluationAccumulator, of dataset: ImageDataset,
    model: String, provenance: Provenance
  ) throws -> String {
    let gallery = GallerySelection(accumulator)
    var page = HTMLReport(
      title: "Evaluation of \(model) on \(dataset.path)", report: report,
      accumulator: accumulator, gallery: gallery)
    page.summary = summary(of: dataset, provenance)
    for sample in gallery.samples {
      page.sampleNames[sample] = dataset.sampleName(at: sample)
      page.thumbnails[sample] = try PNGWriter.encode(
        DecodedImage(
          width: dataset.width, height: dataset.height, channels: dataset.color.channels,
          pixels: dataset.pixels(at: sample)))
    }
    return page.render()
  }

  private static func summary(
    of dataset: ImageDataset, _ provenance: Provenance
  ) -> [HTMLReport.SummaryItem] {
    var items: [HTMLReport.SummaryItem] = [
      .init("part", dataset.part.description),
      .init("data fingerprint", dataset.fingerprint.description),
    ]
    if let fingerprint = provenance.dataFingerprint {
      items.append(.init("trained on", fingerprint))
    }
    if let epochs = provenance.epochs { items.append(.init("epochs", "\(epochs)")) }
    if let seed = provenance.seed { items.append(.init("seed", "\(seed)")) }
    return items
  }
}
