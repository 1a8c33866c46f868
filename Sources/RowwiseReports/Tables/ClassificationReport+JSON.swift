import RowwiseEvaluation
import RowwiseTexts

extension ClassificationReport {
  /// The report as `metrics.json`: the same text for the same numbers.
  ///
  /// A metric without a value (see `ZeroDivision.undefined`) is `null`; intervals are
  /// `[lower, upper]`; rows of the confusion matrix are true classes.
  public var json: String { jsonValue.pretty }

  var jsonValue: JSONValue {
    .object(
      [
        .init("schema", .int(Self.schema)),
        .init("model", .string(options.model)),
        .init("data", .string(options.data)),
      ] + originMembers + precisionMembers + pictureMembers + overallMembers + intervalMembers
        + calibrationMembers + earlyExitMembers
        + [
          .init("zero_division", .string(options.zeroDivision.rawValue)),
          .init("calibration", .array(calibration.bins.map(Self.jsonValue))),
          .init("calibration_equal_mass", .array(equalMassCalibration.bins.map(Self.jsonValue))),
          .init("most_confused", .array(confusion.mostConfusedPairs().map(jsonValue))),
          .init("per_class", .array(perClass.indices.map(perClassValue))),
          .init("classes", .array(confusion.classNames.map(JSONValue.string))),
          .init("confusion_matrix", .array(confusion.rows.map { .array($0.map(JSONValue.int)) })),
        ])
  }

  /// What else is known of model and data; keys without a value are left out.
  private var originMembers: [JSONValue.Member] {
    let texts = [
      ("part", options.part), ("model_fingerprint", options.modelFingerprint),
      ("data_fingerprint", options.dataFingerprint),
    ]
    return texts.filter { !$0.1.isEmpty }.map { .init($0.0, .string($0.1)) }
      + (options.folds.map { [.init("folds", .int($0))] } ?? [])
      + (options.members.map { [.init("members", .int($0))] } ?? [])
      + (options.views.map { [.init("views", .int($0))] } ?? [])
  }

  private var precisionMembers: [JSONValue.Member] {
    guard let cost = precisionCost else { return [] }
    return [
      .init(
        "precision_cost",
        .object([
          .init("precision", .string(cost.precision)),
          .init("float32_accuracy", .double(cost.plainAccuracy)),
          .init("other_predictions", .int(cost.changed)),
        ]))
    ]
  }

  private var pictureMembers: [JSONValue.Member] {
    guard let pictures else { return [] }
    let kinds = pictures.kinds.map { JSONValue.Member($0.name, .int($0.count)) }
    return [
      .init("unusual", .object([.init("samples", .int(pictures.unusual))] + kinds)),
      .init("inverted", .int(pictures.inverted)),
    ]
  }

  private var earlyExitMembers: [JSONValue.Member] {
    guard let earlyExit else { return [] }
    let own = metrics.filter { $0.name.hasPrefix("early_exit.") }
    return [
      .init("early_exit", earlyExit.jsonValue(own, classNames: confusion.classNames))
    ]
  }

  /// The figures before temperature scaling.
  private var calibrationMembers: [JSONValue.Member] {
    guard let change = calibrationChange else { return [] }
    return [
      .init("temperature", .double(change.temperature)),
      .init(
        "before_calibration",
        .object([
          .init("loss", .double(change.loss)),
          .init("brier_score", .double(change.brierScore)),
          .init("expected_calibration_error", .double(change.calibration.expectedError)),
          .init(
            "expected_calibration_error_equal_mass",
            .double(change.equalMassCalibration.expectedError)),
          .init("maximum_calibration_error", .double(change.calibration.maximumError)),
          .init("calibration", .array(change.calibration.bins.map(Self.jsonValue))),
        ])),
    ]
  }

  /// The overall metrics, those whose paths have a dot put together in one object each.
  private var overallMembers: [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    var group: (key: String, members: [JSONValue.Member])?
    func close() {
      if let group { members.append(.init(group.key, .object(group.members))) }
      group = nil
    }
    for metric in metrics where !metric.name.hasPrefix("early_exit.") {
      let path = metric.name.split(separator: ".").map(String.init)
      let value = metric.name == "samples" ? JSONValue.int(samples) : .double(metric.value)
      if path.count == 1 {
        close()
        members.append(.init(metric.name, value))
      } else {
        if group?.key != path[0] { close() }
        group = (path[0], (group?.members ?? []) + [.init(path[1], value)])
      }
    }
    close()
    return members
  }

  private var intervalMembers: [JSONValue.Member] {
    let accuracy = JSONValue.Member("accuracy", Self.jsonValue(accuracyInterval))
    let level = options.bootstrap?.level ?? 0.95
    var members = [JSONValue.Member("level", .double(level)), accuracy]
    if let intervals {
      members += [
        .init("replicates", .int(intervals.options.replicates)),
        .init("seed", .string(String(intervals.options.seed))),
        .init("loss", Self.jsonValue(intervals.loss)),
        .init("balanced_accuracy", Self.jsonValue(intervals.balancedAccuracy)),
        .init("macro_f1", Self.jsonValue(intervals.macroF1)),
        .init("weighted_f1", Self.jsonValue(intervals.weightedF1)),
        .init("matthews_correlation", Self.jsonValue(intervals.matthewsCorrelation)),
      ]
    }
    return [.init("intervals", .object(members))]
  }

  private func perClassValue(_ index: Int) -> JSONValue {
    var members = [JSONValue.Member("name", .string(perClass[index].name))]
    for metric in perClassMetrics(index) {
      switch metric.name {
      case "support": members.append(.init("support", .int(perClass[index].support)))
      case "predicted": members.append(.init("predicted", .int(perClass[index].predicted)))
      default: members.append(.init(metric.name, .double(metric.value)))
      }
    }
    let intervals = classIntervals[index]
    members += [
      .init("precision_interval", Self.jsonValue(intervals.precision)),
      .init("recall_interval", Self.jsonValue(intervals.recall)),
      .init("f1_interval", Self.jsonValue(intervals.f1)),
      .init("specificity_interval", Self.jsonValue(intervals.specificity)),
    ]
    return .object(members)
  }

  private func jsonValue(_ pair: ConfusedPair) -> JSONValue {
    .object([
      .init("label", .string(confusion.classNames[pair.label])),
      .init("prediction", .string(confusion.classNames[pair.prediction])),
      .init("count", .int(pair.count)),
      .init("share_of_label", .double(pair.shareOfLabel)),
    ])
  }

  private static func jsonValue(_ bin: CalibrationCurve.Bin) -> JSONValue {
    .object([
      .init("lower", .double(bin.lower)),
      .init("upper", .double(bin.upper)),
      .init("count", .int(bin.count)),
      .init("confidence", .double(bin.confidence)),
      .init("accuracy", .double(bin.accuracy)),
    ])
  }

  private static func jsonValue(_ interval: ConfidenceInterval) -> JSONValue {
    .array([.double(interval.lower), .double(interval.upper)])
  }
}
