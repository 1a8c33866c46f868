public import RowwiseEvaluation
import RowwiseTexts

/// A picture with what moved its answer.
public struct ExplainedPicture: Sendable {
  /// Its path or number.
  public var name: String
  /// What the model sees of it: [height × width × channels] bytes.
  public var pixels: [UInt8]
  /// Why the model answers as it does.
  public var evidence: Evidence
  /// All of the model's.
  public var classNames: [String]

  /// Puts the parts together; sizes must agree.
  public init(name: String, pixels: [UInt8], evidence: Evidence, classNames: [String]) {
    precondition(
      pixels.count == evidence.width * evidence.height * evidence.channels
        && evidence.attribution.values.count == pixels.count
        && classNames.count == evidence.probabilities.count,
      "the evidence is not of this picture")
    self.name = name
    self.pixels = pixels
    self.evidence = evidence
    self.classNames = classNames
  }

  /// The class that it is about.
  var className: String { classNames[evidence.classIndex] }

  /// What is shown beside the picture's rows: what each added while reading; where the model does not
  /// read row by row, what is lost where it is covered.
  var bars: [Double] { evidence.reading?.evidence ?? evidence.occlusion.rows }

  /// What `bars` are.
  var barsTitle: String {
    evidence.reading == nil ? "lost where the row is covered" : "added by each row while reading"
  }

  /// A class and its probability, such as `7 (95.55 %)`.
  private func share(_ classIndex: Int, _ probability: Float) -> String {
    let name = TerminalText.printable(classNames[classIndex])
    return "\(name) (\(NumberText.percent(Double(probability))))"
  }

  /// The class that it is about and the predicted one.
  var verdict: String {
    let own = share(evidence.classIndex, evidence.probabilities[evidence.classIndex])
    let prediction = evidence.prediction
    return prediction == evidence.classIndex
      ? own + ", the prediction"
      : own + "; the prediction is " + share(prediction, evidence.probabilities[prediction])
  }

  /// What the integrated gradients come to.
  var completeness: String {
    let attribution = evidence.attribution
    return "\(Self.nats(attribution.sum)) of \(Self.nats(evidence.change)) nats with "
      + "\(attribution.nodes) points" + (attribution.isConverged ? "" : ", not converged")
  }

  /// What would have changed the answer.
  var counterfactual: String {
    let counterfactual = evidence.counterfactual
    guard let run = counterfactual.run else {
      let longest = counterfactual.longestTried
      return longest == evidence.height
        ? "no run of rows decides: covered, none changes the prediction"
        : "no run of up to \(longest) rows decides; longer ones were not tried"
    }
    let rows =
      run.rows.count == 1
      ? "row \(run.rows.lowerBound + 1)" : "rows \(run.rows.lowerBound + 1)–\(run.rows.upperBound)"
    return "without \(rows) the prediction is \(share(run.classIndex, run.probability))"
  }

  /// A number of nats with its sign.
  static func nats(_ value: Double) -> String {
    let text = NumberText.fixed(value, decimals: 2)
    return text.hasPrefix("-") || text == "–" ? text : "+" + text
  }

  /// Rows in at most so many bands of the same height; the last may be lower.
  static func bands(of height: Int, atMost count: Int) -> [Range<Int>] {
    let size = (height + count - 1) / count
    return stride(from: 0, to: height, by: size).map { $0..<min($0 + size, height) }
  }
}
