import Foundation
import RowwiseEvaluation
import Testing

@Suite struct ConfusionMatrixTests {
  /// True a: 3 right, 1 as b. True b: 2 right. True c: 1 as a.
  static let small = ConfusionMatrix(
    classNames: ["a", "b", "c"], counts: [3, 1, 0, 0, 2, 0, 1, 0, 0])

  @Test func countsRowsAsTrueClasses() {
    var matrix = ConfusionMatrix(classNames: ["a", "b", "c"])
    matrix.add(labels: [0, 0, 0, 0, 1, 1], predictions: [0, 0, 0, 1, 1, 1])
    matrix.add(label: 2, prediction: 0)
    #expect(matrix == Self.small)
    #expect(matrix[label: 0, prediction: 1] == 1)
    #expect(matrix[label: 1, prediction: 0] == 0)
    #expect(matrix.rows == [[3, 1, 0], [0, 2, 0], [1, 0, 0]])
    #expect(matrix.total == 7)
    #expect(matrix.correct == 5)
    #expect(matrix.labelTotals == [4, 2, 1])
    #expect(matrix.predictionTotals == [4, 3, 0])
    #expect(matrix.accuracy == 5.0 / 7.0)
  }

  @Test func emptyMatrixHasNoAccuracy() {
    #expect(ConfusionMatrix(classCount: 3).accuracy.isNaN)
    #expect(ConfusionMatrix(classCount: 3).classNames == ["0", "1", "2"])
  }

  @Test func partsMergeToTheWhole() throws {
    let pairs = PairGenerator(seed: 5, classes: 7).pairs(1_000)
    var whole = ConfusionMatrix(classCount: 7)
    whole.add(labels: pairs.map(\.label), predictions: pairs.map(\.prediction))
    var merged = ConfusionMatrix(classCount: 7)
    for part in [pairs[..<10], pairs[10..<10], pairs[10..<700], pairs[700...]] {
      var matrix = ConfusionMatrix(classCount: 7)
      for pair in part { matrix.add(label: pair.label, prediction: pair.prediction) }
      try merged.merge(matrix)
    }
    #expect(merged == whole)
  }

  @Test func otherClassesDoNotMerge() {
    var matrix = ConfusionMatrix(classNames: ["a", "b"])
    #expect(throws: EvaluationError.classesDiffer(expected: ["a", "b"], received: ["b", "a"])) {
      try matrix.merge(ConfusionMatrix(classNames: ["b", "a"]))
    }
  }

  /// Ten million pairs, as issued, in release builds; fewer where nothing is optimised.
  @Test func accumulatesQuickly() {
    #if DEBUG
      let count = 200_000
    #else
      let count = 10_000_000
    #endif
    let pairs = PairGenerator(seed: 1, classes: 10).pairs(count)
    let labels = pairs.map(\.label)
    let predictions = pairs.map(\.prediction)
    var matrix = ConfusionMatrix(classCount: 10)
    let elapsed = ContinuousClock().measure {
      matrix.add(labels: labels, predictions: predictions)
    }
    print("MEASURED: \(count) pairs accumulated in \(elapsed)")
    #expect(matrix.total == count)
    #expect(elapsed < .seconds(1), "\(count) pairs took \(elapsed)")
  }

  /// A thousand classes are written in every form, and shown by what matters of them.
  @Test func aThousandClassesWriteAndRender() throws {
    let count = 1_000
    var matrix = ConfusionMatrix(classCount: count)
    for label in 0..<count {
      matrix.add(label: label, prediction: label, count: 40)
      matrix.add(label: label, prediction: (label * 7 + 1) % count, count: label % 5)
    }
    #expect(matrix.csv.utf8.count { $0 == 0x0A } == count + 1)
    let text = matrix.text(width: 100)
    #expect(text.split(separator: "\n").count < 60)
    let picture = matrix.picture()
    #expect(picture.width < 2_600 && picture.height < 1_300)
    let copy = try JSONDecoder().decode(
      ConfusionMatrix.self, from: JSONEncoder().encode(matrix))
    #expect(copy == matrix)
  }
}

@Suite struct ConfusionMatrixCodableTests {
  private func decode(_ json: String) throws -> ConfusionMatrix {
    try JSONDecoder().decode(ConfusionMatrix.self, from: Data(json.utf8))
  }

  @Test func roundTrips() throws {
    let data = try JSONEncoder().encode(ConfusionMatrixTests.small)
    #expect(
      try JSONDecoder().decode(ConfusionMatrix.self, from: data) == ConfusionMatrixTests.small)
  }

  @Test(arguments: [
    #"{"classes": [], "confusion_matrix": []}"#,
    #"{"classes": ["a", "b"], "confusion_matrix": [[1, 2]]}"#,
    #"{"classes": ["a", "b"], "confusion_matrix": [[1, 2], [3]]}"#,
    #"{"classes": ["a"], "confusion_matrix": [[-1]]}"#,
    #"{"classes": ["a", "b"], "confusion_matrix": [[9223372036854775807, 1], [0, 0]]}"#,
    #"{"classes": ["a"], "confusion_matrix": [[0.5]]}"#,
    #"{"classes": ["a"]}"#,
  ])
  func refusesWhatIsNoMatrix(json: String) {
    #expect(throws: DecodingError.self) { try decode(json) }
  }
}

/// Label and prediction pairs from a linear congruential generator; two of three pairs agree.
struct PairGenerator {
  private var state: UInt64
  private let classes: UInt64

  init(seed: UInt64, classes: Int) {
    state = seed
    self.classes = UInt64(classes)
  }

  func pairs(_ count: Int) -> [(label: Int, prediction: Int)] {
    var copy = self
    return (0..<count).map { _ in copy.next() }
  }

  private mutating func next() -> (label: Int, prediction: Int) {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let draw = state >> 33
    let label = draw % classes
    let other = (draw / classes) % classes
    return (Int(label), Int((draw / 1_000) % 3 < 2 ? label : other))
  }
}
