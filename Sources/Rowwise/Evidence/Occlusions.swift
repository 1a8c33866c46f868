import RealModule
import RowwiseEvaluation
import RowwiseLayers

extension PictureVariants {
  /// Rows and columns of the grid, where there are as many pixels.
  private static let gridSide = 4
  /// Runs of rows that are tried at most, but always every single row.
  private static let mostRuns = 4096

  /// What F loses by rows and by cells of a grid.
  ///
  /// - Parameters:
  ///   - whole: F of the picture.
  ///   - attributions: integrated gradients, [height × width × channels].
  func occlusion(
    of chosen: Int, whole: Double, attributions: [Double]
  ) -> Evidence.Occlusion {
    let (width, height) = (classifier.preprocessing.width, classifier.preprocessing.height)
    let channels = classifier.preprocessing.color.channels
    let rows = logOdds(height, of: chosen) { cover(rows: $0..<$0 + 1, of: &$1) }
    let (gridRows, gridColumns) = (min(Self.gridSide, height), min(Self.gridSide, width))
    func cell(_ number: Int) -> (rows: Range<Int>, columns: Range<Int>) {
      let (y, x) = number.quotientAndRemainder(dividingBy: gridColumns)
      return (
        y * height / gridRows..<(y + 1) * height / gridRows,
        x * width / gridColumns..<(x + 1) * width / gridColumns
      )
    }
    let cells = logOdds(gridRows * gridColumns, of: chosen) { number, sequence in
      let (rows, columns) = cell(number)
      cover(rows: rows, columns: columns, of: &sequence)
    }
    let cellAttributions = (0..<gridRows * gridColumns).map { number in
      let (rows, columns) = cell(number)
      return rows.reduce(0.0) { sum, y in
        let first = (y * width + columns.lowerBound) * channels
        return attributions[first..<first + columns.count * channels].reduce(sum, +)
      }
    }
    return Evidence.Occlusion(
      rows: rows.map { whole - $0 }, gridRows: gridRows, gridColumns: gridColumns,
      cells: cells.map { whole - $0 }, cellAttributions: cellAttributions)
  }

  /// The shortest run of rows without which another class than `prediction` is predicted.
  func counterfactual(_ prediction: Int) -> Evidence.Counterfactual {
    let height = classifier.preprocessing.height
    var tried = 0
    for length in 1...height {
      let runs = height - length + 1
      guard length == 1 || tried + runs <= Self.mostRuns else {
        return Evidence.Counterfactual(run: nil, longestTried: length - 1)
      }
      tried += runs
      var found: Evidence.Counterfactual.Run?
      forEachLogits(runs) {
        cover(rows: $0..<$0 + length, of: &$1)
      } _: { start, logits in
        let best = logits.indices.reduce(0) { logits[$1] > logits[$0] ? $1 : $0 }
        guard found == nil, best != prediction else { return }
        found = Evidence.Counterfactual.Run(
          rows: start..<start + length, classIndex: best,
          probability: Float(1 / (1 + Double.exp(-LogOdds.value(logits, of: best)))))
      }
      if let found { return Evidence.Counterfactual(run: found, longestTried: length) }
    }
    return Evidence.Counterfactual(run: nil, longestTried: height)
  }
}
