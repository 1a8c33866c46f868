import RowwiseLayers
import RowwiseRandomness
import RowwiseWorkers
import Testing

@testable import RowwiseTraining

/// Mixup and CutMix.
@Suite struct MixingTests {
  /// A batch whose sequence n holds the number n everywhere.
  private func batch(_ count: Int) -> SequenceBatch<Float> {
    let batch = SequenceBatch<Float>(timesteps: 6, features: 8, capacity: count)
    for n in 0..<count {
      batch.labels[n] = Int32(n)
      for t in 0..<6 {
        for d in 0..<8 { batch.inputs.start[(t * count + n) * 8 + d] = Float(n) }
      }
    }
    return batch
  }

  private func sequence(_ batch: SequenceBatch<Float>, _ n: Int) -> [Float] {
    (0..<6).flatMap { t in
      (0..<8).map { batch.inputs.start[(t * batch.count + n) * 8 + $0] }
    }
  }

  @Test(arguments: [1, 2, 3])
  func mixupBlendsPairs(threads: Int) {
    let mixed = batch(7)
    BatchMixer(mixing: Mixing(mixup: 1), seed: 1, group: 1).mix(
      mixed, step: 5, on: WorkerPool(threads: threads))
    #expect(mixed.isMixed)
    var shares: Set<Float> = []
    for n in 0..<7 {
      let share = mixed.labelShares[n]
      #expect(share >= 0 && share <= 1)
      #expect(mixed.labels[n] == n && mixed.secondLabels[n] == 6 - n)
      #expect(mixed.labelShares[6 - n] == share)
      let expected = share * Float(n) + (1 - share) * Float(6 - n)
      #expect(sequence(mixed, n).allSatisfy { abs($0 - expected) < 1e-5 }, "sequence \(n)")
      shares.insert(share)
    }
    #expect(mixed.labelShares[3] == 1, "the middle one has no partner")
    #expect(shares.count == 4, "every pair has a share of its own")
  }

  @Test func cutmixExchangesBoxes() {
    var shares: [Float] = []
    for step in 0..<40 {
      let mixed = batch(4)
      BatchMixer(mixing: Mixing(cutmix: 1), seed: 2, group: 2).mix(
        mixed, step: UInt64(step), on: WorkerPool(threads: 1))
      for n in 0..<4 {
        let numbers = sequence(mixed, n)
        #expect(numbers.allSatisfy { $0 == Float(n) || $0 == Float(3 - n) })
        let own = numbers.filter { $0 == Float(n) }.count
        #expect(abs(mixed.labelShares[n] - Float(own) / 48) < 1e-6)
        for pair in 0..<24 { #expect(numbers[2 * pair] == numbers[2 * pair + 1], "channels") }
        shares.append(mixed.labelShares[n])
      }
    }
    #expect(shares.contains { $0 < 0.4 } && shares.contains { $0 > 0.9 })
  }

  @Test func stepAndSeedDecide() {
    func numbers(_ seed: UInt64, _ step: UInt64) -> [Float] {
      let mixed = batch(6)
      BatchMixer(mixing: Mixing(mixup: 0.4, cutmix: 1), seed: seed, group: 1).mix(
        mixed, step: step, on: WorkerPool(threads: 2))
      return (0..<6).flatMap { sequence(mixed, $0) }
    }
    #expect(numbers(1, 1) == numbers(1, 1))
    #expect(numbers(1, 1) != numbers(1, 2))
    #expect(numbers(1, 1) != numbers(2, 1))
  }

  /// Mean 1/2 and variance 1 / (4 (2α + 1)).
  @Test(arguments: [0.2, 1, 4])
  func betaHasItsMoments(alpha: Double) {
    var random = RandomStream(seed: 3, stream: 0)
    let numbers = (0..<20_000).map { _ in BatchMixer.beta(alpha, &random) }
    let mean = numbers.reduce(0, +) / 20_000
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(numbers.allSatisfy { $0 >= 0 && $0 <= 1 })
    #expect(abs(mean - 0.5) < 0.01)
    #expect(abs(variance * 4 * (2 * alpha + 1) - 1) < 0.05)
  }

  @Test func mixedTrainingLearns() throws {
    var options = TrainingOptions(epochs: 8, optimizer: .adam(learningRate: 0.02))
    options.mixing = Mixing(mixup: 0.2)
    let history = try Trainer(try toyNetwork(), options: options).fit(
      ToySource(count: 120), validation: ToySource(count: 60, seed: 2))
    #expect(try #require(history.epochs.last?.validation).accuracy > 0.9)
    #expect(throws: TrainingError.self) {
      try Trainer(try toyNetwork(), options: options).fit(ToySource(count: 9, lengths: [2, 4]))
    }
  }
}
