/// How often each class was taken for each other: counts[label][prediction].
///
/// Rows are true classes, columns are predicted ones, as in scikit-learn. It grows by streaming,
/// in memory that depends only on the number of classes, and matrices of parts of a data set
/// merge to the matrix of the whole.
public struct ConfusionMatrix: Sendable, Equatable {
  /// The classes' names; a class is known by its index in this list.
  public let classNames: [String]
  /// The counts, row-major [classes × classes].
  public private(set) var counts: [Int]

  /// Makes a matrix of zeros.
  /// - Parameter classNames: at least one name; equal names stay separate classes.
  public init(classNames: [String]) {
    precondition(!classNames.isEmpty, "a confusion matrix needs at least one class")
    self.classNames = classNames
    self.counts = Array(repeating: 0, count: classNames.count * classNames.count)
  }

  /// Makes a matrix of zeros whose classes are called "0", "1", ….
  public init(classCount: Int) {
    precondition(classCount > 0, "a confusion matrix needs at least one class, got \(classCount)")
    self.init(classNames: (0..<classCount).map(String.init))
  }

  /// Makes a matrix from its counts.
  /// - Parameters:
  ///   - classNames: at least one name.
  ///   - counts: row-major [classes × classes], none negative.
  public init(classNames: [String], counts: [Int]) {
    self.init(classNames: classNames)
    precondition(
      counts.count == self.counts.count,
      "\(classNames.count) classes need \(self.counts.count) counts, got \(counts.count)")
    precondition(counts.allSatisfy { $0 >= 0 }, "counts cannot be negative")
    self.counts = counts
  }

  /// The number of classes.
  public var classCount: Int { classNames.count }

  /// How many samples of class `label` were taken for class `prediction`.
  public subscript(label label: Int, prediction prediction: Int) -> Int {
    counts[index(label, prediction)]
  }

  /// Counts one sample, or `count` alike.
  public mutating func add(label: Int, prediction: Int, count: Int = 1) {
    precondition(count >= 0, "a count cannot be negative, got \(count)")
    counts[index(label, prediction)] += count
  }

  /// Counts samples given as two arrays of equal length.
  public mutating func add(labels: [Int], predictions: [Int]) {
    precondition(
      labels.count == predictions.count,
      "\(labels.count) labels but \(predictions.count) predictions")
    let classes = classNames.count
    for sample in labels.indices {
      let label = labels[sample]
      let prediction = predictions[sample]
      precondition(
        label >= 0 && label < classes && prediction >= 0 && prediction < classes,
        "label or prediction outside the matrix's classes")
      counts[label &* classes &+ prediction] += 1
    }
  }

  /// Adds the counts of another part of the same evaluation.
  /// - Throws: `EvaluationError.classesDiffer` where the class names are not the same.
  public mutating func merge(_ other: ConfusionMatrix) throws(EvaluationError) {
    guard classNames == other.classNames else {
      throw .classesDiffer(expected: classNames, received: other.classNames)
    }
    for index in counts.indices { counts[index] += other.counts[index] }
  }

  private func index(_ label: Int, _ prediction: Int) -> Int {
    precondition(
      classNames.indices.contains(label), "label \(label) is not among \(classCount) classes")
    precondition(
      classNames.indices.contains(prediction),
      "prediction \(prediction) is not among \(classCount) classes")
    return label * classCount + prediction
  }
}

extension ConfusionMatrix {
  /// The number of samples counted.
  public var total: Int { counts.reduce(0, +) }

  /// The number of samples predicted right.
  public var correct: Int {
    classNames.indices.reduce(0) { $0 + counts[$1 * classCount + $1] }
  }

  /// Per class, how many samples are of it (support).
  public var labelTotals: [Int] {
    classNames.indices.map { row in
      counts[row * classCount..<(row + 1) * classCount].reduce(0, +)
    }
  }

  /// Per class, how often it was predicted.
  public var predictionTotals: [Int] {
    var totals = Array(repeating: 0, count: classCount)
    for row in classNames.indices {
      for column in classNames.indices { totals[column] += counts[row * classCount + column] }
    }
    return totals
  }

  /// The counts as rows, one per true class.
  public var rows: [[Int]] {
    classNames.indices.map { Array(counts[$0 * classCount..<($0 + 1) * classCount]) }
  }

  /// The share of samples predicted right: Σₖ nₖₖ / n; NaN without samples.
  public var accuracy: Double { ZeroDivision.undefined.ratio(correct, total) }
}
