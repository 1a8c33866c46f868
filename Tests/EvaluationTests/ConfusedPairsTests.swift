import RowwiseEvaluation
import Testing

@Suite struct ConfusedPairsTests {
  private let matrix = ConfusionMatrix(
    classNames: ["a", "b", "c"], counts: [9, 1, 4, 4, 6, 0, 0, 1, 0])

  @Test func mostFrequentFirst() {
    let pairs = matrix.mostConfusedPairs()
    #expect(pairs.map(\.label) == [0, 1, 0, 2])
    #expect(pairs.map(\.prediction) == [2, 0, 1, 1])
    #expect(pairs.map(\.count) == [4, 4, 1, 1])
    #expect(pairs[1].shareOfLabel == 0.4)
    #expect(matrix.mostConfusedPairs(1).count == 1)
    #expect(matrix.mostConfusedPairs(0).isEmpty)
  }

  @Test func emptyMatrices() {
    let empty = ConfusionMatrix(classCount: 2)
    #expect(empty.mostConfusedPairs().isEmpty)
    #expect(empty.balancedAccuracy.isNaN && empty.cohenKappa.isNaN)
    #expect(empty.matthewsCorrelation.isNaN)
    #expect(empty.normalized(by: .label) == [[0, 0], [0, 0]])
    let single = ConfusionMatrix(classNames: ["a", "b"], counts: [5, 0, 0, 0])
    #expect(single.cohenKappa.isNaN && single.matthewsCorrelation == 0)
    #expect(single.balancedAccuracy == 1)
    #expect(ConfusionMatrix(classCount: 1).microAverage.specificity.isNaN)
  }
}
