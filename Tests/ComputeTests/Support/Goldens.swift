import Foundation
import RowwiseKernelInterface

/// Cases of Fixtures/lstm-*.json; Scripts/goldens/golden_common.py describes them.
struct GoldenLSTMFile: Decodable {
  /// The implementation that the values come from.
  var source: String
  var cases: [GoldenLSTM]
}

/// One stack of layers with its inputs and results.
struct GoldenLSTM: Decodable, Sendable {
  var name: String
  var peephole: Peephole
  var timesteps: Int
  var batch: Int
  var features: Int
  var hidden: Int
  var lengths: [Int]?
  var x: [Double]
  var dy: [Double]
  var y: [Double]
  var dx: [Double]
  /// Layers from the bottom, each with one direction or two (forward, backward).
  var layers: [[GoldenDirection]]
  /// ONNX Runtime's float32 forward values, where it has this cell.
  var onnxRuntime: GoldenForward?

  private enum CodingKeys: String, CodingKey {
    case name, peephole, timesteps, batch, features, hidden, lengths, x, dy, y, dx, layers
    case onnxRuntime = "onnx_runtime"
  }
}

/// One layer in one direction.
struct GoldenDirection: Decodable, Sendable {
  var input: [Double]
  var recurrent: [Double]
  var bias: [Double]
  var peephole: [Double]
  var h0: [Double]
  var c0: [Double]
  var lastHiddenGradient: [Double]
  var lastCellGradient: [Double]
  var lastHidden: [Double]
  var lastCell: [Double]
  var dInput: [Double]
  var dRecurrent: [Double]
  var dBias: [Double]
  var dPeephole: [Double]
  var dh0: [Double]
  var dc0: [Double]

  private enum CodingKeys: String, CodingKey {
    case input, recurrent, bias, peephole, h0, c0, dh0, dc0
    case lastHiddenGradient = "dh_last"
    case lastCellGradient = "dc_last"
    case lastHidden = "h_last"
    case lastCell = "c_last"
    case dInput = "d_input"
    case dRecurrent = "d_recurrent"
    case dBias = "d_bias"
    case dPeephole = "d_peephole"
  }
}

/// Forward values only.
struct GoldenForward: Decodable, Sendable {
  var y: [Double]
  var lastHidden: [Double]
  var lastCell: [Double]

  private enum CodingKeys: String, CodingKey {
    case y
    case lastHidden = "h_last"
    case lastCell = "c_last"
  }
}

/// Fixtures/elementwise.json.
struct GoldenElementwise: Decodable, Sendable {
  var optimizers: [GoldenOptimizer]
  var crossEntropy: GoldenCrossEntropy
  var dense: GoldenDense
  var activations: GoldenActivations

  private enum CodingKeys: String, CodingKey {
    case optimizers, dense, activations
    case crossEntropy = "cross_entropy"
  }
}

/// Ten steps of one optimizer.
struct GoldenOptimizer: Decodable, Sendable {
  var name: String
  var initial: [Double]
  /// [step, parameter], as are the parameters after each step.
  var gradients: [Double]
  var parameters: [Double]
  var learningRate: Double
  var momentum: Double
  var nesterov: Bool
  var alpha: Double
  var beta1: Double
  var beta2: Double
  var epsilon: Double
  var weightDecay: Double

  private enum CodingKeys: String, CodingKey {
    case name, initial, gradients, parameters, momentum, nesterov, alpha, beta1, beta2, epsilon
    case learningRate = "learning_rate"
    case weightDecay = "weight_decay"
  }
}

/// Softmax and its loss.
struct GoldenCrossEntropy: Decodable, Sendable {
  var rows: Int
  var classes: Int
  var logits: [Double]
  var labels: [Int]
  var loss: Double
  var logSumExp: [Double]
  var probabilities: [Double]
  var gradient: [Double]

  private enum CodingKeys: String, CodingKey {
    case rows, classes, logits, labels, loss, probabilities, gradient
    case logSumExp = "log_sum_exp"
  }
}

/// A fully connected layer.
struct GoldenDense: Decodable, Sendable {
  var rows: Int
  var inputs: Int
  var outputs: Int
  var x: [Double]
  var weight: [Double]
  var bias: [Double]
  var dy: [Double]
  var y: [Double]
  var dx: [Double]
  var dWeight: [Double]
  var dBias: [Double]

  private enum CodingKeys: String, CodingKey {
    case rows, inputs, outputs, x, weight, bias, dy, y, dx
    case dWeight = "d_weight"
    case dBias = "d_bias"
  }
}

/// Every activation at the same points.
struct GoldenActivations: Decodable, Sendable {
  struct Values: Decodable, Sendable {
    var y: [Double]
    var dx: [Double]
  }
  var x: [Double]
  var dy: [Double]
  var functions: [String: Values]
}

/// A fixture is missing: the package's resources are incomplete.
struct MissingFixture: Error {
  var name: String
}

/// Reads Fixtures/NAME.json.
func golden<Content: Decodable>(_ type: Content.Type, _ name: String) throws -> Content {
  guard
    let url = Bundle.module.url(
      forResource: name, withExtension: "json", subdirectory: "Fixtures")
  else { throw MissingFixture(name: name) }
  return try JSONDecoder().decode(type, from: Data(contentsOf: url))
}
