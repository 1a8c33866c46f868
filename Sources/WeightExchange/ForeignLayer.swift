import KernelInterface
import Layers
import ModelExchange

/// One tensor of another toolkit: its name there, its shape, and where its numbers are here.
struct ForeignTensor {
  /// What becomes of a parameter that two tensors make together.
  enum Share {
    /// The tensor is the parameter.
    case whole
    /// The parameter is the sum of its tensors; ours goes into this one.
    case addend
    /// The parameter is the sum of its tensors; this one is written as zeros.
    case zeroAddend
  }

  /// Name below the layer's own: `weight_ih_l0`.
  var name: String
  var shape: [Int]
  /// Our parameter's name.
  var parameter: String
  var map: WeightMap
  var share = Share.whole
  /// Whether a layer may be without it, which means zeros.
  var isOptional = false
}

/// The toolkits whose weights are read and written.
public enum Toolkit: String, CaseIterable, Sendable {
  /// PyTorch's `state_dict`.
  case pytorch
  /// Keras's list of weights.
  case keras
}

extension NetworkWeights {
  /// What is wanted of one layer in another toolkit; nil for a layer without weights.
  ///
  /// - Parameter index: counted from 0.
  /// - Throws: `WeightExchangeError.unsupportedLayer`.
  func foreignTensors(
    ofLayer index: Int, for toolkit: Toolkit
  ) throws(WeightExchangeError) -> [ForeignTensor]? {
    switch layers[index] {
    case .lstm(let lstm):
      guard !lstm.goBackwards || toolkit == .keras else {
        throw .unsupportedLayer(
          layer: index + 1,
          reason: "PyTorch has no LSTM that only goes backwards; export to ONNX instead")
      }
      return try lstmTensors(
        lstm, index: index, prefix: "layers.\(index)", suffix: "", for: toolkit)
    case .bidirectional(let pair):
      let names = toolkit == .keras ? ["forward/", "backward/"] : ["", "_reverse"]
      return try lstmTensors(
        pair.layer, index: index, prefix: "layers.\(index).forward", suffix: names[0],
        for: toolkit)
        + lstmTensors(
          pair.layer, index: index, prefix: "layers.\(index).backward", suffix: names[1],
          for: toolkit)
    case .dense:
      return denseTensors(prefix: "layers.\(index)", for: toolkit)
    case .dropout:
      return nil
    }
  }

  private func shape(_ name: String) -> [Int] {
    parameters.first { $0.name == name }?.shape ?? []
  }

  /// - Parameter suffix: of a direction; in Keras's names it stands in front.
  private func lstmTensors(
    _ layer: LSTM, index: Int, prefix: String, suffix: String, for toolkit: Toolkit
  ) throws(WeightExchangeError) -> [ForeignTensor] {
    guard layer.peephole == .none else {
      throw .unsupportedLayer(
        layer: index + 1,
        reason: "\(toolkit == .keras ? "Keras" : "PyTorch") has no LSTM with peepholes "
          + "(here: \(layer.peephole.rawValue)); export to ONNX instead")
    }
    let (units, features) = (layer.units, shape("\(prefix).input_weight")[0])
    switch toolkit {
    case .keras:
      // Keras's order i, f, c, o is ours.
      return [
        ForeignTensor(
          name: "\(suffix)kernel", shape: [features, 4 * units],
          parameter: "\(prefix).input_weight", map: .same(4 * units * features)),
        ForeignTensor(
          name: "\(suffix)recurrent_kernel", shape: [units, 4 * units],
          parameter: "\(prefix).recurrent_weight", map: .same(4 * units * units)),
        ForeignTensor(
          name: "\(suffix)bias", shape: [4 * units], parameter: "\(prefix).bias",
          map: .same(4 * units), isOptional: true),
      ]
    case .pytorch:
      // PyTorch's order i, f, g, o is ours, with gates as rows.
      let gates = [0, 1, 2, 3]
      let bias = WeightMap.same(4 * units)
      return [
        ForeignTensor(
          name: "weight_ih_l#\(suffix)", shape: [4 * units, features],
          parameter: "\(prefix).input_weight",
          map: .gateRows(inputs: features, units: units, gates: gates)),
        ForeignTensor(
          name: "weight_hh_l#\(suffix)", shape: [4 * units, units],
          parameter: "\(prefix).recurrent_weight",
          map: .gateRows(inputs: units, units: units, gates: gates)),
        ForeignTensor(
          name: "bias_ih_l#\(suffix)", shape: [4 * units], parameter: "\(prefix).bias", map: bias,
          share: .addend, isOptional: true),
        ForeignTensor(
          name: "bias_hh_l#\(suffix)", shape: [4 * units], parameter: "\(prefix).bias", map: bias,
          share: .zeroAddend, isOptional: true),
      ]
    }
  }

  private func denseTensors(prefix: String, for toolkit: Toolkit) -> [ForeignTensor] {
    let weight = shape("\(prefix).weight")
    let (inputs, units) = (weight[0], weight[1])
    let isKeras = toolkit == .keras
    return [
      ForeignTensor(
        name: isKeras ? "kernel" : "weight", shape: isKeras ? [inputs, units] : [units, inputs],
        parameter: "\(prefix).weight",
        map: isKeras ? .same(inputs * units) : .transposed(rows: inputs, columns: units)),
      ForeignTensor(
        name: "bias", shape: [units], parameter: "\(prefix).bias", map: .same(units),
        isOptional: true),
    ]
  }

  /// A layer's tensor with our numbers in it.
  func values(of tensor: ForeignTensor) -> [Float] {
    switch tensor.share {
    case .whole, .addend: tensor.map.theirs(self[tensor.parameter])
    case .zeroAddend: [Float](repeating: 0, count: tensor.map.count)
    }
  }

  /// Takes a tensor's numbers over.
  mutating func take(_ values: [Float], of tensor: ForeignTensor) {
    let ours = tensor.map.ours(values[...])
    switch tensor.share {
    case .whole: self[tensor.parameter] = ours
    case .addend, .zeroAddend:
      self[tensor.parameter] = WeightMap.sum(self[tensor.parameter], ours)
    }
  }
}

extension SafetensorsFile.Tensor {
  /// The numbers, where the tensor holds floating-point ones of the right shape.
  func floats(for tensor: ForeignTensor, layer: Int) throws(WeightExchangeError) -> [Float] {
    guard shape == tensor.shape else {
      throw .shapeMismatch(tensor: name, layer: layer, expected: tensor.shape, received: shape)
    }
    do {
      return try floats()
    } catch {
      throw .notFloats(tensor: name, received: elementType.rawValue)
    }
  }
}
