import RowwiseEvaluation
import RowwiseImageDecoding
import RowwiseReports
import RowwiseTexts

/// A run's history as pictures: an SVG and a PNG file, and lines of blocks for a terminal.
enum TrainingCurves {
  /// Loss above accuracy.
  static func svg(_ records: [EpochRecord]) -> String {
    let charts = charts(records).map { $0.document() }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="440" height="740" viewBox="0 0 440 740">
      <svg y="0" width="440" height="362">
      \(charts[0])</svg>
      <svg y="370" width="440" height="362">
      \(charts[1])</svg>
      </svg>

      """
  }

  /// The same as a PNG file; nil where there is no number to draw.
  ///
  /// - Throws: `ImageDecodingError` where it cannot be encoded.
  static func png(_ records: [EpochRecord]) throws -> [UInt8]? {
    try LineChart.picture(charts(records)).map { try PNGWriter.encode($0) }
  }

  /// Loss, then accuracy.
  private static func charts(_ records: [EpochRecord]) -> [LineChart] {
    [
      chart(
        "Loss", "nats",
        [
          ("training", records.map(\.loss)),
          ("validation", records.map { $0.validationLoss ?? .nan }),
        ]),
      chart(
        "Accuracy", "share",
        [
          ("training", records.map(\.accuracy)),
          ("validation", records.map { $0.validationAccuracy ?? .nan }),
        ]),
    ]
  }

  private static func chart(
    _ title: String, _ unit: String, _ lines: [(name: String, values: [Double])]
  ) -> LineChart {
    let series = lines.filter { $0.values.contains(where: \.isFinite) }.map { line in
      ChartSeries(
        name: line.name,
        points: line.values.enumerated().map { CurvePoint(x: Double($0 + 1), y: $1) })
    }
    return LineChart(title: title, xTitle: "epoch", yTitle: unit, series: series)
  }

  /// A row for each curve: its name, its course, its first and last number.
  ///
  /// - Parameter columns: how wide a row may be.
  static func rows(_ records: [EpochRecord], columns: Int) -> [String] {
    let curves: [(name: String, values: [Double])] = [
      ("loss", records.map(\.loss)), ("validation loss", records.map { $0.validationLoss ?? .nan }),
      ("accuracy", records.map(\.accuracy)),
      ("validation accuracy", records.map { $0.validationAccuracy ?? .nan }),
    ]
    return curves.filter { $0.values.count > 1 && $0.values.allSatisfy(\.isFinite) }.map { curve in
      let first = NumberText.fixed(curve.values[0], decimals: 4)
      let last = NumberText.fixed(curve.values[curve.values.count - 1], decimals: 4)
      let (name, numbers) = (TerminalText.left(curve.name, 19), "\(first) to \(last)")
      let room = min(40, max(8, columns - name.count - numbers.count - 4))
      return "\(name)  \(sparkline(curve.values, columns: room))  \(numbers)"
    }
  }

  /// Numbers as blocks of eight heights, at most `columns` of them.
  static func sparkline(_ values: [Double], columns: Int) -> String {
    let blocks = Array("▁▂▃▄▅▆▇█")
    guard let low = values.min(), let high = values.max() else { return "" }
    let count = min(columns, values.count)
    return String(
      (0..<count).map { column in
        let value = values[count == 1 ? 0 : column * (values.count - 1) / (count - 1)]
        guard high > low else { return blocks[0] }
        return blocks[min(Int((value - low) / (high - low) * 8), 7)]
      })
  }
}
