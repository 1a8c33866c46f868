import RowwiseEvaluation
import RowwiseReports
import Testing

@Suite struct RequirementTests {
  /// Right: 3 of 4; class c is never predicted, class "<18" has recall 1.
  private func report(_ zeroDivision: ZeroDivision = .zero) throws -> ClassificationReport {
    var accumulator = EvaluationAccumulator(classNames: ["a", "<18", "c"])
    try accumulator.add(
      labels: [0, 0, 1, 2],
      probabilities: [0.75, 0.25, 0, 0.5, 0.25, 0.25, 0.25, 0.5, 0.25, 0.5, 0.25, 0.25])
    return try ClassificationReport(accumulator, options: .init(zeroDivision: zeroDivision))
  }

  @Test func reads() throws {
    let plain = try Requirement(" accuracy >= 0.95 ")
    #expect(plain.text == "accuracy >= 0.95")
    #expect(plain.metric == "accuracy" && plain.className == nil)
    #expect(plain.comparison == .atLeast && plain.bound == 0.95)
    let one = try Requirement("per_class[a<=b].x].recall>5e-1")
    #expect(one.metric == "per_class.recall" && one.className == "a<=b].x")
    #expect(one.comparison == .more && one.bound == 0.5)
    #expect(try Requirement("loss<=2").comparison == .atMost)
    #expect(try Requirement("loss<2").comparison == .less)
  }

  @Test(arguments: [
    ("accuracy", "it has none of >=, <=, > and <"), ("accuracy=0.9", "it has none of"),
    ("accuracy>=high", "\"high\" is not a number"), ("accuracy>=", "\"\" is not a number"),
    (">=0.9", "it names no metric"), ("accuracy>=nan", "\"nan\" is not a number"),
    ("accuracy>=inf", "\"inf\" is not a number"), ("", "it has none of"),
  ])
  func refuses(text: String, reason: String) throws {
    let error = #expect(throws: EvaluationError.self) { try Requirement(text) }
    guard case .invalidRequirement(text, let said) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(said.hasPrefix(reason))
    #expect(error?.description.contains("such as accuracy>=0.95") == true)
  }

  @Test(arguments: [
    ("accuracy>=0.75", true), ("accuracy>0.75", false), ("accuracy<=0.75", true),
    ("accuracy<0.75", false), ("samples>=4", true), ("macro.recall>=0.6", true),
    ("top_k_accuracy.1>=0.75", true), ("roc_auc.macro>=0.99", false), ("loss<1", true),
    ("per_class.recall>=0.5", false), ("per_class[a].recall>=1", true),
    ("per_class[<18].recall>=1", true), ("per_class[c].f1>0", false),
    ("per_class.support>=1", true),
  ])
  func checks(text: String, isMet: Bool) throws {
    #expect(try report().check(Requirement(text)).isMet == isMet)
  }

  @Test func saysWhatFailed() throws {
    let report = try report()
    #expect(
      try report.check(Requirement("accuracy>=0.95")).description
        == "accuracy>=0.95: not met: 0.75")
    #expect(
      try report.check(Requirement("per_class.recall>=0.9")).description
        == "per_class.recall>=0.9: not met for 1 of 3 classes: c 0.0")
    #expect(try report.check(Requirement("accuracy>=0.5")).description == "accuracy>=0.5: met")
  }

  @Test func undefinedMeetsNothingWhereAskedFor() throws {
    let report = try report(.undefined)
    #expect(try report.check(Requirement("per_class.precision>=0.6")).isMet)
    #expect(try report.check(Requirement("per_class.precision>=0.6")).checked == 2)
    let one = try report.check(Requirement("per_class[c].precision>=0"))
    #expect(!one.isMet && one.description.hasSuffix("not met: c undefined"))
  }

  @Test(arguments: ["acuracy>=1", "per_class.reca>=1", "per_class[zebra].recall>=1", "macro>=1"])
  func namesWhatThereIs(text: String) throws {
    let report = try report()
    let error = #expect(throws: EvaluationError.self) { try report.check(Requirement(text)) }
    guard case .unknownMetric(_, let known) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(known.contains(text.contains("zebra") ? "per_class[<18]" : "per_class.recall"))
  }

  /// What can be required is known before anything is evaluated.
  @Test func namesAreCheckedWithoutAReport() throws {
    let names = ["<18", "b", "c", "d", "e", "f", "g"]
    for text in [
      "accuracy>=1", "top_k_accuracy.5>0", "per_class.roc_auc>0", "per_class[<18].f1>0",
      "average_precision.weighted>0", "micro.f1>0", "risk_coverage_area<1",
    ] {
      let requirements = [try Requirement("loss<1"), try Requirement(text)]
      #expect(throws: Never.self) { try Requirement.check(requirements, classNames: names) }
    }
    for text in ["acuracy>=1", "per_class.reca>=1", "per_class[zebra].recall>=1", "macro>=1"] {
      let requirement = try Requirement(text)
      #expect(throws: EvaluationError.self) {
        try Requirement.check([requirement], classNames: names)
      }
    }
    let fewClasses = try Requirement("top_k_accuracy.3>0")
    #expect(throws: EvaluationError.self) {
      try Requirement.check([fewClasses], classNames: ["a", "b"])
    }
  }

  @Test func rendersAsJUnit() throws {
    let report = try report()
    let checks = try ["accuracy>=0.5", "per_class[<18].recall<1"].map { text in
      Check(try report.check(Requirement(text)))
    }
    #expect(
      JUnitXML.render(suite: "a & \"b\"\u{1}", checks: checks, seconds: 1.5) == """
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites tests="2" failures="1" errors="0" time="1.500">
          <testsuite name="a &amp; &quot;b&quot;\u{FFFD}" tests="2" failures="1" \
        errors="0" time="1.500">
            <testcase classname="a &amp; &quot;b&quot;\u{FFFD}" name="accuracy&gt;=0.5" time="0"/>
            <testcase classname="a &amp; &quot;b&quot;\u{FFFD}" \
        name="per_class[&lt;18].recall&lt;1" time="0">
              <failure type="requirement" message="per_class[&lt;18].recall&lt;1: not met: \
        &lt;18 1.0"/>
            </testcase>
          </testsuite>
        </testsuites>

        """)
  }
}
