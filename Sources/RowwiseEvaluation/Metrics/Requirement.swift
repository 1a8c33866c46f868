import RowwiseTexts

/// A condition that a report must meet, such as `accuracy>=0.95` or `per_class.recall>=0.9`.
///
/// A metric is named by its path in `metrics.json` with dots between keys: `accuracy`, `loss`,
/// `macro.f1`, `top_k_accuracy.3`. `per_class.recall` must hold for every class that the metric
/// has a value for by the report's zero-division policy; `per_class[NAME].recall` speaks of one
/// class.
public struct Requirement: Sendable, Equatable {
  /// How a metric is compared with the bound.
  public enum Comparison: String, Sendable, Equatable, CaseIterable {
    /// At least the bound.
    case atLeast = ">="
    /// At most the bound.
    case atMost = "<="
    /// More than the bound.
    case more = ">"
    /// Less than the bound.
    case less = "<"

    func holds(_ value: Double, _ bound: Double) -> Bool {
      switch self {
      case .atLeast: value >= bound
      case .atMost: value <= bound
      case .more: value > bound
      case .less: value < bound
      }
    }
  }

  /// The requirement as it was written, without spaces at its ends.
  public let text: String
  /// The metric's path.
  public let metric: String
  /// The class it speaks of, where it names one.
  public let className: String?
  /// How the metric is compared.
  public let comparison: Comparison
  /// What it is compared with.
  public let bound: Double

  /// Reads a requirement.
  /// - Throws: `EvaluationError.invalidRequirement` where the text is not `METRIC OP NUMBER`.
  public init(_ text: String) throws(EvaluationError) {
    let trimmed = Self.trimmed(text[...])
    self.text = String(trimmed)
    func invalid(_ reason: String) -> EvaluationError {
      .invalidRequirement(text: String(trimmed), reason: reason)
    }
    // The last operator: a class may be called "<18".
    guard let sign = trimmed.lastIndex(where: { $0 == "<" || $0 == ">" }) else {
      throw invalid("it has none of >=, <=, > and <")
    }
    let after = trimmed.index(after: sign)
    let hasEquals = after < trimmed.endIndex && trimmed[after] == "="
    guard let comparison = Comparison(rawValue: String(trimmed[sign]) + (hasEquals ? "=" : ""))
    else { throw invalid("it has none of >=, <=, > and <") }
    self.comparison = comparison

    let number = Self.trimmed(trimmed[(hasEquals ? trimmed.index(after: after) : after)...])
    guard let bound = Double(number), bound.isFinite else {
      throw invalid("\"\(TerminalText.printable(String(number)))\" is not a number")
    }
    self.bound = bound

    let path = Self.trimmed(trimmed[..<sign])
    guard !path.isEmpty else { throw invalid("it names no metric") }
    guard path.last != "<", path.last != ">" else {
      throw invalid("it has none of >=, <=, > and <")
    }
    if path.hasPrefix("per_class["), let close = path.range(of: "].") {
      className = String(path[path.index(path.startIndex, offsetBy: 10)..<close.lowerBound])
      metric = "per_class." + path[close.upperBound...]
    } else {
      className = nil
      metric = String(path)
    }
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}

extension Substring {
  /// Where the text occurs last; class names may hold what it looks like.
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = endIndex
    while start > startIndex {
      start = index(before: start)
      if self[start...].hasPrefix(text) {
        return start..<index(start, offsetBy: text.count)
      }
    }
    return nil
  }
}

