import RowwiseEvaluation
import RowwiseRandomness
import Testing

@Suite struct LabelErrorsTests {
  /// Of 600 samples that a fair model tells apart, 30 labels are turned.
  @Test func findsTurnedLabels() throws {
    var accumulator = EvaluationAccumulator(classNames: ["a", "b", "c"])
    var generator = SplitMix64(seed: 11)
    var turned: Set<Int> = []
    for sample in 0..<600 {
      let truth = sample % 3
      var label = truth
      if sample % 20 == 7 {
        label = (truth + 1) % 3
        turned.insert(sample)
      }
      let main = Float(generator.next() >> 58) / 128 + 0.5  // 0.5 ..< 1
      var row = Array(repeating: (1 - main) / 2, count: 3)
      row[truth] = main
      try accumulator.add(label: label, probabilities: row)
    }
    let suspects = accumulator.suspectedLabelErrors()
    #expect(turned.count == 30)
    #expect(Set(suspects.map(\.sample)) == turned)
    let confident = suspects.count(where: \.isConfident)
    #expect((10...29).contains(confident), "\(confident)")
    #expect(suspects.prefix(confident).allSatisfy { $0.isConfident })
    #expect(suspects.allSatisfy { $0.suggestion != $0.label })
    let margins = suspects.prefix(confident).map(\.margin)
    #expect(margins == margins.sorted())
    #expect(suspects.allSatisfy { $0.suggestion == $0.sample % 3 })
  }

  @Test func aPerfectModelSuspectsNothing() throws {
    var accumulator = EvaluationAccumulator(classNames: ["a", "b", "never"])
    try accumulator.add(labels: [0, 1, 0], probabilities: [1, 0, 0, 0, 1, 0, 1, 0, 0])
    #expect(accumulator.suspectedLabelErrors().isEmpty)
  }
}
