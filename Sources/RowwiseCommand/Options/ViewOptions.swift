import ArgumentParser
import Rowwise
import RowwiseRowSequencing

/// Options about how often a model looks at an image.
struct ViewOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      """
      Look at each image in so many ways and average the probabilities: as it is, then moved by a \
      thirty-second of its side, each also mirrored where the model has learnt from mirrored images. Takes \
      so many times as long. 5 and 9 are even on all sides, mirrored 2, 10 and 18; more move by two steps, \
      which is seldom worth their time.
      """, valueName: "count"))
  var views = 1

  func validate() throws { try OptionRange.check("views", views) }

  /// Throws where something else is asked for that looks at an image once.
  ///
  /// - Parameter others: names of options and whether they are given.
  func check(against others: [(name: String, isGiven: Bool)]) throws {
    guard views > 1, let other = others.first(where: \.isGiven) else { return }
    throw ValidationError(
      "--\(other.name) looks at each image once, as it is; leave --views out")
  }

  /// A model that looks at images as these options say.
  func apply(to classifier: ImageClassifier, _ provenance: Provenance) -> ImageClassifier {
    guard views > 1 else { return classifier }
    return classifier.averaging(PictureViews(views, mirrors: provenance.mirrorsPictures))
  }
}