extension Requirement {
  /// Checks that reports over some classes have the metrics of requirements.
  ///
  /// A report of one sample has the same ones as any other whose probabilities were kept.
  ///
  /// - Parameter hasEarlyExit: whether they tell of stopping early, too.
  /// - Throws: `EvaluationError.unknownMetric`.
  public static func check(
    _ requirements: [Requirement], classNames: [String], hasEarlyExit: Bool = false
  ) throws(EvaluationError) {
    guard !requirements.isEmpty, !classNames.isEmpty else { return }
    var accumulator = EvaluationAccumulator(classNames: classNames, keepsProbabilities: true)
    var probabilities = [Float](repeating: 0, count: classNames.count)
    probabilities[0] = 1
    try accumulator.add(label: 0, probabilities: probabilities)
    var report = try ClassificationReport(accumulator, options: .init(bootstrap: nil))
    if hasEarlyExit {
      var traces = ReadingTraces(rows: 1, classes: classNames.count)
      traces.add(label: 0, probabilities: probabilities.span)
      report.earlyExit = try EarlyExitReport(
        traces,
        rule: EarlyExitRule(slopes: [], offsets: [], threshold: nil, patience: 1, firstRow: 1),
        risk: EarlyExitRisk(.lost, atMost: 0.5), confidence: 0.5)
    }
    for requirement in requirements { _ = try report.check(requirement) }
  }
}

/// Whether a report meets a requirement.
public struct RequirementResult: Sendable, Equatable {
  /// A metric's value, of a class where it is one of a class.
  public struct Value: Sendable, Equatable {
    /// The class, if any.
    public let className: String?
    /// The value; NaN where it is not defined, which meets no requirement.
    public let value: Double
  }

  /// What was required.
  public let requirement: Requirement
  /// The values that do not meet it.
  public let failures: [Value]
  /// How many values were looked at.
  public let checked: Int

  /// Whether all values meet the requirement.
  public var isMet: Bool { failures.isEmpty }

  /// One sentence: what was required and what came out.
  public var description: String {
    if isMet { return "\(requirement.text): met" }
    let shown = failures.prefix(5).map { failure in
      let value = failure.value.isNaN ? "undefined" : failure.value.description
      return failure.className.map { "\(TerminalText.printable($0)) \(value)" } ?? value
    }
    let rest = failures.count > 5 ? " and \(failures.count - 5) more" : ""
    let share = checked > 1 ? " for \(failures.count) of \(checked) classes" : ""
    return "\(requirement.text): not met\(share): \(shown.joined(separator: ", "))\(rest)"
  }
}

extension ClassificationReport {
  /// Checks a requirement.
  /// - Throws: `EvaluationError.unknownMetric` where the report has no such metric or class.
  public func check(_ requirement: Requirement) throws(EvaluationError) -> RequirementResult {
    let values: [RequirementResult.Value]
    if requirement.metric.hasPrefix("per_class.") {
      values = try perClassValues(requirement)
    } else {
      guard let value = metrics.first(where: { $0.name == requirement.metric }) else {
        throw .unknownMetric(requirement.metric, known: knownMetrics)
      }
      values = [.init(className: nil, value: value.value)]
    }
    return RequirementResult(
      requirement: requirement,
      failures: values.filter { !requirement.comparison.holds($0.value, requirement.bound) },
      checked: values.count)
  }

  private func perClassValues(
    _ requirement: Requirement
  ) throws(EvaluationError) -> [RequirementResult.Value] {
    let key = String(requirement.metric.dropFirst("per_class.".count))
    guard perClassMetrics(0).contains(where: { $0.name == key }) else {
      throw .unknownMetric(requirement.metric, known: knownMetrics)
    }
    var values: [RequirementResult.Value] = []
    for (index, metrics) in perClass.enumerated() {
      if let name = requirement.className, name != metrics.name { continue }
      let value = perClassMetrics(index).first { $0.name == key }?.value ?? .nan
      // Where every class is asked, one of which nothing is known is not, nor one for which the policy
      // leaves the metric out.
      if requirement.className == nil, value.isNaN || !metrics.occurs { continue }
      values.append(.init(className: metrics.name, value: value))
    }
    if let name = requirement.className, values.isEmpty {
      throw .unknownMetric(
        "per_class[\(name)]", known: perClass.map { "per_class[\($0.name)]" })
    }
    return values
  }

  private var knownMetrics: [String] {
    metrics.map(\.name) + perClassMetrics(0).map { "per_class.\($0.name)" }
  }
}
