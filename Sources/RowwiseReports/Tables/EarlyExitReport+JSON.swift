import RowwiseEvaluation
import RowwiseTexts

extension EarlyExitRisk {
  /// What an early exit promises that keeps to it, as JSON has it.
  package func guarantee(confidence: Double) -> JSONValue {
    .object([
      .init("risk", .string(kind.rawValue)), .init("at_most", .double(limit)),
      .init("of", .string(scope.rawValue)), .init("confidence", .double(confidence)),
    ])
  }
}

extension EarlyExitReport {
  /// `early_exit` of `metrics.json`.
  func jsonValue(_ metrics: [NamedMetric], classNames: [String]) -> JSONValue {
    func interval(_ interval: ConfidenceInterval) -> JSONValue {
      .array([.double(interval.lower), .double(interval.upper)])
    }
    var members: [JSONValue.Member] = [
      .init("guarantee", risk.guarantee(confidence: confidence)),
      .init("rows", .int(rows)),
    ]
    members += metrics.map { metric in
      JSONValue.Member(String(metric.name.dropFirst("early_exit.".count)), .double(metric.value))
    }
    members += [
      .init("lost_interval", interval(lostInterval)),
      .init("gained_interval", interval(gainedInterval)),
      .init("disagreement_interval", interval(disagreementInterval)),
      .init("accuracy_by_row", .array(accuracyByRow.map(JSONValue.double))),
      .init("agreement_by_row", .array(agreementByRow.map(JSONValue.double))),
      .init("exits", .array(exits.map(JSONValue.int))),
      .init(
        "mean_rows_of_classes",
        .object(
          zip(classNames, meanRowsOfClasses).map { JSONValue.Member($0, .double($1)) })),
    ]
    if let timing {
      func pair(_ times: (whole: Double, early: Double)) -> JSONValue {
        .object([.init("whole", .double(times.whole)), .init("early", .double(times.early))])
      }
      members.append(
        .init(
          "seconds",
          .object([
            .init("samples", .int(timing.samples)),
            .init("decoding", timing.decoding.map(pair) ?? .null),
            .init("network", pair(timing.network)), .init("speed_up", .double(timing.speedUp)),
          ])))
    }
    return .object(members)
  }
}
