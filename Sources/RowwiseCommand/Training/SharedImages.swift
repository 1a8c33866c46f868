import RowwiseDatasetLoading
import RowwiseTexts

/// What several runs on the same data, read the same way, share: what was told of them, and the images that
/// they learn from, which are decoded once.
final class SharedImages {
  /// Tells of what is odd, once.
  let warnings: DataWarnings
  private var images: ImageDataset?

  init(_ console: Console) { warnings = DataWarnings(console) }

  /// For a run of several that read the same data in other ways.
  init(_ warnings: DataWarnings) { self.warnings = warnings }

  /// The images of a part, read where this is the first run.
  func load(
    _ layout: DatasetLayout, _ part: DatasetPart, _ options: DatasetOptions
  ) throws -> ImageDataset {
    if let images { return images }
    let loaded = try layout.load(part, options: options)
    images = loaded
    try tellOfRepeats(loaded, threads: options.threads)
    return loaded
  }

  /// One line about images with the pixels of another: contradictions are a mistake, the rest may be meant.
  private func tellOfRepeats(_ images: ImageDataset, threads: Int) throws(DatasetError) {
    guard let repeats = try images.repeats(threads: threads) else { return }
    let (same, other) = (repeats.duplicates.count, repeats.contradictions.count)
    guard same + other > 0 else { return }
    let count = "\(NumberText.grouped(same + other)) of \(NumberText.grouped(images.count))"
    let text =
      "\(count) images of \(images.path) \(same + other == 1 ? "has" : "have") the pixels of another"
    let names = "; rowwise inspect \(images.path) names them"
    guard other > 0 else { return warnings.tellOnce(text + names, isWarning: false) }
    warnings.tellOnce(
      "\(text), \(NumberText.grouped(other)) of them in another class\(names)", isWarning: true)
  }
}
