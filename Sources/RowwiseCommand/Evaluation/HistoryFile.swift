import RowwiseEvaluation
import RowwiseFiles
import RowwiseReports

/// `history.csv` of a run folder, as curves for a report page.
enum HistoryFile {
  /// Charts of what training went through; none where the model is in no run folder.
  ///
  /// - Parameter model: path of the model file; the table is looked for beside it.
  /// - Throws: `FileError`; `DatasetError` where the table is no CSV.
  static func charts(besides model: String) throws -> [LineChart] {
    let path = FileSystem.sibling(TrainingRun.historyName, besides: model)
    guard FileKind(path: path) != nil else { return [] }
    return charts(of: try CSVTable(path: path))
  }

  /// Validation accuracy by epoch; empty where the model is in no run folder.
  ///
  /// - Throws: as `charts(besides:)`.
  static func validationAccuracy(besides model: String) throws -> [CurvePoint] {
    let path = FileSystem.sibling(TrainingRun.historyName, besides: model)
    guard FileKind(path: path) != nil else { return [] }
    return points("validation_accuracy", of: try CSVTable(path: path))
  }

  private static func points(_ name: String, of table: CSVTable) -> [CurvePoint] {
    guard let epoch = table.column("epoch"), let column = table.column(name) else { return [] }
    return table.rows.compactMap { row in
      guard let x = Double(row[epoch]), let y = Double(row[column]) else { return nil }
      return CurvePoint(x: x, y: y)
    }
  }

  /// Loss and accuracy by epoch; columns that are not there give no line.
  static func charts(of table: CSVTable) -> [LineChart] {
    func chart(_ title: String, _ yTitle: String, _ names: (String, String)) -> LineChart? {
      let series = [("training", names.0), ("validation", names.1)].map {
        ChartSeries(name: $0.0, points: points($0.1, of: table))
      }.filter { !$0.points.isEmpty }
      guard !series.isEmpty else { return nil }
      var chart = LineChart(title: title, xTitle: "epoch", yTitle: yTitle, series: series)
      // From 0, so that the axis counts whole epochs.
      chart.xRange = 0...max(5, series.flatMap(\.points).map(\.x).max() ?? 5)
      return chart
    }
    return [
      chart("Training history: loss", "loss (nats)", ("loss", "validation_loss")),
      chart("Training history: accuracy", "accuracy", ("accuracy", "validation_accuracy")),
    ].compactMap { $0 }
  }
}
