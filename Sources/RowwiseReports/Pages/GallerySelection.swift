import RowwiseEvaluation

/// The samples whose pictures a report page shows.
///
/// Whoever writes the page asks this for the samples, makes a thumbnail of each, and hands them to
/// `HTMLReport`.
public struct GallerySelection: Sendable, Equatable {
  /// Wrong predictions, the most confident first.
  public let confidentMistakes: [Int]
  /// Right predictions, the least confident first.
  public let unsureHits: [Int]
  /// Samples whose labels are likely to be wrong, the most suspect first; empty where not asked
  /// for, or where probabilities were not kept.
  public let suspectedLabels: [SuspectedLabelError]
  /// Misread samples by cell of the confusion matrix (label × classes + prediction), the most
  /// confident first.
  public let misreadByCell: [Int: [Int]]

  /// Chooses samples.
  /// - Parameters:
  ///   - limit: how many samples each gallery shows.
  ///   - perCell: how many samples each cell of the confusion matrix shows.
  ///   - total: how many samples all cells together show; frequent cells go first.
  ///   - suspectsLabels: whether to look for wrong labels, which needs probabilities of a model
  ///     that was not trained on these samples.
  public init(
    _ accumulator: EvaluationAccumulator, limit: Int = 24, perCell: Int = 8, total: Int = 600,
    suspectsLabels: Bool = false
  ) {
    precondition(limit >= 0 && perCell >= 0 && total >= 0, "limits cannot be negative")
    let confidences = accumulator.confidences
    let correct = accumulator.correct
    let classes = accumulator.classNames.count
    let wrong = correct.indices.filter { !correct[$0] }
      .sorted { (confidences[$1], $0) < (confidences[$0], $1) }
    let hits = correct.indices.filter { correct[$0] }
      .sorted { (confidences[$0], $0) < (confidences[$1], $1) }
    confidentMistakes = Array(wrong.prefix(limit))
    unsureHits = Array(hits.prefix(limit))
    suspectedLabels =
      suspectsLabels && accumulator.keepsProbabilities
      ? Array(accumulator.suspectedLabelErrors().prefix(limit)) : []

    var cells: [Int: [Int]] = [:]
    for sample in wrong {
      let cell = Int(accumulator.labels[sample]) * classes + Int(accumulator.predictions[sample])
      cells[cell, default: []].append(sample)
    }
    let counts = accumulator.confusion.counts
    var room = total
    var chosen: [Int: [Int]] = [:]
    for cell in cells.keys.sorted(by: { (counts[$1], $0) < (counts[$0], $1) }) {
      let samples = (cells[cell] ?? []).prefix(min(perCell, room))
      if samples.isEmpty { break }
      chosen[cell] = Array(samples)
      room -= samples.count
    }
    misreadByCell = chosen
  }

  /// Every sample shown anywhere, rising.
  public var samples: [Int] {
    Set(
      confidentMistakes + unsureHits + suspectedLabels.map(\.sample)
        + misreadByCell.values.joined()
    ).sorted()
  }
}
