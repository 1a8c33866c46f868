import Foundation
import RowwiseEvaluation
import TestSupport
import Testing

@Suite struct ClassificationReportTests {
  /// Three classes; the third is never predicted.
  private func report(
    _ options: ClassificationReport.Options = .init(model: "m.safetensors", data: "digits")
  ) throws -> ClassificationReport {
    var accumulator = EvaluationAccumulator(classNames: ["a", "b", "c"])
    try accumulator.add(
      labels: [0, 0, 1, 2],
      probabilities: [0.75, 0.25, 0, 0.25, 0.5, 0.25, 0.25, 0.5, 0.25, 0.5, 0.25, 0.25])
    return try ClassificationReport(accumulator, options: options)
  }

  @Test func tableIsAligned() throws {
    let expected = """
      class           support  precision   recall       F1
      a                     2     0.5000   0.5000   0.5000
      b                     1     0.5000   1.0000   0.6667
      c                     1     0.0000   0.0000   0.0000

      macro mean            4     0.3333   0.5000   0.3889
      weighted mean         4     0.3750   0.5000   0.4167

      accuracy 50.00 % (2 of 4), 95 % interval 15.00–85.00 %, loss 0.9384 nats,
      calibration error 0.1875, balanced accuracy 50.00 %, Cohen's kappa 0.2000,
      ROC-AUC 0.7083
      Never predicted (precision counted as 0): c

      """
    let table = try report().table()
    #expect(table == expected, "\(table)")
  }

