import Foundation
import RowwiseLayers
import RowwiseTraining
import Testing

/// Updates over several steps against the formulas in Double.
///
/// The kernels are compared with PyTorch elsewhere; here it is what surrounds them: the step
/// counter, bias corrections, decay of weights but not of biases, scaling by the clipped norm.
@Suite struct OptimizerStateTests {
  /// One weight as the papers have it.
  private struct Oracle {
    var optimizer: Optimizer
    var first = 0.0
    var second = 0.0
    var step = 0

    mutating func update(_ x: Double, _ g: Double, decays: Bool) -> Double {
      step += 1
      switch optimizer {
      case .sgd(let rate, let momentum, let nesterov):
        first = momentum * first + g
        return x - rate * (nesterov ? g + momentum * first : first)
      case .rmsprop(let rate, let decay, let epsilon):
        second = decay * second + (1 - decay) * g * g
        return x - rate * g / (second.squareRoot() + epsilon)
      case .adam(let rate, let beta1, let beta2, let epsilon):
        return adam(x, g, rate, beta1, beta2, epsilon)
      case .adamw(let rate, let beta1, let beta2, let epsilon, let decay):
        return adam(x * (decays ? 1 - rate * decay : 1), g, rate, beta1, beta2, epsilon)
      case .lion(let rate, let beta1, let beta2, let decay):
        let blend = beta1 * first + (1 - beta1) * g
        first = beta2 * first + (1 - beta2) * g
        let sign: Double = blend > 0 ? 1 : blend < 0 ? -1 : 0
        return x * (decays ? 1 - rate * decay : 1) - rate * sign
      }
    }

    private mutating func adam(
      _ x: Double, _ g: Double, _ rate: Double, _ beta1: Double, _ beta2: Double,
      _ epsilon: Double
    ) -> Double {
      first = beta1 * first + (1 - beta1) * g
      second = beta2 * second + (1 - beta2) * g * g
      let m = first / (1 - pow(beta1, Double(step)))
      let v = second / (1 - pow(beta2, Double(step)))
      return x - rate * m / (v.squareRoot() + epsilon)
    }
  }

  static let optimizers: [Optimizer] = [
    .sgd(learningRate: 0.3), .sgd(learningRate: 0.1, momentum: 0.9),
    .sgd(learningRate: 0.1, momentum: 0.8, nesterov: true),
    .rmsprop(learningRate: 0.02, decay: 0.85, epsilon: 1e-3), .adam(),
    .adam(learningRate: 0.02, beta1: 0.8, beta2: 0.95, epsilon: 1e-3),
    .adamw(learningRate: 0.02, weightDecay: 0.3),
  ]

  /// Every weight follows its formula when fed the network's own gradients, step by step.
  @Test(arguments: optimizers, [nil, 0.05] as [Double?])
  func followsTheFormula(_ optimizer: Optimizer, _ clipNorm: Double?) throws {
    try follow(optimizer, clipNorm, frozenLayers: 0)
  }

  /// The norm that is limited is that of the layers that learn.
  @Test(arguments: [nil, 0.05] as [Double?])
  func frozenLayersCountNowhere(_ clipNorm: Double?) throws {
    try follow(.adamw(learningRate: 0.01), clipNorm, frozenLayers: 1)
  }

  private func follow(_ optimizer: Optimizer, _ clipNorm: Double?, frozenLayers: Int) throws {
    // More than one of the optimizer's chunks of 16,384.
    let layers: [any Layer] = [LSTM(67), Dense(3, activation: .softmax)]
    let network = try toyNetwork(layers: layers)
    // The same steps by hand: gradients come from a copy that has this network's weights.
    let shadow = try toyNetwork(layers: layers)
    let source = ToySource(count: 6)
    let batch = SequenceBatch<Float>(timesteps: 4, features: 3, capacity: 6)
    try source.load(Array(0..<6), rows: 0..<6, into: batch)
    var oracles: [String: [Oracle]] = [:]
    var exact: [String: [Double]] = [:]
    for parameter in network.parameters {
      exact[parameter.name] = network.values(of: parameter).map { Double($0) }
      oracles[parameter.name] = (0..<parameter.count).map { _ in Oracle(optimizer: optimizer) }
    }
    var worst = 0.0
    func check() {
      _ = shadow.gradients(batch)
      var norm = 0.0
      for parameter in shadow.parameters where Self.learns(parameter, frozenLayers) {
        for g in shadow.gradient(of: parameter) { norm += Double(g) * Double(g) }
      }
      norm = norm.squareRoot()
      let scale = clipNorm.map { min(1, $0 / norm) } ?? 1
      for parameter in shadow.parameters {
        let name = parameter.name
        let gradient = shadow.gradient(of: parameter)
        let received = network.values(of: parameter)
        guard Self.learns(parameter, frozenLayers) else {
          #expect(received.map { Double($0) } == exact[name], "\(name)")
          continue
        }
        for i in received.indices {
          let value = oracles[name]?[i].update(
            exact[name]?[i] ?? .nan, Double(gradient[i]) * scale, decays: parameter.decays)
          exact[name]?[i] = value ?? .nan
          let difference = abs(Double(received[i]) - (value ?? .nan))
          worst = max(worst, difference.isNaN ? .infinity : difference)
        }
        shadow.setValues(received, of: parameter)
      }
    }
    var options = TrainingOptions(epochs: 12, batchSize: 6, optimizer: optimizer)
    options.shuffles = false
    options.clipNorm = clipNorm
    options.frozenLayers = frozenLayers
    var callbacks = TrainingCallbacks()
    callbacks.onStepEnd = { _ in check() }
    _ = try Trainer(network, options: options).fit(source, callbacks: callbacks)
    #expect(worst < 2e-6, "\(optimizer): off by \(worst)")
  }

  private static func learns(_ parameter: Parameter, _ frozenLayers: Int) -> Bool {
    frozenLayers == 0 || !parameter.name.hasPrefix("layers.0.")
  }

  /// Adam's first step has length η whatever the gradient's size: that is its bias correction.
  @Test func adamsFirstStepIsTheLearningRate() throws {
    let network = try toyNetwork()
    let before = network.weights
    let options = TrainingOptions(
      epochs: 1, batchSize: 6, optimizer: .adam(learningRate: 0.01, epsilon: 1e-12))
    _ = try Trainer(network, options: options).fit(ToySource(count: 6))
    for (name, values) in network.weights {
      for (a, b) in zip(values, before[name] ?? []) {
        #expect(abs(abs(a - b) - 0.01) < 1e-6, "\(name)")
      }
    }
  }
}
