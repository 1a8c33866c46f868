import RowwiseRandomness

/// One division of a data set for cross-validation: what is learnt from, and what is judged.
public struct DatasetFold: Sendable {
  /// The fold's number, from 0.
  public let number: Int
  /// All samples that are not held out.
  public let training: ImageDataset
  /// The samples that this fold judges.
  public let heldOut: ImageDataset
  /// The numbers of the held-out samples in the whole set, rising.
  public let heldOutIndices: [Int]
}

extension ImageDataset {
  /// Divides the samples for cross-validation: every sample is held out by exactly one fold, and
  /// every class is spread evenly over the folds (their counts differ by at most one).
  ///
  /// Which sample goes where, the seed decides, and nothing else: each class is shuffled as
  /// ``stratifiedSplit(holdingBack:seed:)`` does, and dealt out in turn, a class beginning where the
  /// one before ended. Both sides of a fold keep the order of the samples.
  ///
  /// - Parameter count: the number of folds, at least 2 and at most the number of samples.
  /// - Throws: `invalidFolds` where the count is out of range.
  public func stratifiedFolds(
    _ count: Int, seed: UInt64
  ) throws(DatasetError) -> [DatasetFold] {
    guard count >= 2, count <= self.count else {
      throw .invalidFolds(count: count, samples: self.count)
    }
    var fold = [Int](repeating: 0, count: self.count)
    var next = 0
    for members in shuffledClasses(seed: seed) {
      for sample in members {
        fold[sample] = next
        next = (next + 1) % count
      }
    }
    return (0..<count).map { number in
      let heldOut = fold.indices.filter { fold[$0] == number }
      return DatasetFold(
        number: number, training: subset(fold.indices.filter { fold[$0] != number }),
        heldOut: subset(heldOut), heldOutIndices: heldOut)
    }
  }

  /// The numbers of each class's samples, shuffled by a generator of the class's own.
  func shuffledClasses(seed: UInt64) -> [[Int]] {
    var byClass = [[Int]](repeating: [], count: classNames.count)
    for (index, label) in labels.enumerated() { byClass[Int(label)].append(index) }
    for label in byClass.indices {
      // One step of a generator tells neighbouring seeds and classes apart.
      var mixer = SplitMix64(seed: seed &+ UInt64(label) &* 0xD1B5_4A32_D192_ED03)
      var random = SplitMix64(seed: mixer.next())
      random.shuffle(&byClass[label])
    }
    return byClass
  }
}
