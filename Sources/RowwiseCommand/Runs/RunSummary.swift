import RowwiseFiles
import RowwiseTraining

/// What a run folder tells: the options it was started with, and its history.
struct RunSummary: Sendable, Equatable {
  /// The folder.
  let path: String
  /// Options by key, as they stand in `config.json`; those that are null are left out.
  let options: [String: String]
  /// One a complete epoch.
  let epochs: [Row]

  /// The columns of `history.csv` that runs are compared by.
  struct Row: Sendable, Equatable {
    var epoch: Int
    var loss: Double
    var accuracy: Double
    var validationLoss: Double?
    var validationAccuracy: Double?
    var validationMacroF1: Double?

    /// Whether the epoch is better than another one, as `MonitoredMetric.isBetter` has it: of equals
    /// the one with the lower loss, and without validation the newer one.
    func isBetter(than other: Row, by metric: MonitoredMetric) -> Bool {
      guard let score = score(metric), let otherScore = other.score(metric) else { return true }
      let losses = (validationLoss ?? loss, other.validationLoss ?? other.loss)
      return (score, -losses.0) > (otherScore, -losses.1)
    }

    /// The number to be made large; nil where there is none.
    func score(_ metric: MonitoredMetric) -> Double? {
      switch metric {
      case .validationAccuracy: validationAccuracy
      case .validationLoss: validationLoss.map { -$0 }
      case .validationMacroF1: validationMacroF1
      case .accuracy: accuracy
      case .loss: -loss
      }
    }
  }

  /// Reads a run folder.
  ///
  /// - Throws: `ConfigurationError`, `FileError`.
  init(path: String) throws {
    self.path = path
    var options: [String: String] = [:]
    for entry in try ArgumentExpansion.configuration(ofRun: path).entries {
      switch entry.value {
      case .text(let text): options[entry.key] = text
      case .bool(let value): options[entry.key] = value ? "true" : "false"
      case .null, .list, .table: break
      }
    }
    self.options = options
    let history = path + "/" + TrainingRun.historyName
    guard FileKind(path: history) != nil else {
      epochs = []
      return
    }
    epochs = Self.rows(String(decoding: try InputFile.bytes(path: history), as: UTF8.self))
  }

  /// Reads a table as `HistoryTable` writes it; rows that are no such are left out.
  static func rows(_ text: String) -> [Row] {
    let lines = text.split(separator: "\n")
    guard let header = lines.first else { return [] }
    let names = header.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    return lines.dropFirst().compactMap { line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      func number(_ name: String) -> Double? {
        guard let index = names.firstIndex(of: name), index < fields.count else { return nil }
        return Double(fields[index])
      }
      guard let epoch = number("epoch").flatMap({ Int(exactly: $0) }), let loss = number("loss"),
        let accuracy = number("accuracy")
      else { return nil }
      return Row(
        epoch: epoch, loss: loss, accuracy: accuracy, validationLoss: number("validation_loss"),
        validationAccuracy: number("validation_accuracy"),
        validationMacroF1: number("validation_macro_f1"))
    }
  }

  /// The epoch that is best by a metric: the one whose weights the run keeps where it goes by that.
  func best(_ metric: MonitoredMetric) -> Row? {
    var best: Row?
    for row in epochs where best.map({ row.isBetter(than: $0, by: metric) }) ?? true { best = row }
    return best
  }

  /// The data set, as it was named when the run was started.
  var data: String {
    let data = options["data"] ?? "unknown data"
    return data.count > 1 && data.hasSuffix("/") ? String(data.dropLast()) : data
  }

  /// Epochs that the run was to have.
  var plannedEpochs: Int? { options["epochs"].flatMap { Int($0) } }
}
