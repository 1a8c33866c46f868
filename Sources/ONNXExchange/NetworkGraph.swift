import KernelInterface
import Layers
import RowSequencing
import WeightExchange

/// The graph of a network, with places for the weights: what is written, and what a file that says
/// it comes from here is held against when it is read.
///
/// Every kind of layer adds its nodes here and says which parameter is where; reading follows from
/// that by itself (``NetworkGraph/weights(in:)``).
struct NetworkGraph {
  /// Version of the operator set that the nodes are written in.
  static let operatorSet: Int64 = 17
  /// Version of the file format, the one that came with the operator set.
  static let formatVersion: Int64 = 8
  /// Name of the input without preprocessing: float32 [batch, timesteps, features].
  static let sequenceName = "sequence"
  /// Name of the input with preprocessing: uint8 [batch, height, width, channels].
  static let imageName = "image"
  /// Name of the output: float32 [batch, classes].
  static let outputName = "probabilities"

  var builder: GraphBuilder
  let layers: [LayerSpecification]
  let features: Int
  /// A network without numbers, for shapes.
  let network: NetworkWeights

  /// What runs between two layers.
  struct Flow {
    /// The value's name: [timesteps, batch, width], or [batch, width].
    var value: String
    var width: Int
    var isSequence: Bool
  }

  /// Lays out a network.
  ///
  /// - Parameters:
  ///   - preprocessing: nil leaves it to whoever calls the model.
  ///   - storage: how weight matrices are kept.
  /// - Throws: `LayerError` when the layers do not fit together.
  init(
    layers: [LayerSpecification], features: Int, preprocessing: Preprocessing?,
    storage: WeightStorage
  ) throws(LayerError) {
    self.layers = layers
    self.features = features
    network = try NetworkWeights(layers: layers, features: features)
    builder = GraphBuilder(storage: storage)
    builder.name("rowwise")
    let sequence: String
    if let preprocessing {
      builder.input(
        Self.imageName, .uint8,
        [.named("batch"), .named("height"), .named("width"), .named("channels")])
      sequence = addPreprocessing(preprocessing, image: Self.imageName)
    } else {
      builder.input(
        Self.sequenceName, .float, [.named("batch"), .named("timesteps"), .fixed(features)])
      sequence = Self.sequenceName
    }
    builder.add("Transpose", [sequence], to: "timesteps", attributes: [.ints("perm", [1, 0, 2])])
    var flow = Flow(value: "timesteps", width: features, isSequence: true)
    for index in layers.indices {
      addLayer(index, &flow, output: index == layers.count - 1 ? Self.outputName : nil)
    }
    builder.output(
      Self.outputName, .float, [.named("batch"), .fixed(flow.width)])
  }

  /// Adds layer `index`, whose output is called `output`, or by the layer's own name.
  private mutating func addLayer(_ index: Int, _ flow: inout Flow, output: String?) {
    let name = "layers.\(index)"
    switch layers[index] {
    case .lstm(let lstm):
      addRecurrent(lstm, name: name, prefixes: [name], &flow)
    case .bidirectional(let pair):
      addRecurrent(pair.layer, name: name, prefixes: ["\(name).forward", "\(name).backward"], &flow)
    case .dense(let dense):
      addDense(dense, name: name, output: output ?? name, &flow)
    case .dropout:
      // Only training drops.
      break
    }
  }

  private mutating func addDense(
    _ dense: Dense, name: String, output: String, _ flow: inout Flow
  ) {
    let weight = ownWeight("\(name).weight")
    let bias = ownWeight("\(name).bias")
    let type: String? =
      switch dense.activation {
      case .linear: nil
      case .relu: "Relu"
      case .tanh: "Tanh"
      case .sigmoid: "Sigmoid"
      case .softmax: "Softmax"
      }
    let sum = builder.add(
      "Gemm", [flow.value, weight, bias], to: type == nil ? output : "\(name)/sum")
    if let type {
      builder.add(
        type, [sum], to: output, attributes: type == "Softmax" ? [.int("axis", -1)] : [])
    }
    flow = Flow(value: output, width: dense.units, isSequence: false)
  }

  /// Adds a parameter in our own layout under its own name.
  mutating func ownWeight(_ name: String) -> String {
    let parameter = network.parameters.first { $0.name == name }
    let shape = parameter?.shape ?? []
    return builder.weight(
      name, dimensions: shape, [.parameter(name, .same(parameter?.count ?? 0))],
      isMatrix: parameter.map { NetworkWeights.isMatrix($0) } ?? false, channelsAreRows: false)
  }
}