  @Test(arguments: [50, 64, 80, 120])
  func hostileNamesKeepTheTableStraight(width: Int) throws {
    var accumulator = EvaluationAccumulator(classNames: hostileNames)
    var row = Array(repeating: Float(0), count: hostileNames.count)
    row[7] = 1
    for label in hostileNames.indices.dropLast(2) {
      try accumulator.add(label: label, probabilities: row)
    }
    let report = try ClassificationReport(accumulator, options: .init(zeroDivision: .undefined))
    let table = report.table(width: width)
    #expect(!table.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    let rows = table.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(rows.count > hostileNames.count)
    for row in rows { #expect(displayWidth(row) <= width, "\(row)") }
    let body = rows.prefix(hostileNames.count + 1)
    #expect(Set(body.map { displayWidth($0) }).count == 1, "\(table)")
    #expect(table.contains("Never predicted (precision left out)"))
    #expect(table.contains("Without samples (recall left out)"))
  }

  /// Terminal columns, measured apart from the library: East Asian letters and emoji are two wide.
  private func displayWidth(_ row: Substring) -> Int {
    row.reduce(0) { sum, character in
      let first = character.unicodeScalars.first?.value ?? 0
      return sum + (0x3040...0x9FFF ~= first || first > 0x1F000 ? 2 : 1)
    }
  }

  @Test func showsTheWorstOfManyClasses() throws {
    var accumulator = EvaluationAccumulator(classNames: (0..<90).map { "c\($0)" })
    for label in 0..<90 {
      var row = Array(repeating: Float(0), count: 90)
      row[label == 17 ? 60 : label] = 1
      try accumulator.add(label: label, probabilities: row)
    }
    let rows = try ClassificationReport(accumulator).table(maximumClasses: 2)
      .split(separator: "\n")
    #expect(rows[1].hasPrefix("c17 ") && rows[2].hasPrefix("c60 "))
    #expect(rows[3].hasPrefix("macro mean"))
    #expect(rows.contains("Shown: the 2 of 90 classes with the lowest F1."))
  }

  @Test func jsonHasTheKeysOfTheContract() throws {
    let expected = """
      {
        "schema": 1,
        "model": "m.safetensors",
        "data": "digits",
        "samples": 4,
        "accuracy": 0.5,
        "balanced_accuracy": 0.5,
        "cohen_kappa": 0.2,
        "matthews_correlation": 0.2236067977499
      """
    let json = try report(.init(model: "m.safetensors", data: "digits", topK: [2, 1, 5, 2])).json
    #expect(json.hasPrefix(expected), "\(json)")
    #expect(json.contains("\n  \"top_k_accuracy\": {\"1\": 0.5, \"2\": 0.75},\n"))
    #expect(json.contains("\n    [1, 1, 0],\n    [0, 1, 0],\n    [1, 0, 0]\n  ]\n}\n"))
    #expect(json.contains("\"c\", \"support\": 1, \"predicted\": 0, \"precision\": 0.0"))
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    for key in [
      "samples", "accuracy", "top_k_accuracy", "loss", "classes", "confusion_matrix", "per_class",
      "macro", "weighted", "expected_calibration_error", "model", "data",
    ] {
      #expect(object[key] != nil, "\(key)")
    }
    #expect(object["confusion_matrix"] as? [[Int]] == [[1, 1, 0], [0, 1, 0], [1, 0, 0]])
    let perClass = try #require(object["per_class"] as? [[String: Any]])
    #expect(perClass.map { $0["name"] as? String } == ["a", "b", "c"])
  }

  @Test func jsonReadsBackAsAMatrix() throws {
    let report = try report()
    let matrix = try JSONDecoder().decode(ConfusionMatrix.self, from: Data(report.json.utf8))
    #expect(matrix == report.confusion)
  }

  @Test func withoutProbabilitiesOrDrawsThereIsLess() throws {
    var accumulator = EvaluationAccumulator(classNames: ["a", "b"], keepsProbabilities: false)
    try accumulator.add(labels: [0, 1], probabilities: [1, 0, 0.5, 0.5])
    let report = try ClassificationReport(accumulator, options: .init(bootstrap: nil))
    #expect(report.ranking == nil && report.intervals == nil)
    #expect(!report.json.contains("roc_auc") && !report.json.contains("replicates"))
    #expect(report.json.contains("\"intervals\": {\"level\": 0.95, \"accuracy\": ["))
  }

  /// No interval of a metric is of width zero where there are no errors.
  @Test func noErrorsAreNotCertainty() throws {
    var accumulator = EvaluationAccumulator(classNames: ["a", "b"])
    for sample in 0..<82 {
      try accumulator.add(label: sample % 2, probabilities: sample % 2 == 0 ? [0.9, 0.1] : [0, 1])
    }
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(ClassificationReport(accumulator).json.utf8))
        as? [String: Any])
    var found = 0
    func check(_ values: [String: Any], _ keys: [String]) throws {
      for key in keys {
        let ends = try #require(values[key] as? [Double], "\(key)")
        #expect(ends[1] == 1 && ends[0] > 0.85 && ends[0] < 0.99, "\(key): \(ends)")
        found += 1
      }
    }
    try check(
      try #require(object["intervals"] as? [String: Any]),
      ["accuracy", "balanced_accuracy", "macro_f1", "weighted_f1", "matthews_correlation"])
    for values in try #require(object["per_class"] as? [[String: Any]]) {
      try check(
        values,
        ["precision_interval", "recall_interval", "f1_interval", "specificity_interval"])
    }
    #expect(found == 13)
  }

  @Test func undefinedIsNullAndEmpty() throws {
    let report = try report(.init(zeroDivision: .undefined))
    #expect(report.json.contains("\"predicted\": 0, \"precision\": null"))
    #expect(report.json.contains("\"precision_interval\": [null, null]"))
    let rows = parseCSV(report.csv)
    #expect(rows[3] == ["class", "c", "1", "", "0.0", "0.0", "1.0"])
    #expect(report.macro.precision == 0.5)
  }

  @Test func csvHasOneRowPerClassAndMean() throws {
    let rows = parseCSV(try report().csv)
    #expect(
      rows[0] == ["scope", "class", "support", "precision", "recall", "f1", "specificity"])
    #expect(rows[1] == ["class", "a", "2", "0.5", "0.5", "0.5", "0.5"])
    #expect(
      rows.map { $0[0] } == ["scope", "class", "class", "class", "macro", "weighted", "micro"])
    #expect(Set(rows.map(\.count)) == [7])
  }

  @Test func confusionCSVReadsBack() {
    let matrix = ConfusionMatrix(classNames: ["x,y", "\"q\""], counts: [1, 2, 3, 4])
    #expect(
      parseCSV(matrix.csv)
        == [["true\\predicted", "x,y", "\"q\""], ["x,y", "1", "2"], ["\"q\"", "3", "4"]])
  }
}
