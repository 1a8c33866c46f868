extension ClassificationReport {
  /// The report as `metrics.json`: the same text for the same numbers.
  ///
  /// A metric without a value (see `ZeroDivision.undefined`) is `null`.
  public var json: String { jsonValue.pretty }

  var jsonValue: JSONValue {
    .object([
      .init("schema", .int(Self.schema)),
      .init("model", .string(options.model)),
      .init("data", .string(options.data)),
      .init("samples", .int(samples)),
      .init("accuracy", .double(accuracy)),
      .init(
        "top_k_accuracy",
        .object(topKAccuracy.map { .init(String($0.k), .double($0.value)) })),
      .init("loss", .double(loss)),
      .init("expected_calibration_error", .double(calibration.expectedError)),
      .init("zero_division", .string(options.zeroDivision.rawValue)),
      .init("macro", Self.jsonValue(macro)),
      .init("weighted", Self.jsonValue(weighted)),
      .init("per_class", .array(perClass.map(Self.jsonValue))),
      .init("classes", .array(confusion.classNames.map(JSONValue.string))),
      .init("confusion_matrix", .array(confusion.rows.map { .array($0.map(JSONValue.int)) })),
    ])
  }

  private static func jsonValue(_ metrics: ClassMetrics) -> JSONValue {
    .object([
      .init("name", .string(metrics.name)),
      .init("support", .int(metrics.support)),
      .init("predicted", .int(metrics.predicted)),
      .init("precision", .double(metrics.precision)),
      .init("recall", .double(metrics.recall)),
      .init("f1", .double(metrics.f1)),
      .init("specificity", .double(metrics.specificity)),
    ])
  }

  private static func jsonValue(_ metrics: AverageMetrics) -> JSONValue {
    .object([
      .init("precision", .double(metrics.precision)),
      .init("recall", .double(metrics.recall)),
      .init("f1", .double(metrics.f1)),
      .init("specificity", .double(metrics.specificity)),
    ])
  }
}
