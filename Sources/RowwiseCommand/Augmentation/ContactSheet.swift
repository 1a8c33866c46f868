import RowwiseDatasetLoading
import RowwiseImageDecoding
import RowwiseRowSequencing

/// A picture that shows what augmentation makes of some samples: one row each, first as it is, then
/// as the first epochs would see it.
struct ContactSheet {
  /// Samples, and epochs of each.
  static let rows = 10
  static let epochs = 9
  /// Pixels between pictures.
  private static let gap = 3
  /// Pixels that a side gets at least, by whole enlargement.
  private static let leastSide = 48

  private let dataset: ImageDataset
  private let augmenter: Augmenter
  private let zoom: Int

  init(_ dataset: ImageDataset, _ augmentation: Augmentation, seed: UInt64) {
    self.dataset = dataset
    augmenter = Augmenter(
      augmentation, width: dataset.width, height: dataset.height,
      channels: dataset.color.channels, seed: seed)
    let side = min(dataset.width, dataset.height)
    zoom = max(1, (Self.leastSide + side - 1) / side)
  }

  /// The samples shown: evenly spread over the classes.
  private var samples: [Int] {
    var found: [Int] = []
    var round = 0
    while found.count < min(Self.rows, dataset.count) {
      var seen = [Int](repeating: 0, count: dataset.classNames.count)
      for (index, label) in dataset.labels.enumerated() {
        if seen[Int(label)] == round { found.append(index) }
        seen[Int(label)] += 1
        if found.count == Self.rows { break }
      }
      round += 1
    }
    return found
  }

  /// The sheet.
  ///
  /// - Throws: `DatasetError` where a sample can no longer be read.
  func picture() throws -> DecodedImage {
    let (samples, channels) = (samples, dataset.color.channels)
    let cell = (
      width: dataset.width * zoom + Self.gap, height: dataset.height * zoom + Self.gap
    )
    let width = (Self.epochs + 1) * cell.width + Self.gap
    let height = samples.count * cell.height + Self.gap
    var sheet = [UInt8](repeating: 255, count: width * height * channels)
    func paste(_ pixels: [UInt8], _ left: Int, _ top: Int) {
      for y in 0..<dataset.height * zoom {
        for x in 0..<dataset.width * zoom {
          let from = (y / zoom * dataset.width + x / zoom) * channels
          let to = ((top + y) * width + left + x) * channels
          for channel in 0..<channels { sheet[to + channel] = pixels[from + channel] }
        }
      }
    }
    for (row, sample) in samples.enumerated() {
      let original = try dataset.pixels(at: sample)
      let top = row * cell.height + Self.gap
      paste(original, Self.gap, top)
      for epoch in 1...Self.epochs {
        var changed = original
        var span = changed.mutableSpan
        augmenter.apply(to: original.span, epoch: epoch, sample: sample, into: &span)
        paste(changed, epoch * cell.width + Self.gap, top)
      }
    }
    return DecodedImage(width: width, height: height, channels: channels, pixels: sheet)
  }
}
