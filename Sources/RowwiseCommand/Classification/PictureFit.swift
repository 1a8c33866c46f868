import Rowwise
import RowwiseImageDecoding

/// Tells pictures that are obviously of another kind than those that a model has learnt.
///
/// Only what a header says is looked at: colours where the model has seen none, and sizes that are
/// many times larger or smaller.
struct PictureFit: Sendable, Equatable {
  private let width: Int
  private let height: Int
  private let hasColor: Bool

  /// How many times as wide and as high a picture has to be.
  private static let factor = 4
  /// Sizes from here on are not known: larger pictures are shrunk before training.
  private static let largestKnownSide = 64
  /// Pictures that are looked at.
  private static let most = 16

  /// Nil where the model file does not say what it was trained on.
  init?(_ provenance: Provenance) {
    guard let width = provenance.pictureWidth, let height = provenance.pictureHeight,
      let hasColor = provenance.picturesHaveColor
    else { return nil }
    (self.width, self.height, self.hasColor) = (width, height, hasColor)
  }

  /// What to say of pictures of which none fits; nil where one does, or none can be read.
  func warning(_ paths: [String]) -> String? {
    let pictures = paths.prefix(Self.most).compactMap { path in
      (try? ImageRowReader(path: path).info).map { (path: path, info: $0) }
    }
    guard let first = pictures.first, pictures.allSatisfy({ !fits($0.info) }) else { return nil }
    let (learnt, received) = (hasColor ? "colour" : "gray", Self.hasColor(first.info))
    let size = "\(first.info.uprightWidth) × \(first.info.uprightHeight)"
    return "the model has learnt \(learnt) pictures of \(width) × \(height), but \(first.path) is "
      + "\(received ? "in colour" : "gray"), \(size): is it a model of other data?"
  }

  /// Whether a picture may be one of those that the model is for.
  func fits(_ info: ImageInfo) -> Bool {
    guard hasColor || !Self.hasColor(info) else { return false }
    guard max(width, height) < Self.largestKnownSide else { return true }
    let (wide, high) = (info.uprightWidth, info.uprightHeight)
    let isLarger = wide >= Self.factor * width && high >= Self.factor * height
    let isSmaller = Self.factor * wide <= width && Self.factor * high <= height
    return !isLarger && !isSmaller
  }

  private static func hasColor(_ info: ImageInfo) -> Bool {
    switch info.colorModel {
    case .gray, .grayAlpha: false
    case .rgb, .rgba, .palette, .cmyk: true
    }
  }
}
