/// A matrix cut down to the classes with most errors, the others summed at its ends.
package struct CondensedMatrix {
  /// The indices of the classes kept, rising.
  package let classes: [Int]
  /// How many classes were summed in a last row and column; 0 where all are kept.
  package let others: Int
  /// The counts; as many rows and columns as classes kept, and one more where others is not 0.
  package let cells: [[Int]]
}

extension ConfusionMatrix {
  /// Keeps at most `limit` classes, those with most errors as label or as prediction.
  package func condensed(_ limit: Int) -> CondensedMatrix {
    let kept = classesWithMostErrors(limit)
    let others = classCount - kept.count
    guard others > 0 else { return CondensedMatrix(classes: kept, others: 0, cells: rows) }
    var slots = Array(repeating: kept.count, count: classCount)
    for (slot, index) in kept.enumerated() { slots[index] = slot }
    var cells = Array(repeating: Array(repeating: 0, count: kept.count + 1), count: kept.count + 1)
    for row in slots.indices {
      for column in slots.indices {
        cells[slots[row]][slots[column]] += counts[row * classCount + column]
      }
    }
    return CondensedMatrix(classes: kept, others: others, cells: cells)
  }

  /// The classes with most errors, at most `limit` of them, in ascending order of index.
  private func classesWithMostErrors(_ limit: Int) -> [Int] {
    guard classCount > limit else { return Array(classNames.indices) }
    let labels = labelTotals
    let predictions = predictionTotals
    let errors = classNames.indices.map {
      labels[$0] + predictions[$0] - 2 * counts[$0 * classCount + $0]
    }
    let worst = classNames.indices.sorted { (errors[$1], $0) < (errors[$0], $1) }
    return worst.prefix(limit).sorted()
  }
}
