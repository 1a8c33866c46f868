import RowwiseTexts

/// How far training has come, for the progress row.
struct TrainingProgress: Sendable, Equatable {
  /// The epoch that runs, counted from 1, and how many there will be.
  var epoch: Int
  var epochCount: Int
  /// Batches of this epoch that are done, and how many it has.
  var batch: Int
  var batchCount: Int
  /// Samples of this epoch that are done.
  var samples: Int
  /// Since the epoch's beginning.
  var seconds: Double
  /// Means over what of the epoch is done.
  var loss: Double
  var accuracy: Double

  /// The row; the time left is that of all epochs, at this epoch's pace.
  var row: ProgressRow {
    let share = batchCount > 0 ? Double(batch) / Double(batchCount) : 0
    let epochsLeft = Double(epochCount - epoch) + (1 - share)
    let secondsLeft = share > 0 ? seconds / share * epochsLeft : .infinity
    let rate = seconds > 0 ? Double(samples) / seconds : 0
    return ProgressRow(
      label: "epoch \(epoch)/\(epochCount)", fraction: share,
      details: [
        .init(text: "batch \(batch)/\(batchCount)", rank: 5),
        .init(text: "\(NumberText.grouped(Int(min(rate, 1e12)))) images/s", rank: 4),
        .init(text: "loss \(NumberText.fixed(loss, decimals: 4))", rank: 2),
        .init(text: "accuracy \(NumberText.percent(accuracy))", rank: 3),
        .init(text: "\(DurationText.text(seconds: secondsLeft)) left", rank: 1),
      ])
  }
}
