import RealModule
import RowwiseLayers
import Testing

/// The loss of predictions before the last timestep.
@Suite struct EarlyLossTests {
  private static let stacks: [Stack] = [
    .single, .stacked, .dense, .simple, .coupled, .learnedState, .layerNormalized, .minimal,
    .linear,
  ]

  private static func layers(_ stack: Stack) -> [any Layer] {
    stack.layers(.none).map { layer in
      guard case .recurrent(let recurrent) = layer.specification else { return layer }
      return Recurrent(
        recurrent.cell, recurrent.units, returnSequences: recurrent.returnSequences
      ).with { $0.learnsInitialState = recurrent.learnsInitialState }
    }
  }

  private static let settings: LossSettings = {
    var settings = LossSettings()
    settings.labelSmoothing = 0.1
    settings.early = EarlyLoss(weight: 0.4)
    settings.early?.power = 1.5
    settings.early?.teaching = 0.6
    return settings
  }()

  @Test func weightsAreForTheTimestepsBeforeTheLast() {
    #expect(EarlyLoss(weight: 0.3).weights(timesteps: 28).count == 21)
    #expect(EarlyLoss(weight: 0.3).weights(timesteps: 1).isEmpty)
    #expect(EarlyLoss(weight: 0.3).weights(timesteps: 2) == [1])
    let weights = EarlyLoss(weight: 0.3).weights(timesteps: 5)
    for (weight, expected) in zip(weights, [2.0 / 9, 3.0 / 9, 4.0 / 9]) {
      #expect(abs(weight - expected) < 1e-15)
    }
    #expect(weights.count == 3)
  }

  /// From the probabilities after every timestep, by the formula.
  ///
  /// - Parameter teachers: the last probabilities as they are in the targets, [N, K].
  private func loss(
    _ network: Network<Double>, _ problem: Problem, teachers: [Double], _ settings: LossSettings
  ) throws -> Double {
    let early = try #require(settings.early)
    let all = try network.everyPrediction(problem.batch())
    let (count, classes) = (problem.count, problem.classes)
    func term(_ n: Int, _ t: Int, teaching: Double) -> Double {
      (0..<classes).reduce(0.0) { sum, k in
        let label =
          (1 - settings.labelSmoothing) * (k == problem.labels[n] ? 1 : 0)
          + settings.labelSmoothing / Double(classes)
        let target = (1 - teaching) * label + teaching * teachers[n * classes + k]
        return sum - target * Double.log(all[(t * count + n) * classes + k])
      }
    }
    let weights = early.weights(timesteps: problem.timesteps)
    let first = problem.timesteps - 1 - weights.count
    return (0..<count).reduce(0.0) { sum, n in
      let before = weights.enumerated().reduce(0.0) {
        $0 + $1.element * term(n, first + $1.offset, teaching: early.teaching)
      }
      return sum + (1 - early.weight) * term(n, problem.timesteps - 1, teaching: 0)
        + early.weight * before
    } / Double(count)
  }

  /// The gradient against central differences of the formula, in which the teacher does not move.
  @Test(arguments: stacks)
  func gradientIsThatOfTheFormula(_ stack: Stack) throws {
    let problem = Problem(timesteps: 6, features: 3, count: 2)
    let network: Network<Double> = try makeNetwork(Self.layers(stack), problem)
    let outcome = run(network, problem, loss: Self.settings)
    let teachers = outcome.probabilities
    func exact() throws -> Double {
      try loss(network, problem, teachers: teachers, Self.settings)
    }
    #expect(abs(try exact() - outcome.lossSum / 2) < 1e-12)
    let h = 2e-4
    for parameter in network.parameters {
      let values = network.values(of: parameter)
      let gradient = try #require(outcome.gradients[parameter.name])
      for i in values.indices {
        func moved(_ step: Double) throws -> Double {
          var changed = values
          changed[i] += step
          network.setValues(changed, of: parameter)
          return try exact()
        }
        let numeric =
          (8 * (try moved(h) - moved(-h)) - (try moved(2 * h) - moved(-2 * h))) / (12 * h)
        let error = abs(numeric - gradient[i]) / max(abs(numeric), abs(gradient[i]), 1e-3)
        #expect(error < 1e-7, "\(stack), \(parameter.name)[\(i)]: \(gradient[i]), not \(numeric)")
      }
      network.setValues(values, of: parameter)
    }
  }

  @Test(arguments: stacks, [1, 2, 3])
  func bitsDoNotDependOnThreads(_ stack: Stack, _ threads: Int) throws {
    let problem = Problem(timesteps: 7, features: 5, count: 70)
    let one: Network<Float> = try makeNetwork(Self.layers(stack), problem)
    let several: Network<Float> = try makeNetwork(Self.layers(stack), problem, threads: threads)
    #expect(
      run(one, problem, loss: Self.settings) == run(several, problem, loss: Self.settings))
  }

  /// Activations in segments give the same to rounding, and no early loss the same bits as before.
  @Test func segmentsChangeNothing() throws {
    let problem = Problem(timesteps: 12, features: 5, count: 40)
    let layers = Self.layers(.stacked)
    let whole: Network<Double> = try makeNetwork(layers, problem)
    let parts: Network<Double> = try makeNetwork(layers, problem, activationBudget: 4096)
    let expected = run(whole, problem, loss: Self.settings)
    let outcome = run(parts, problem, loss: Self.settings)
    for parameter in whole.parameters {
      let a = try #require(outcome.gradients[parameter.name])
      let b = try #require(expected.gradients[parameter.name])
      #expect(scaledDifference(a, b) < 1e-12, "\(parameter.name)")
    }
  }

  /// After a batch with it, one without it is as if there had been none.
  @Test func noStateIsLeft() throws {
    let problem = Problem(timesteps: 6, features: 5, count: 9)
    let network: Network<Float> = try makeNetwork(Self.layers(.dense), problem)
    let before = run(network, problem)
    let early = run(network, problem, loss: Self.settings)
    #expect(run(network, problem) == before)
    #expect(run(network, problem, loss: Self.settings) == early)
    #expect(early.gradients != before.gradients)
  }

  @Test func layersThatCannotAreNamed() {
    func obstacle(_ stack: Stack) -> Int? {
      stack.layers(.none).map(\.specification).earlyLossObstacle
    }
    #expect(obstacle(.stacked) == nil)
    #expect(obstacle(.backwards) == 1)
    #expect(obstacle(.stackedGRU) == 2)
    #expect(obstacle(.meanPooling) == 2)
    #expect(obstacle(.flatten) == 2)
    #expect(obstacle(.residual) == 3)
  }
}
