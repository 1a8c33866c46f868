import Foundation
import RowwiseEvaluation
import RowwiseRandomness
import Testing

@Suite struct TemperatureScalingTests {
  /// SciPy's minimum on the same predictions; it stops within about a millionth of it.
  @Test(arguments: Goldens.caseNames)
  func findsTheMinimum(name: String) throws {
    let golden = try Goldens.named(name)
    let accumulator = try golden.accumulate()
    let scaling = TemperatureScaling(
      fitting: accumulator.probabilities, labels: accumulator.labels,
      classCount: golden.classes)
    #expect(isClose(scaling.temperature, golden.temperature.value, within: 2e-6))
    let row = Array(accumulator.probabilities(of: 0))
    let scaled = scaling.apply(to: row)
    for (value, expected) in zip(scaled, golden.temperature.firstRow) {
      #expect(isClose(Double(value), expected, within: 2e-6))
    }
  }

  /// Of one model, or of the same one twice, the mean is the model itself.
  @Test(arguments: Goldens.caseNames)
  func theMeanOfOneIsItself(name: String) throws {
    let golden = try Goldens.named(name)
    let accumulator = try golden.accumulate()
    for count in [1, 2] {
      let scaling = TemperatureScaling(
        fittingMeanOf: [[Float]](repeating: accumulator.probabilities, count: count),
        labels: accumulator.labels, classCount: golden.classes)
      #expect(isClose(scaling.temperature, golden.temperature.value, within: 1e-5))
    }
  }

  /// Of two different models: no temperature of a fine grid is better, by the loss as it is defined.
  @Test(arguments: Goldens.caseNames)
  func theMeanOfTwoHasTheLeastLoss(name: String) throws {
    let accumulator = try Goldens.named(name).accumulate()
    let classes = accumulator.classNames.count
    // The other one is unsure, and sees the classes in another order where the first one is wrong.
    let (first, correct) = (accumulator.probabilities, accumulator.correct)
    let second = first.indices.map { place in
      let (sample, k) = place.quotientAndRemainder(dividingBy: classes)
      let turned = correct[sample] ? k : (k + 1) % classes
      return 0.6 * first[sample * classes + turned] + 0.4 / Float(classes)
    }
    func loss(_ temperature: Double) -> Double {
      var sum = 0.0
      for (sample, label) in accumulator.labels.enumerated() {
        var mean = 0.0
        for model in [first, second] {
          let row = (0..<classes).map {
            pow(Double(max(model[sample * classes + $0], .leastNonzeroMagnitude)), 1 / temperature)
          }
          mean += row[Int(label)] / row.reduce(0, +) / 2
        }
        sum -= log(max(mean, .leastNormalMagnitude))
      }
      return sum / Double(accumulator.count)
    }
    let found = TemperatureScaling(
      fittingMeanOf: [first, second], labels: accumulator.labels, classCount: classes)
    let least = loss(found.temperature)
    for step in 0...300 {
      let other =
        TemperatureScaling.range.lowerBound
        * pow(
          TemperatureScaling.range.upperBound / TemperatureScaling.range.lowerBound,
          Double(step) / 300)
      #expect(least <= loss(other) + 1e-9, "\(found.temperature), \(other)")
    }
  }

  @Test func dividesLogits() {
    let row: [Float] = [0.5, 0.25, 0.125, 0.125]
    // Square roots: 4, 2√2, 2, 2 over √32, whose sum is (8 + 2√2)/√32.
    let scaled = TemperatureScaling(temperature: 2).apply(to: row)
    let sum = 8 + 8.0.squareRoot()
    for (value, root) in zip(scaled, [4, 8.0.squareRoot(), 2, 2]) {
      #expect(abs(Double(value) - root / sum) < 1e-7)
    }
    let back = TemperatureScaling(temperature: 2).inverse.apply(to: scaled)
    for (value, old) in zip(back, row) { #expect(abs(value - old) < 1e-6) }
    #expect(TemperatureScaling(temperature: 1).apply(to: row) == row)
    #expect(TemperatureScaling(temperature: 3).apply(to: [1, 0])[0] > 0.99)
  }

  @Test func withoutMistakesItEndsAtTheLimit() {
    let scaling = TemperatureScaling(
      fitting: [0.75, 0.25, 0.125, 0.875], labels: [0, 1], classCount: 2)
    #expect(abs(scaling.temperature - TemperatureScaling.range.lowerBound) < 1e-6)
  }

  /// Predictions that are made too sure by 2 are found to be, and the figures before come back.
  @Test func findsWhatWasDone() throws {
    let (calm, labels) = Self.predictions(count: 3_000, classes: 12)
    let fitted = TemperatureScaling(
      fitting: Array(calm.joined()), labels: labels, classCount: 12)
    var expected = EvaluationAccumulator(classNames: (0..<12).map(String.init))
    var sure = expected
    for (row, label) in zip(calm, labels) {
      let scaled = fitted.apply(to: row)
      try expected.add(label: Int(label), probabilities: scaled)
      try sure.add(
        label: Int(label), probabilities: TemperatureScaling(temperature: 0.5).apply(to: scaled))
    }
    let found = TemperatureScaling(
      fitting: sure.probabilities, labels: sure.labels, classCount: 12)
    #expect(abs(found.temperature - 2) < 1e-4, "\(found.temperature)")
    let change = try CalibrationChange(undoing: 0.5, in: sure)
    #expect(change.temperature == 0.5)
    #expect(isClose(change.loss, expected.meanLoss, within: 1e-5))
    #expect(isClose(change.brierScore, expected.brierScore, within: 1e-5))
    #expect(
      isClose(
        change.calibration.expectedError,
        CalibrationCurve(confidences: expected.confidences, correct: expected.correct)
          .expectedError, within: 1e-4))
    #expect(change.loss < sure.meanLoss)
  }

  /// Rows without vanishing probabilities, in which the label leads in about three of four.
  private static func predictions(count: Int, classes: Int) -> (rows: [[Float]], labels: [Int32]) {
    var random = SplitMix64(seed: 11)
    func draw(_ limit: UInt64) -> Int {
      Int(random.next().multipliedFullWidth(by: limit).high)
    }
    var rows: [[Float]] = []
    var labels: [Int32] = []
    for _ in 0..<count {
      let label = draw(UInt64(classes))
      var row = (0..<classes).map { _ in 1 + draw(40) }
      row[draw(4) > 0 ? label : draw(UInt64(classes))] += 20 + draw(900)
      let sum = Float(row.reduce(0, +))
      rows.append(row.map { Float($0) / sum })
      labels.append(Int32(label))
    }
    return (rows, labels)
  }
}
