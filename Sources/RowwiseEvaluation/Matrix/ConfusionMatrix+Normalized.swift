extension ConfusionMatrix {
  /// What the counts of a normalised matrix are divided by.
  public enum Normalization: String, Sendable, Equatable, CaseIterable {
    /// The row's sum: of the samples of a class, the share that was taken for each class. The
    /// diagonal is recall.
    case label
    /// The column's sum: of the predictions of a class, the share that was of each class. The
    /// diagonal is precision.
    case prediction
    /// The sum of all counts.
    case all
  }

  /// The counts as shares, row by row; 0 where there is nothing to divide, as in scikit-learn.
  public func normalized(by normalization: Normalization) -> [[Double]] {
    let labels = labelTotals
    let predictions = predictionTotals
    let all = labels.reduce(0, +)
    return classNames.indices.map { row in
      classNames.indices.map { column in
        let divisor =
          switch normalization {
          case .label: labels[row]
          case .prediction: predictions[column]
          case .all: all
          }
        return ZeroDivision.zero.ratio(counts[row * classCount + column], divisor)
      }
    }
  }
}
