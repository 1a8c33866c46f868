import RowwiseKernelInterface
import RowwiseLayers

/// One network and batch size to time, the same as in `Benchmarks/peers`.
struct BenchmarkCase: Sendable, Equatable {
  /// What is timed.
  enum Work: Sendable, Equatable {
    /// Forward, loss, backward, weight gradients and an Adam step.
    case training
    /// Forward; with one sequence the latency counts, else the throughput.
    case inference
    /// One timestep of one sequence: the step, the output layer and the early exit's rule.
    case reading
    /// Forward and the gradient of a class's log-odds by the input, as evidence of pixels needs it.
    case evidence
  }

  /// Case name: T for training, I for inference, R for reading row by row or E for evidence, with a number
  /// for the network, q for int8 products, and the batch.
  let name: String
  /// What is timed.
  let work: Work
  /// T.
  let timesteps: Int
  /// D.
  let features: Int
  /// H.
  let hidden: Int
  /// LSTM layers on top of each other.
  let depth: Int
  /// Whether every layer reads in both directions.
  let isBidirectional: Bool
  /// N.
  let batch: Int
  /// What the first weight matrices are multiplied by.
  let weightScale: Float
  /// What the products are formed in; nil: as the command's options say.
  var precision: Precision?

  /// Classes of the final layer.
  static let classCount = 10

  /// The cases, in the order in which they run.
  static let all: [BenchmarkCase] = [
    train("T1_b32", batch: 32), train("T1_b128", batch: 128), train("T1_b512", batch: 512),
    train("T2_b128", depth: 2, batch: 128),
    train("T3_b128", hidden: 256, depth: 2, batch: 128),
    train("T4_b128", timesteps: 784, features: 1, batch: 128),
    train("T4s_b128", timesteps: 784, features: 1, batch: 128, weightScale: 0.01),
    train("T5_b128", isBidirectional: true, batch: 128),
    train("T6_b64", hidden: 512, batch: 64), train("T7_b64", hidden: 1024, batch: 64),
    train("T8_b128", hidden: 256, depth: 4, isBidirectional: true, batch: 128),
    infer("I1_b1", batch: 1), infer("I1_b32", batch: 32), infer("I1_b1024", batch: 1024),
    infer("I2_b1", hidden: 512, batch: 1), infer("I3_b32", hidden: 1024, depth: 2, batch: 32),
    BenchmarkCase(
      name: "R1_b1", work: .reading, timesteps: 28, features: 28, hidden: 128, depth: 1,
      isBidirectional: false, batch: 1, weightScale: 1),
    infer("E1_b64", work: .evidence, batch: 64),
    infer("I1q_b1", batch: 1, .int8), infer("I1q_b32", batch: 32, .int8),
    infer("I1q_b1024", batch: 1024, .int8), infer("I2q_b1", hidden: 512, batch: 1, .int8),
    infer("I3q_b32", hidden: 1024, depth: 2, batch: 32, .int8),
  ]

  /// The case of that name.
  static func named(_ name: String) -> BenchmarkCase? { all.first { $0.name == name } }

  private static func train(
    _ name: String, timesteps: Int = 28, features: Int = 28, hidden: Int = 128, depth: Int = 1,
    isBidirectional: Bool = false, batch: Int, weightScale: Float = 1
  ) -> BenchmarkCase {
    BenchmarkCase(
      name: name, work: .training, timesteps: timesteps, features: features, hidden: hidden,
      depth: depth, isBidirectional: isBidirectional, batch: batch, weightScale: weightScale)
  }

  private static func infer(
    _ name: String, work: Work = .inference, hidden: Int = 128, depth: Int = 1, batch: Int,
    _ precision: Precision? = nil
  ) -> BenchmarkCase {
    BenchmarkCase(
      name: name, work: work, timesteps: 28, features: 28, hidden: hidden, depth: depth,
      isBidirectional: false, batch: batch, weightScale: 1, precision: precision)
  }

  /// Whether the time of one call counts, not the number of sequences in a second.
  var isLatency: Bool { work != .training && batch == 1 }

  /// Whether gradients are computed, which int8 products have not.
  var hasGradients: Bool { work == .training || work == .evidence }

  /// The network's layers.
  var layers: [any Layer] {
    let lstms = (1...depth).map { level -> any Layer in
      let lstm = LSTM(hidden, returnSequences: level < depth)
      return isBidirectional ? Bidirectional(lstm) : lstm
    }
    return lstms + [Dense(Self.classCount, activation: .softmax)]
  }

  /// Shrinks a new network's weight matrices: from a hundredth of them gradients vanish on their way
  /// back through 784 timesteps, by 0.73 for each, the forget gate's first value.
  func scaleWeights(of network: Network<Float>) {
    guard weightScale != 1 else { return }
    for parameter in network.parameters where parameter.shape.count > 1 {
      network.setValues(network.values(of: parameter).map { $0 * weightScale }, of: parameter)
    }
  }

  /// Floating-point operations for one sequence, or one timestep where these are timed, of the LSTMs'
  /// products only: 2 (D + H) 4H for a timestep, direction and layer; three times that in training,
  /// twice where only the input has a gradient.
  var operationsPerSample: Double {
    let directions = isBidirectional ? 2 : 1
    var total = 0
    var width = features
    for _ in 0..<depth {
      total += directions * timesteps * 2 * (width + hidden) * 4 * hidden
      width = hidden * directions
    }
    return switch work {
    case .training: Double(3 * total)
    case .inference: Double(total)
    case .reading: Double(total / timesteps)
    case .evidence: Double(2 * total)
    }
  }
}
