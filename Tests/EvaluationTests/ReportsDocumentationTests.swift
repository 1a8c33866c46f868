import Foundation
import RowwiseEvaluation
import Testing

/// The page about the files names every key that is written.
@Suite struct ReportsDocumentationTests {
  /// All keys of a JSON text, but not those that are data, such as the k of top-k accuracy.
  private func keys(_ json: String) throws -> Set<String> {
    var keys: Set<String> = []
    func visit(_ value: Any) {
      if let object = value as? [String: Any] {
        for (key, value) in object {
          if Int(key) == nil { keys.insert(key) }
          visit(value)
        }
      } else if let array = value as? [Any] {
        array.forEach(visit)
      }
    }
    visit(try JSONSerialization.jsonObject(with: Data(json.utf8)))
    return keys
  }

  private func documentation() throws -> String {
    let package = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return try String(
      contentsOf: package.appending(path: "Sources/Rowwise/Rowwise.docc/Reports.md"),
      encoding: .utf8)
  }

  @Test func everyKeyOfMetricsIsDocumented() throws {
    let accumulator = try ReportPage.accumulate(classes: 10, samples: 200, seed: 1)
    var options = ClassificationReport.Options(model: "m", data: "d")
    (options.part, options.modelFingerprint, options.dataFingerprint) = ("test", "1", "2")
    (options.folds, options.views, options.members) = (5, 9, 3)
    var report = try ClassificationReport(accumulator, options: options)
    report.calibrationChange = try CalibrationChange(undoing: 1.5, in: accumulator)
    report.pictures = PictureCounts(
      unusual: 2, kinds: [.init(name: "inverted?", count: 2), .init(name: "constant", count: 1)],
      inverted: 1)
    let text = try documentation()
    let found = try keys(report.json)
    #expect(found.count > 45)
    for key in found { #expect(text.contains("`\(key)`") || text.contains(".\(key)`"), "\(key)") }
    #expect(text.contains("metrics.json, schema \(ClassificationReport.schema)"))
  }

  @Test func everyKeyOfComparisonsIsDocumented() throws {
    var comparison = try ModelComparisonTests.comparison()
    (comparison.dataFingerprint, comparison.verdict) = ("1", "so")
    let text = try documentation()
    for key in try keys(comparison.json) { #expect(text.contains("`\(key)`"), "\(key)") }
    #expect(text.contains("comparison.json, schema \(ModelComparison.schema)"))
  }
}
