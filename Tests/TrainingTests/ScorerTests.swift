import Foundation
import RowwiseLayers
import RowwiseTraining
import Testing

/// Passing over a source in order.
@Suite struct ScorerTests {
  private struct Enough: Error {}

  @Test func everySequenceOnceInOrder() throws {
    let network = try toyNetwork()
    let source = ToySource(count: 23)
    var all: [[Float]] = []
    try Scorer(network, batchSize: 23).forEach(source) { index, label, probabilities in
      #expect(index == all.count)
      #expect(label == source.label(index))
      all.append(probabilities)
    }
    #expect(all.count == 23)
    for batchSize in [1, 2, 7, 22, 100] {
      var parts: [[Float]] = []
      try Scorer(network, batchSize: batchSize).forEach(source) { index, _, probabilities in
        #expect(index == parts.count)
        parts.append(probabilities)
      }
      #expect(parts == all, "batches of \(batchSize)")
    }
  }

  @Test func theScoreIsTheMean() throws {
    let network = try toyNetwork()
    let source = ToySource(count: 23)
    var loss = 0.0
    var correct = 0
    try Scorer(network).forEach(source) { _, label, probabilities in
      loss -= log(Double(probabilities[label]))
      correct += probabilities.max() == probabilities[label] ? 1 : 0
    }
    let score = try Scorer(network).score(source)
    #expect(abs(score.loss - loss / 23) < 1e-12)
    #expect(score.accuracy == Double(correct) / 23)
    for batchSize in [1, 4, 23] {
      #expect(try Scorer(network, batchSize: batchSize).score(source) == score)
    }
  }

  @Test func aVanishedProbabilityHasALoss() throws {
    let network = try toyNetwork()
    let bias = try #require(network.parameters.last)
    network.setValues([0, 0, 1000], of: bias)
    let score = try Scorer(network).score(ToySource(count: 2))
    #expect(score.accuracy == 0)
    #expect(score.loss.isFinite && score.loss > 80)
  }

  @Test func nothingToScore() throws {
    let score = try Scorer(try toyNetwork()).score(ToySource(count: 0))
    #expect(score == EpochMetrics(loss: 0, accuracy: 0))
  }

  @Test func errorsPass() throws {
    let scorer = Scorer(try toyNetwork(), batchSize: 4)
    #expect(throws: ToySource.Unreadable(index: 9)) {
      try scorer.score(ToySource(count: 12, broken: [9]))
    }
    var seen = 0
    #expect(throws: Enough.self) {
      try scorer.forEach(ToySource(count: 12)) { _, _, _ in
        seen += 1
        if seen == 6 { throw Enough() }
      }
    }
    #expect(seen == 6)
  }
}
