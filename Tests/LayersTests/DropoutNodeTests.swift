import RowwiseLayers
import Testing

/// Dropout, seen through the gradient of the dense layer's weights above it.
@Suite struct DropoutNodeTests {
  /// Sequences whose only timestep is ones; an LSTM's saturated output stands for them.
  private func network(
    _ rate: Double, units: Int, problem: Problem, threads: Int = 1, seed: UInt64 = 5
  ) throws -> Network<Float> {
    let layers: [any Layer] = [
      LSTM(units), Dropout(rate), Dense(2, activation: .softmax),
    ]
    return try makeNetwork(layers, problem, threads: threads, seed: seed)
  }

  /// What dropout lets through, by the gradient of the output layer: with all else fixed,
  /// ∂loss/∂W[j, k] = y[j] (p[k] − 1{label}) for one sequence.
  private func factors(
    _ network: Network<Float>, _ problem: Problem, step: UInt64
  ) throws -> [Double] {
    let weight = try #require(network.parameters.dropLast().last)
    let bias = try #require(network.parameters.last)
    let outcome = run(network, problem, step: step)
    let weightGradient = try #require(outcome.gradients[weight.name])
    let d = Double(try #require(outcome.gradients[bias.name])[0])
    return stride(from: 0, to: weightGradient.count, by: 2).map { Double(weightGradient[$0]) / d }
  }

  /// The factors of many steps with dropout over those without.
  private func ratios(_ rate: Double, steps: UInt64) throws -> [Double] {
    let problem = Problem(timesteps: 2, features: 3, count: 1, classes: 2)
    let network = try network(rate, units: 50, problem: problem)
    let plain = try factors(try self.network(0, units: 50, problem: problem), problem, step: 0)
    return try (0..<steps).flatMap { step in
      zip(try factors(network, problem, step: step), plain).map { $0 / $1 }
    }
  }

  @Test(arguments: [0, 0.1, 0.5, 0.75, 0.99])
  func valuesAreZeroOrScaledAndTheMeanIsKept(_ rate: Double) throws {
    let ratios = try ratios(rate, steps: 400)
    let kept = ratios.filter { $0 != 0 }
    #expect(kept.allSatisfy { abs($0 * (1 - rate) - 1) < 1e-3 })
    // Five standard deviations of a mean of 20,000.
    let deviation = (rate / (1 - rate) / Double(ratios.count)).squareRoot()
    let mean = ratios.reduce(0, +) / Double(ratios.count)
    #expect(abs(mean - 1) <= 5 * deviation + 1e-4, "mean \(mean)")
    let share = Double(ratios.count - kept.count) / Double(ratios.count)
    #expect(
      abs(share - rate) <= 5 * (rate * (1 - rate) / Double(ratios.count)).squareRoot() + 1e-5)
  }

  /// A rate so high that hardly anything passes must still keep the mean: the scale is that of the
  /// rate in steps of 2^−16 that the zeros follow.
  @Test func ratesNearOneKeepTheMean() throws {
    // 65,535.4 of 65,536 steps: rounded, one value in 65,536 passes.
    let problem = Problem(timesteps: 60, features: 40, count: 30, classes: 2)
    let rate = 1 - 0.6 / 65_536
    let layers: [any Layer] = [Dropout(rate), LSTM(3), Dense(2, activation: .softmax)]
    let network: Network<Float> = try makeNetwork(layers, problem)
    // The gradient by x passes the same mask: its non-zero values carry the scale.
    let plain: Network<Float> = try makeNetwork(
      [Dropout(0), LSTM(3), Dense(2, activation: .softmax)], problem)
    // Weights so small that what passes, 65,536-fold, does not saturate the gates: behind saturated
    // ones gradients are too small for normal numbers, and zero.
    for network in [network, plain] {
      for parameter in network.parameters where parameter.name == "layers.1.input_weight" {
        network.setValues(network.values(of: parameter).map { $0 * 1e-5 }, of: parameter)
      }
    }
    var passed = 0
    for step in 0..<10 as Range<UInt64> {
      passed += run(network, problem, step: step).inputGradient.count { $0 != 0 }
    }
    #expect(run(plain, problem).inputGradient.allSatisfy { $0 != 0 })
    #expect((1...40).contains(passed), "11 of 720,000 expected, \(passed) passed")
    // One in 65,536 passes, so what passes counts 65,536-fold, not 1 / (1 - rate) = 109,227-fold.
    let kept = try ratios(rate, steps: 8000).filter { $0 != 0 }
    #expect(!kept.isEmpty)
    #expect(kept.allSatisfy { abs($0 / 65_536 - 1) < 1e-3 }, "\(kept)")
  }

  @Test func zerosDependOnStepSeedAndRowOnly() throws {
    let problem = Problem(timesteps: 2, features: 3, count: 6, classes: 2)
    let base = run(try network(0.5, units: 20, problem: problem), problem, step: 7)
    for threads in [2, 3] {
      let other = try network(0.5, units: 20, problem: problem, threads: threads)
      #expect(run(other, problem, step: 7) == base, "\(threads) threads")
    }
    let network = try network(0.5, units: 20, problem: problem)
    #expect(run(network, problem, step: 8).gradients != base.gradients)
    #expect(run(network, problem, step: 7) == base, "the same step again")
    // Weights set to those of the first network, so that only dropout's seed differs.
    let seeded = try self.network(0.5, units: 20, problem: problem, seed: 6)
    for parameter in seeded.parameters {
      seeded.setValues(network.values(of: parameter), of: parameter)
    }
    let other = run(seeded, problem, step: 7)
    #expect(other.probabilities == base.probabilities)
    #expect(other.gradients != base.gradients)
  }

  @Test func twoDropoutLayersDiffer() throws {
    let problem = Problem(timesteps: 1, features: 64, count: 1, classes: 2)
    let layers: [any Layer] = [
      Dropout(0.5), Dropout(0.5), LSTM(5), Dense(2, activation: .softmax),
    ]
    let network: Network<Double> = try makeNetwork(layers, problem)
    var passed = 0
    for step in 0..<50 as Range<UInt64> {
      passed += run(network, problem, step: step).inputGradient.count { $0 != 0 }
    }
    // A quarter of 3,200 passes two independent masks; half would pass one mask applied twice.
    #expect(abs(passed - 800) < 125, "\(passed) passed")
  }

  @Test func predictionIgnoresDropout() throws {
    let problem = Problem(timesteps: 4, features: 3, count: 9, classes: 2)
    let plain = run(try network(0, units: 10, problem: problem), problem)
    for rate in [0.3, 0.9] {
      let network = try network(rate, units: 10, problem: problem)
      let outcome = run(network, problem)
      #expect(outcome.probabilities == plain.probabilities)
      #expect(outcome.gradients != plain.gradients)
    }
  }
}
