import RowwiseEvaluation
import RowwiseTexts

extension ClassificationReport {
  /// The report as a table for a terminal: one row per class, the means, and the overall figures.
  ///
  /// - Parameters:
  ///   - width: terminal columns to stay within; what is under 50 counts as 50.
  ///   - maximumClasses: where there are more classes, those with the lowest F1 are shown.
  public func table(width: Int = 80, maximumClasses: Int = 50) -> String {
    precondition(maximumClasses > 0, "at least one class must be shown, got \(maximumClasses)")
    let width = max(width, 50)
    let shown = classesWithLowestF1(maximumClasses)
    let names = shown.map { TerminalText.printable(perClass[$0].name) }
    let longest = names.reduce(TerminalText.width("weighted mean")) {
      max($0, TerminalText.width($1))
    }
    let nameWidth = min(longest, width - Self.numbersWidth)

    var text = Self.row("class", ["support", "precision", "recall", "F1"], nameWidth)
    for (name, index) in zip(names, shown) {
      let metrics = perClass[index]
      text += Self.row(
        name, metrics.support, [metrics.precision, metrics.recall, metrics.f1], nameWidth)
    }
    text += "\n"
    for (name, means) in [("macro mean", macro), ("weighted mean", weighted)] {
      text += Self.row(name, samples, [means.precision, means.recall, means.f1], nameWidth)
    }
    text += "\n"
    for row in Self.wrapped(figures, width: width) { text += row + "\n" }
    for row in notes(shown: shown.count, width: width) { text += row + "\n" }
    return text
  }

  private static let columnWidths = [10, 11, 9, 9]
  private static let numbersWidth = columnWidths.reduce(0, +)

  private static func row(
    _ name: String, _ support: Int, _ values: [Double], _ nameWidth: Int
  ) -> String {
    let numbers = values.map { NumberText.fixed($0, decimals: 4) }
    return row(name, [NumberText.grouped(support)] + numbers, nameWidth)
  }

  private static func row(_ name: String, _ cells: [String], _ nameWidth: Int) -> String {
    var text = TerminalText.left(TerminalText.truncated(name, to: nameWidth), nameWidth)
    for (cell, width) in zip(cells, columnWidths) { text += TerminalText.right(cell, width) }
    return text + "\n"
  }

  /// The classes with the lowest F1, at most `limit`, in ascending order of index.
  private func classesWithLowestF1(_ limit: Int) -> [Int] {
    guard perClass.count > limit else { return Array(perClass.indices) }
    // What has no F1 has no samples and no predictions: nothing to see.
    let keys = perClass.map { $0.f1.isNaN ? Double.infinity : $0.f1 }
    return perClass.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.prefix(limit).sorted()
  }

  /// The overall figures, each in a few words.
  private var figures: [String] {
    let level = NumberText.fixed((options.bootstrap?.level ?? 0.95) * 100, decimals: 0)
    var figures = [
      "accuracy \(NumberText.percent(accuracy)) "
        + "(\(NumberText.grouped(confusion.correct)) of \(NumberText.grouped(samples)))",
      "\(level) % interval \(NumberText.fixed(accuracyInterval.lower * 100, decimals: 2))–"
        + NumberText.percent(accuracyInterval.upper),
    ]
    if let cost = precisionCost {
      figures.append(
        "\(cost.precision) against \(NumberText.percent(cost.plainAccuracy)) in float32 "
          + "(other predictions: \(NumberText.grouped(cost.changed)))")
    }
    for top in topKAccuracy where top.k > 1 {
      figures.append("top-\(top.k) \(NumberText.percent(top.value))")
    }
    figures.append("loss \(NumberText.fixed(loss, decimals: 4)) nats")
    let change = calibrationChange.map { change in
      " (before scaling by T = \(NumberText.fixed(change.temperature, decimals: 3)): "
        + NumberText.fixed(change.calibration.expectedError, decimals: 4) + ")"
    }
    figures.append(
      "calibration error \(NumberText.fixed(calibration.expectedError, decimals: 4))"
        + (change ?? ""))
    figures.append("balanced accuracy \(NumberText.percent(balancedAccuracy))")
    figures.append("Cohen's kappa \(NumberText.fixed(cohenKappa, decimals: 4))")
    if let ranking {
      figures.append("ROC-AUC \(NumberText.fixed(ranking.macroROCArea, decimals: 4))")
    }
    return figures
  }

  /// What a reader could take amiss without a word on it.
  private func notes(shown: Int, width: Int) -> [String] {
    var notes: [String] = []
    if shown < perClass.count {
      notes.append("Shown: the \(shown) of \(perClass.count) classes with the lowest F1.")
    }
    let worth = options.zeroDivision == .undefined ? "left out" : "counted as "
    let value = options.zeroDivision == .undefined ? "" : options.zeroDivision == .zero ? "0" : "1"
    func note(_ what: String, _ metric: String, _ classes: [ClassMetrics]) {
      guard !classes.isEmpty else { return }
      let names = classes.map { TerminalText.printable($0.name) }.joined(separator: ", ")
      notes.append(
        TerminalText.truncated("\(what) (\(metric) \(worth)\(value)): \(names)", to: width))
    }
    note("Never predicted", "precision", perClass.filter { $0.predicted == 0 })
    note("Without samples", "recall", perClass.filter { $0.support == 0 })
    return notes
  }

  /// The parts joined by commas, in rows of at most `width` columns.
  private static func wrapped(_ parts: [String], width: Int) -> [String] {
    var rows: [String] = []
    var row = ""
    for (index, part) in parts.enumerated() {
      let piece = part + (index + 1 < parts.count ? "," : "")
      if row.isEmpty {
        row = piece
      } else if TerminalText.width(row) + 1 + TerminalText.width(piece) <= width {
        row += " " + piece
      } else {
        rows.append(row)
        row = piece
      }
    }
    return row.isEmpty ? rows : rows + [row]
  }
}
