import RowwiseKernelInterface
import RowwiseLayers
import RowwiseWeightExchange

/// Python that builds a network of the same layers in another toolkit and loads exported weights.
struct PythonSnippet {
  private let weights: NetworkWeights
  private let file: String

  /// - Parameters:
  ///   - weights: of layers that the toolkit has.
  ///   - file: where the weights are.
  init(_ weights: NetworkWeights, file: String) {
    self.weights = weights
    self.file = file
  }

  /// A module of modules, called once with x [batch, timesteps, features], gives probabilities.
  var pyTorch: String {
    var modules: [String] = []
    var calls: [String] = []
    var width = weights.features
    for (index, layer) in weights.layers.enumerated() {
      let (module, call, next) = Self.pyTorch(
        layer, index: index, width: width, timesteps: weights.timesteps)
      modules.append("            \(module),")
      calls.append("        \(call)")
      width = next
    }
    return """
      import torch
      from safetensors.torch import load_file
      from torch import nn


      class Classifier(nn.Module):
          def __init__(self):
              super().__init__()
              self.layers = nn.ModuleList([
      \(modules.joined(separator: "\n"))
              ])

          def forward(self, x):  # [batch, \(weights.timesteps), \(weights.features)]
      \(calls.joined(separator: "\n"))
              return x


      model = Classifier().eval()
      model.load_state_dict(load_file(\(Self.literal(file))))

      """
  }

  private static func pyTorch(
    _ layer: LayerSpecification, index: Int, width: Int, timesteps: Int
  ) -> (module: String, call: String, width: Int) {
    func recurrent(
      _ type: String, _ units: Int, isBoth: Bool, isSequence: Bool
    ) -> (String, String, Int) {
      let sides = isBoth ? ", bidirectional=True" : ""
      let module = "nn.\(type)(\(width), \(units), batch_first=True\(sides))"
      let place = "self.layers[\(index)](x)"
      let state = type == "LSTM" ? "h[0]" : "h"
      let call: String
      if isSequence {
        call = "x, h = \(place)"
      } else if isBoth {
        call = "_, h = \(place); x = torch.cat([\(state)[0], \(state)[1]], dim=1)"
      } else {
        call = "_, h = \(place); x = \(state)[0]"
      }
      return (module, call, isBoth ? 2 * units : units)
    }
    switch layer {
    case .recurrent(let cell):
      return recurrent(
        cell.cell == .lstm ? "LSTM" : cell.cell == .gru ? "GRU" : "RNN", cell.units,
        isBoth: cell.direction == .both,
        isSequence: cell.returnSequences)
    case .dense(let dense):
      let sum = "self.layers[\(index)](x)"
      let call =
        switch dense.activation {
        case .linear: sum
        case .relu: "torch.relu(\(sum))"
        case .tanh: "torch.tanh(\(sum))"
        case .sigmoid: "torch.sigmoid(\(sum))"
        case .softmax: "torch.softmax(\(sum), dim=1)"
        }
      return ("nn.Linear(\(width), \(dense.units))", "x = \(call)", dense.units)
    case .dropout(let dropout):
      return ("nn.Dropout(\(dropout.rate))", "x = self.layers[\(index)](x)", width)
    case .flatten:
      return ("nn.Flatten()", "x = self.layers[\(index)](x)", width * timesteps)
    case .pooling(let pooling):
      let call =
        switch pooling.kind {
        case .mean: "x.mean(dim=1)"
        case .max: "x.amax(dim=1)"
        case .last, .attention: "x[:, -1]"
        }
      return ("nn.Identity()", "x = \(call)", width)
    case .residual, .sweep, .merge, .norm, .mlp, .convolution:
      preconditionFailure("weights of such layers are not exported")
    }
  }

  /// A sequential model.
  var keras: String {
    let layers = weights.layers.map { "    \(Self.keras($0))," }
    return """
      import keras
      from keras import layers
      from safetensors.numpy import load_file

      model = keras.Sequential([
          keras.Input((\(weights.timesteps), \(weights.features))),
      \(layers.joined(separator: "\n"))
      ])
      weights = load_file(\(Self.literal(file)))
      model.set_weights([weights[k] for k in sorted(weights, key=lambda k: int(k.split("/")[0]))])

      """
  }

  private static func keras(_ layer: LayerSpecification) -> String {
    func recurrent(_ cell: Recurrent) -> String {
      let type = cell.cell == .lstm ? "LSTM" : cell.cell == .simple ? "SimpleRNN" : "GRU"
      return "layers.\(type)(\(cell.units)"
        + (cell.cell == .gruResetBefore ? ", reset_after=False" : "")
        + (cell.returnSequences ? ", return_sequences=True" : "")
        + (cell.direction == .backwards ? ", go_backwards=True" : "") + ")"
    }
    switch layer {
    case .recurrent(let cell):
      return cell.direction == .both
        ? "layers.Bidirectional(\(recurrent(cell)))" : recurrent(cell)
    case .dense(let dense):
      let activation =
        dense.activation == .linear ? "" : ", activation=\"\(dense.activation.rawValue)\""
      return "layers.Dense(\(dense.units)\(activation))"
    case .dropout(let dropout):
      return "layers.Dropout(\(dropout.rate))"
    case .flatten:
      return "layers.Flatten()"
    case .pooling(let pooling):
      switch pooling.kind {
      case .mean: return "layers.GlobalAveragePooling1D()"
      case .max: return "layers.GlobalMaxPooling1D()"
      case .last, .attention: return "layers.Lambda(lambda x: x[:, -1])"
      }
    case .residual, .sweep, .merge, .norm, .mlp, .convolution:
      preconditionFailure("weights of such layers are not exported")
    }
  }

  /// A Python string.
  private static func literal(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
