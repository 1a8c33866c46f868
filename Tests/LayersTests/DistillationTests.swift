import RowwiseLayers
import Testing

/// What networks learn from a teacher's probabilities.
@Suite struct DistillationTests {
  private static let problem = Problem(timesteps: 6, features: 3, count: 3)

  private static func settings(hasEarlyLoss: Bool) -> LossSettings {
    var settings = LossSettings()
    settings.labelSmoothing = 0.1
    settings.classWeights = [1, 0.5, 2]
    settings.distillation = Distillation(weight: 0.6, temperature: 2.5)
    // The last prediction teaches none of the earlier ones: in differences it would move.
    if hasEarlyLoss {
      settings.early = EarlyLoss(weight: 0.4)
      settings.early?.teaching = 0
    }
    return settings
  }

  private static func batch() -> SequenceBatch<Double> {
    let batch: SequenceBatch<Double> = problem.batch()
    batch.taught = [0.75, 0.125, 0.125, 0.0625, 0.875, 0.0625, 0, 0.25, 0.75]
    batch.isMixed = true
    for n in 0..<3 {
      batch.secondLabels[n] = Int32((problem.labels[n] + 1) % 3)
      batch.labelShares[n] = 0.75
    }
    return batch
  }

  /// Of two mixed labels, smoothed and weighted, after the last timestep and before it.
  @Test(arguments: [Stack.single, .dense, .stacked], [false, true])
  func gradientsAreThoseOfTheLoss(_ stack: Stack, hasEarlyLoss: Bool) throws {
    let network: Network<Double> = try makeNetwork(stack.layers(.none), Self.problem)
    let (batch, settings) = (Self.batch(), Self.settings(hasEarlyLoss: hasEarlyLoss))
    _ = network.gradients(batch, loss: settings)
    let gradients = network.parameters.map { network.gradient(of: $0) }
    let h = 1e-4
    for (parameter, gradient) in zip(network.parameters, gradients) {
      let values = network.values(of: parameter)
      for i in values.indices {
        func loss(_ step: Double) -> Double {
          var changed = values
          changed[i] += step
          network.setValues(changed, of: parameter)
          return network.gradients(batch, loss: settings).lossSum / Double(batch.count)
        }
        let numeric = (8 * (loss(h) - loss(-h)) - (loss(2 * h) - loss(-2 * h))) / (12 * h)
        let error = abs(numeric - gradient[i]) / max(abs(numeric), abs(gradient[i]), 1e-3)
        #expect(error < 1e-7, "\(stack), \(parameter.name)[\(i)]: \(gradient[i]), not \(numeric)")
      }
      network.setValues(values, of: parameter)
    }
  }

  /// A batch that has been taught leaves nothing to one that has not.
  @Test func noLessonIsLeft() throws {
    let network: Network<Double> = try makeNetwork(Stack.single.layers(.none), Self.problem)
    let before = run(network, Self.problem)
    _ = network.gradients(Self.batch(), loss: Self.settings(hasEarlyLoss: false))
    #expect(run(network, Self.problem) == before)
  }
}
