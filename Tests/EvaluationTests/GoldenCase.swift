import Foundation
import RowwiseEvaluation
import RowwiseRandomness

/// What `Scripts/goldens/make_evaluation_goldens.py` wrote: scikit-learn's and SciPy's numbers.
struct Goldens: Decodable {
  struct McNemar: Decodable {
    let first: Int
    let second: Int
    let pValue: Double
  }

  struct Paired: Decodable {
    let first: Int
    let second: Int
    let samples: Int
    let interval: [Double]
  }

  let mcnemar: [McNemar]
  let paired: [Paired]
  let cases: [GoldenCase]

  /// Read once, from the package's folder.
  static let shared: Result<Goldens, any Error> = Result {
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/evaluation.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Goldens.self, from: Data(contentsOf: url))
  }

  static let caseNames = [
    "balanced", "imbalanced, with ties", "absent class", "never-predicted class", "two classes",
    "137 classes",
  ]

  static func named(_ name: String) throws -> GoldenCase {
    let found = try shared.get().cases.first { $0.name == name }
    guard let found else { throw CocoaError(.fileReadCorruptFile) }
    return found
  }
}

/// One set of predictions and its metrics.
struct GoldenCase: Decodable {
  struct Averages: Decodable {
    let precision: Double?
    let recall: Double?
    let f1: Double?
  }

  struct PerClass: Decodable {
    let precision: [Double?]
    let recall: [Double?]
    let f1: [Double?]
  }

  struct AllAverages: Decodable {
    let None: PerClass
    let macro: Averages
    let weighted: Averages
    let micro: Averages
  }

  struct Ranking: Decodable {
    let rocArea: [Double?]
    let averagePrecision: [Double?]
    let macroRocArea: Double
    let weightedRocArea: Double
    let macroAveragePrecision: Double
    let weightedAveragePrecision: Double
  }

  struct Intervals: Decodable {
    let precision: [[Double?]]
    let recall: [[Double?]]
    let f1: [[Double?]]
    let specificity: [[Double?]]
  }

  struct Calibration: Decodable {
    let accuracy: [Double]
    let confidence: [Double]
    let counts: [Int]
    let expected: Double
    let maximum: Double
  }

  struct Temperature: Decodable {
    let value: Double
    let loss: Double
    let firstRow: [Double]
  }

  struct Curves: Decodable {
    let fpr: [Double]
    let tpr: [Double]
    let precision: [Double]
    let recall: [Double]
  }

  let name: String
  let seed: UInt64
  let classes: Int
  let samples: Int
  let weights: [Int]
  let confusion: Int
  let boost: Int
  let scale: Int
  let never: [Int]
  let labelChecksum: Int
  let confusionMatrix: [[Int]]?
  let normalizedChecksums: [String: Double]
  let accuracy: Double
  let accuracyWilson: [Double]
  let accuracyWilson99: [Double]
  let classIntervals: Intervals
  let balancedAccuracy: Double
  let cohenKappa: Double
  let matthewsCorrelation: Double
  let specificity: [Double]
  let loss: Double
  let brierScore: Double
  let topKAccuracy: [String: Double]
  let averages: [String: AllAverages]
  let ranking: Ranking
  let calibration: [String: Calibration]
  let aurc: Double
  let temperature: Temperature
  let bootstrap: [String: [Double]]?
  let curvesOfClass3: Curves?
}

extension GoldenCase {
  /// The predictions, made as the script's head describes.
  func accumulate() throws -> EvaluationAccumulator {
    var accumulator = EvaluationAccumulator(classNames: (0..<classes).map(String.init))
    var random = SplitMix64(seed: seed)
    func draw(_ limit: Int) -> Int {
      Int(random.next().multipliedFullWidth(by: UInt64(limit)).high)
    }
    let weightSum = weights.reduce(0, +)
    for _ in 0..<samples {
      let drawn = draw(weightSum)
      var label = 0
      var running = weights[0]
      while running <= drawn {
        label += 1
        running += weights[label]
      }
      var row = (0..<classes).map { _ in
        let root = draw(1024)
        return (root * root) >> 10
      }
      let target = draw(100) < confusion ? draw(classes) : label
      row[target] += boost * (1 + draw(8))
      for index in never { row[index] = 0 }
      let sum = row.reduce(0, +)
      if sum == 0 { row[label] += 1 }
      let divisor = max(sum, 1)
      let greatest = row.max() ?? 0
      let first = row.firstIndex(of: greatest) ?? 0
      row = row.map { $0 * scale / divisor }
      row[first] += scale - row.reduce(0, +)
      try accumulator.add(label: label, probabilities: row.map { Float($0) / Float(scale) })
    }
    return accumulator
  }
}

/// Whether the numbers agree to 1e-9, absolutely or relatively; NaN agrees with null alone.
func agree(_ value: Double, _ golden: Double?) -> Bool {
  guard let golden else { return value.isNaN }
  return isClose(value, golden, within: 1e-9)
}

/// Whether all numbers agree to 1e-9.
func agree(_ values: [Double], _ goldens: [Double?]) -> Bool {
  values.count == goldens.count && zip(values, goldens).allSatisfy(agree)
}
