import RowwiseEvaluation
import RowwiseTexts

extension ModelComparison {
  /// The version of the JSON layout; it grows when a key is renamed, removed or means something
  /// else, and stays when keys are added.
  public static let schema = 1

  /// The comparison as `comparison.json`.
  ///
  /// Differences are second − first; intervals are `[lower, upper]`; what has no value is `null`.
  public var json: String {
    JSONValue.object(
      [
        .init("schema", .int(Self.schema)), .init("data", .string(data)),
      ] + (dataFingerprint.isEmpty ? [] : [.init("data_fingerprint", .string(dataFingerprint))])
        + [.init("samples", .int(models[0].report.samples))]
        + (verdict.isEmpty ? [] : [.init("verdict", .string(verdict))]) + [
          .init("models", .array(models.map(Self.value))),
          .init("pairs", .array(pairs.map(value))),
          .init(
            "classes", .array(models[0].report.confusion.classNames.map(JSONValue.string))),
        ]
    ).pretty
  }

  private static func value(_ model: ComparedModel) -> JSONValue {
    let report = model.report
    return .object([
      .init("name", .string(model.name)),
      .init("accuracy", .double(report.accuracy)),
      .init("accuracy_interval", value(report.accuracyInterval)),
      .init("balanced_accuracy", .double(report.balancedAccuracy)),
      .init("macro_f1", .double(report.macro.f1)),
      .init("loss", .double(report.loss)),
      .init("expected_calibration_error", .double(report.calibration.expectedError)),
      .init("risk_coverage_area", .double(report.riskCoverage.area)),
      .init("parameters", .int(model.cost.parameters)),
      .init("images_per_second", .double(model.cost.imagesPerSecond)),
      .init("latency_ms", .double(model.cost.latency * 1000)),
      .init("training_seconds", .double(model.cost.trainingSeconds ?? .nan)),
      .init(
        "per_class",
        .array(
          report.perClass.map { metrics in
            .object([
              .init("name", .string(metrics.name)), .init("recall", .double(metrics.recall)),
              .init("precision", .double(metrics.precision)), .init("f1", .double(metrics.f1)),
            ])
          })),
    ])
  }

  private func value(_ pair: Pair) -> JSONValue {
    .object([
      .init("first", .string(models[pair.first].name)),
      .init("second", .string(models[pair.second].name)),
      .init("accuracy_difference", .double(pair.accuracy.difference)),
      .init("accuracy_difference_interval", Self.value(pair.accuracy.interval)),
      .init("only_first_right", .int(pair.accuracy.onlySecond)),
      .init("only_second_right", .int(pair.accuracy.onlyFirst)),
      .init("mcnemar_p", .double(pair.accuracy.pValue)),
      .init("mcnemar_p_holm", .double(pair.correctedPValue)),
      .init("loss_difference", .double(pair.lossDifference)),
      .init("loss_difference_interval", Self.value(pair.lossInterval)),
      .init(
        "confusion_matrix_difference",
        .array(pair.matrixDifference.map { .array($0.map(JSONValue.int)) })),
    ])
  }

  private static func value(_ interval: ConfidenceInterval) -> JSONValue {
    .array([.double(interval.lower), .double(interval.upper)])
  }
}
