import RowwiseDatasetLoading
import RowwiseEvaluation
import RowwiseRowSequencing
import Testing

@testable import RowwiseCommand

struct NearestNeighborsTests {
  @Test func theNearestOfTiedClassesWins() {
    #expect(NearestNeighbors.winner([3]) == 3)
    #expect(NearestNeighbors.winner([3, 1, 1]) == 1)
    #expect(NearestNeighbors.winner([2, 0, 1]) == 2)
    #expect(NearestNeighbors.winner([1, 2, 0, 2, 0]) == 2)
  }

  @Test func votesBecomeProbabilities() {
    // Two votes each for 0 and 2, the nearest of them of class 2; five neighbours, four classes.
    let row = NearestNeighbors.probabilities([1, 2, 0, 2, 0], classCount: 4)
    let votes: [Double] = [2.125, 1.125, 2.625, 0.125]
    #expect(row == votes.map { Float($0 / 6) })
    #expect(ProbabilityRow.prediction(row.span) == 2)
    #expect(abs(row.reduce(0, +) - 1) < 1e-6)
  }

  @Test func theSmallestOfEquallyGoodNumbersIsChosen() {
    // One neighbour gets two right, three get four, five get one.
    let nearest = [[0, 0, 0, 1, 1], [0, 1, 1, 0, 0], [1, 1, 0, 0, 0], [0, 1, 1, 0, 0]]
    #expect(NearestNeighbors.choice(nearest, labels: [0, 1, 1, 1], references: 9) == 3)
    // Here one and three get three each.
    #expect(NearestNeighbors.choice(nearest, labels: [0, 0, 1, 1], references: 9) == 1)
    // No more neighbours than there are images.
    #expect(NearestNeighbors.choice([[0, 1]], labels: [0], references: 2) == 1)
  }

  /// The digits, a tenth of the training part held back.
  private static func digits() throws -> (
    training: ImageDataset, validation: ImageDataset, test: ImageDataset, Preprocessing
  ) {
    let layout = try DatasetLoader.locate(
      Workplace.package.appendingPathComponent("Datasets/digits").path)
    let (training, validation) = try layout.load(.train).stratifiedSplit(
      holdingBack: 0.1, seed: 0)
    return (training, validation, try layout.load(.test), try layout.preprocessing())
  }

  @Test func readsDigits() throws {
    let (training, validation, test, preprocessing) = try Self.digits()
    var answers: [[[Float]]] = []
    for threads in [1, 3] {
      let model = try NearestNeighbors(
        training: training, validation: validation, preprocessing: preprocessing,
        threads: threads)
      #expect(model.referenceCount == training.count)
      #expect(model.parameterCount == training.count * 64)
      var rows: [[Float]] = []
      var hits = 0
      try model.forEachPrediction(of: test) { index, label, row in
        #expect(index == rows.count && label == Int(test.labels[index]))
        rows.append(row)
        if ProbabilityRow.prediction(row.span) == label { hits += 1 }
      }
      #expect(Double(hits) / Double(test.count) >= 0.97)
      #expect(
        model.probabilities(ofModelPixels: [try test.pixels(at: 7), try test.pixels(at: 0)])
          == [rows[7], rows[0]])
      answers.append(rows)
    }
    #expect(answers[0] == answers[1])
  }

  @Test func ofManyImagesSomeAreReferences() throws {
    let (training, validation, test, preprocessing) = try Self.digits()
    let model = try NearestNeighbors(
      training: training, validation: validation, preprocessing: preprocessing, threads: 2,
      mostReferences: 100)
    #expect(model.referenceCount == 100 && model.parameterCount == 6_400)
    var hits = 0
    try model.forEachPrediction(of: test) { _, label, row in
      if ProbabilityRow.prediction(row.span) == label { hits += 1 }
    }
    #expect(Double(hits) / Double(test.count) > 0.8)
  }
}
