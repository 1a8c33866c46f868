import RowwiseTexts

/// What one epoch of training came to.
struct EpochRecord: Sendable, Equatable, Codable {
  /// Counted from 1.
  var epoch: Int
  /// Mean over the epoch's batches, nats.
  var loss: Double
  /// Share of the training samples that were classified rightly as they came.
  var accuracy: Double
  /// The same after the epoch over the validation samples; nil where there are none.
  var validationLoss: Double?
  /// See `validationLoss`.
  var validationAccuracy: Double?
  /// See `validationLoss`.
  var validationMacroF1: Double?
  /// In force at the epoch's end.
  var learningRate: Double
  /// Training samples a second, validation left out.
  var samplesPerSecond: Double
  /// From the epoch's beginning to its end, validation included.
  var seconds: Double

  /// The epoch in one row of a log.
  func row(epochCount: Int) -> LogRow {
    let (loss, accuracy) = (NumberText.fixed(loss, decimals: 4), NumberText.percent(accuracy))
    var parts = [
      LogRow.Part("loss \(loss)", rank: 3),
      LogRow.Part("accuracy \(accuracy)", "accuracy \(accuracy)", "acc. \(accuracy)", rank: 4),
    ]
    if let validationLoss, let validationAccuracy {
      let loss = NumberText.fixed(validationLoss, decimals: 4)
      let accuracy = NumberText.percent(validationAccuracy)
      // The second number of a pair is the accuracy, as it is before.
      parts += [
        LogRow.Part("validation loss \(loss)", "validation \(loss)", "val. \(loss)", rank: 2),
        LogRow.Part("validation accuracy \(accuracy)", accuracy, rank: 1),
      ]
    }
    if samplesPerSecond.isFinite {
      let rate = NumberText.grouped(Int(min(max(0, samplesPerSecond), 1e12)))
      parts.append(LogRow.Part("\(rate) images/s", "\(rate)/s", rank: 6))
    }
    parts.append(LogRow.Part(DurationText.text(seconds: seconds), rank: 5))
    let number = TerminalText.right(String(epoch), String(epochCount).count)
    return LogRow(label: "epoch \(number)/\(epochCount)", parts: parts)
  }
}

/// `history.csv`: one row an epoch.
enum HistoryTable {
  /// The columns' names.
  static let columns = [
    "epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "learning_rate",
    "samples_per_second", "seconds", "validation_macro_f1",
  ]

  /// The whole table; numbers in full, empty where there was no validation.
  static func text(_ records: [EpochRecord]) -> String {
    let rows = records.map { record in
      CSVText.row([
        String(record.epoch), CSVText.number(record.loss), CSVText.number(record.accuracy),
        record.validationLoss.map { CSVText.number($0) } ?? "",
        record.validationAccuracy.map { CSVText.number($0) } ?? "",
        CSVText.number(record.learningRate), CSVText.number(record.samplesPerSecond),
        CSVText.number(record.seconds),
        record.validationMacroF1.map { CSVText.number($0) } ?? "",
      ])
    }
    return CSVText.row(columns) + rows.joined()
  }
}
