package import RowwiseDatasetLoading
import RowwiseRowSequencing
package import RowwiseTraining

/// Classifiers that teach another one: what they make of its training pictures, changed at random as it
/// sees them, before these are mixed.
package struct ImageTeacher: SequenceTeacher {
  private let ensemble: ImageEnsemble
  private let members: [NetworkTeacher<DatasetSource>]

  /// - Parameters:
  ///   - ensemble: answers in any order of the classes.
  ///   - student: whose classes they are; reads pictures as all of them do.
  ///   - dataset: what it learns from.
  ///   - options: by which pictures are changed at random.
  /// - Throws: `EnsembleError` where a member has other classes; `TrainingError.invalidOption` where one
  ///   reads pictures otherwise.
  package init(
    _ ensemble: ImageEnsemble, of student: ImageClassifier, _ dataset: ImageDataset,
    _ options: TrainingOptions
  ) throws {
    let own = student.preprocessing
    for its in ensemble.members.map(\.classifier.preprocessing) where !own.takesPictures(as: its) {
      throw TrainingError.invalidOption(
        "a teacher must read pictures of its student's size and channels, \(own.width) × \(own.height) "
          + "\(own.color.rawValue), with the same adaptation; it reads \(its.width) × \(its.height) "
          + its.color.rawValue)
    }
    self.ensemble = try ensemble.ordered(as: student.classNames)
    members = ensemble.members.map { member in
      NetworkTeacher(
        member.classifier.network,
        DatasetSource(
          dataset, preprocessing: member.classifier.preprocessing,
          augmentation: options.augmentation, seed: options.seed))
    }
  }

  package func probabilities(of indices: [Int], epoch: Int) throws -> [Float] {
    let answers = try members.map { member in
      let all = try member.probabilities(of: indices, epoch: epoch)
      let classes = all.count / max(indices.count, 1)
      return indices.indices.map { Array(all[$0 * classes..<($0 + 1) * classes]) }
    }
    return ensemble.mean(answers).flatMap { $0 }
  }
}
