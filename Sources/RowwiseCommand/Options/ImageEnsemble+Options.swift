import Rowwise
import RowwiseRowSequencing

extension ImageEnsemble {
  /// The only model, for what follows one network.
  ///
  /// - Parameters:
  ///   - option: what asks for it.
  ///   - path: the models'.
  /// - Throws: `CommandError.unusableInput` where there are several.
  func single(for option: String, _ path: String) throws(CommandError) -> ImageClassifier {
    guard members.count == 1 else {
      throw .unusableInput(
        path: path,
        reason:
          "\(members.count) models that answer together; \(option) is for one network: give one of "
          + "the models, or leave it out")
    }
    return members[0].classifier
  }

  /// The models as options say that they read and look at images.
  ///
  /// - Throws: `CommandError.unusableInput`, as `PictureOptions.adapt`.
  func reading(
    _ pictures: PictureOptions, _ looks: ViewOptions, from path: String
  ) throws(CommandError) -> ImageEnsemble {
    try mapMembers { member throws(CommandError) in
      looks.apply(to: try pictures.adapt(member.classifier, from: path), member.provenance)
    }
  }

  /// Whether images are measured against the training images; those of the first model count.
  var measuresPictures: Bool { members[0].classifier.measuresPictures }

  /// What is done to images; that of the first model counts.
  var adaptation: PictureAdaptation { members[0].classifier.preprocessing.adaptation }
}
