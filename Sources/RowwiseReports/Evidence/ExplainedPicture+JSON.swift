import RowwiseEvaluation
import RowwiseTexts

extension ExplainedPicture {
  /// The version of the JSON layout; see `ModelComparison.schema`.
  public static let schema = 1

  /// All numbers as one object.
  package var json: JSONValue {
    let attribution = evidence.attribution
    return .object([
      .init("path", .string(name)),
      .init("classes", .array(classNames.map(JSONValue.string))),
      .init("class", .string(className)),
      .init("probability", .float(evidence.probabilities[evidence.classIndex])),
      .init("prediction", .string(classNames[evidence.prediction])),
      .init("log_odds", .double(evidence.logOdds)),
      .init("baseline", .string(evidence.baseline.rawValue)),
      .init("baseline_log_odds", .double(evidence.baselineLogOdds)),
      .init("change", .double(evidence.change)),
      .init("width", .int(evidence.width)), .init("height", .int(evidence.height)),
      .init("channels", .int(evidence.channels)),
      .init("sum", .double(attribution.sum)), .init("nodes", .int(attribution.nodes)),
      .init("converged", .bool(attribution.isConverged)),
      .init("rows", .array(evidence.rows.map(JSONValue.double))),
      .init("pixels", Self.rows(evidence.pixels, width: evidence.width)),
      .init(
        "values", Self.rows(attribution.values, width: evidence.width * evidence.channels)),
      .init("reading", reading),
      .init("reading_absent", evidence.readingAbsence.map(JSONValue.string) ?? .null),
      .init("occlusion", occlusion),
      .init("counterfactual", counterfactualValue),
      .init("counterfactual_longest_tried", .int(evidence.counterfactual.longestTried)),
    ])
  }

  private var reading: JSONValue {
    guard let reading = evidence.reading else { return .null }
    return .object([
      .init("log_odds", .array(reading.logOdds.map(JSONValue.double))),
      .init("evidence", .array(reading.evidence.map(JSONValue.double))),
      .init(
        "probabilities", .array(reading.probabilities.map { .array($0.map(JSONValue.float)) })),
      .init("exit_row", reading.exitRow.map(JSONValue.int) ?? .null),
    ])
  }

  private var occlusion: JSONValue {
    let occlusion = evidence.occlusion
    return .object([
      .init("rows", .array(occlusion.rows.map(JSONValue.double))),
      .init("grid", Self.rows(occlusion.cells, width: occlusion.gridColumns)),
      .init("grid_pixels", Self.rows(occlusion.cellAttributions, width: occlusion.gridColumns)),
      .init("rank_correlation", occlusion.rankCorrelation.map(JSONValue.double) ?? .null),
    ])
  }

  private var counterfactualValue: JSONValue {
    guard let run = evidence.counterfactual.run else { return .null }
    return .object([
      .init("first_row", .int(run.rows.lowerBound + 1)),
      .init("last_row", .int(run.rows.upperBound)),
      .init("prediction", .string(classNames[run.classIndex])),
      .init("probability", .float(run.probability)),
    ])
  }

  private static func rows(_ values: [Double], width: Int) -> JSONValue {
    .array(
      stride(from: 0, to: values.count, by: max(width, 1)).map { start in
        .array(values[start..<min(start + width, values.count)].map(JSONValue.double))
      })
  }

  /// Several pictures as one document.
  ///
  /// - Parameter failures: what could not be explained, and why.
  package static func document(
    _ pictures: [ExplainedPicture], failures: [(name: String, reason: String)]
  ) -> JSONValue {
    .object([
      .init("schema", .int(schema)),
      .init("pictures", .array(pictures.map(\.json))),
      .init("failures", .array(failures.map { failure(name: $0.name, reason: $0.reason) })),
    ])
  }

  /// What stands for a picture that could not be explained.
  package static func failure(name: String, reason: String) -> JSONValue {
    .object([.init("path", .string(name)), .init("error", .string(reason))])
  }
}
