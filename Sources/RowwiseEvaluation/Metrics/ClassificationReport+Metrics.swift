/// A number of a report, under its path in `metrics.json`.
public struct NamedMetric: Sendable, Equatable {
  /// The path, with dots between keys: `macro.f1`.
  public let name: String
  /// The value; NaN where it is not defined.
  public let value: Double
}

extension ClassificationReport {
  /// Every overall number, in the order of `metrics.json`.
  public var metrics: [NamedMetric] {
    var list = [
      NamedMetric(name: "samples", value: Double(samples)),
      NamedMetric(name: "accuracy", value: accuracy),
      NamedMetric(name: "balanced_accuracy", value: balancedAccuracy),
      NamedMetric(name: "cohen_kappa", value: cohenKappa),
      NamedMetric(name: "matthews_correlation", value: matthewsCorrelation),
    ]
    list += topKAccuracy.map { NamedMetric(name: "top_k_accuracy.\($0.k)", value: $0.value) }
    list += [
      NamedMetric(name: "loss", value: loss),
      NamedMetric(name: "brier_score", value: brierScore),
    ]
    if let ranking {
      list += [
        NamedMetric(name: "roc_auc.macro", value: ranking.macroROCArea),
        NamedMetric(name: "roc_auc.weighted", value: ranking.weightedROCArea),
        NamedMetric(name: "average_precision.macro", value: ranking.macroAveragePrecision),
        NamedMetric(name: "average_precision.weighted", value: ranking.weightedAveragePrecision),
      ]
    }
    list += [
      NamedMetric(name: "expected_calibration_error", value: calibration.expectedError),
      NamedMetric(
        name: "expected_calibration_error_equal_mass", value: equalMassCalibration.expectedError),
      NamedMetric(name: "maximum_calibration_error", value: calibration.maximumError),
      NamedMetric(name: "risk_coverage_area", value: riskCoverage.area),
    ]
    for (name, means) in [("macro", macro), ("weighted", weighted), ("micro", micro)] {
      list += [
        NamedMetric(name: "\(name).precision", value: means.precision),
        NamedMetric(name: "\(name).recall", value: means.recall),
        NamedMetric(name: "\(name).f1", value: means.f1),
        NamedMetric(name: "\(name).specificity", value: means.specificity),
      ]
    }
    return list + (earlyExit?.metrics ?? [])
  }

  /// Every number of one class.
  package func perClassMetrics(_ index: Int) -> [NamedMetric] {
    let metrics = perClass[index]
    var list = [
      NamedMetric(name: "support", value: Double(metrics.support)),
      NamedMetric(name: "predicted", value: Double(metrics.predicted)),
      NamedMetric(name: "precision", value: metrics.precision),
      NamedMetric(name: "recall", value: metrics.recall),
      NamedMetric(name: "f1", value: metrics.f1),
      NamedMetric(name: "specificity", value: metrics.specificity),
    ]
    if let ranking {
      list += [
        NamedMetric(name: "roc_auc", value: ranking.rocArea[index]),
        NamedMetric(name: "average_precision", value: ranking.averagePrecision[index]),
      ]
    }
    return list
  }
}
