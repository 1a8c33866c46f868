import RowwiseKernelInterface
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseSafetensors
import RowwiseWeightExchange

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
  /// A network without numbers, for layers and shapes.
  let network: NetworkWeights

  /// What runs between two layers.
  struct Flow {
    /// The value's name: [timesteps, batch, width], or [batch, width].
    var value: String
    var width: Int
    var isSequence: Bool
    var timesteps: Int
  }

  /// Lays out a network.
  ///
  /// - Parameters:
  ///   - network: layers and shapes; its numbers do not matter.
  ///   - preprocessing: nil leaves it to whoever calls the model.
  ///   - storage: how weight matrices are kept.
  init(_ network: NetworkWeights, preprocessing: Preprocessing?, storage: WeightStorage) {
    self.network = network
    builder = GraphBuilder(storage: storage)
    builder.name("rowwise")
    let sequence: String
    if let preprocessing {
      builder.input(
        Self.imageName, .uint8,
        [.named("batch"), .named("height"), .named("width"), .named("channels")])
      sequence = addPreprocessing(preprocessing, image: Self.imageName)
    } else {
      // What takes all timesteps side by side takes so many only, which a reader must know.
      let timesteps: Dimension =
        network.layers.contains(.flatten) || network.layers.readColumns
        ? .fixed(network.timesteps) : .named("timesteps")
      builder.input(
        Self.sequenceName, .float, [.named("batch"), timesteps, .fixed(network.features)])
      sequence = Self.sequenceName
    }
    builder.add("Transpose", [sequence], to: "timesteps", attributes: [.ints("perm", [1, 0, 2])])
    var flow = Flow(
      value: "timesteps", width: network.features, isSequence: true, timesteps: network.timesteps)
    for index in network.layers.indices {
      addLayer(index, &flow, output: index == network.layers.count - 1 ? Self.outputName : nil)
    }
    builder.output(
      Self.outputName, .float, [.named("batch"), .fixed(flow.width)])
  }

  /// Adds layer `index`, whose output is called `output`, or by the layer's own name.
  private mutating func addLayer(_ index: Int, _ flow: inout Flow, output: String?) {
    let name = "layers.\(index)"
    switch network.layers[index] {
    case .recurrent:
      addRecurrent(network.layers[index], name: name, parameters: name, &flow)
    case .residual(let inner):
      addResidual(inner, name, &flow)
    case .pooling(let pooling):
      addPooling(pooling.kind, name, &flow)
    case .dense(let dense) where flow.isSequence:
      addPerPatch(dense.columns, name, &flow) { graph, name, flow in
        graph.addDense(dense, name, weight: "\(name).weight", bias: "\(name).bias", &flow)
      }
    case .dense(let dense):
      addDense(dense, name: name, output: output ?? name, &flow)
    case .flatten:
      addFlatten(name, &flow)
    case .sweep(let sweep):
      addSweep(sweep, name, &flow)
    case .merge(let merge):
      addMerge(merge, name, &flow)
    case .norm(let norm):
      addPerPatch(norm.columns, name, &flow) { graph, name, flow in
        graph.addNorm(name, gain: "\(name).gain", bias: "\(name).bias", &flow)
      }
    case .convolution(let convolution):
      addConvolution(convolution, name, &flow)
    case .mlp(let mlp):
      addPerPatch(mlp.columns, name, &flow) { graph, name, flow in
        graph.addMLP(mlp, name, &flow)
      }
    case .dropout:
      // Only training drops.
      break
    }
  }

  /// [timesteps, batch, width] as [batch, timesteps · width].
  private mutating func addFlatten(_ name: String, _ flow: inout Flow) {
    let width = flow.timesteps * flow.width
    builder.add(
      "Transpose", [flow.value], to: "\(name)/batch-first",
      attributes: [.ints("perm", [1, 0, 2])])
    let shape = builder.integers("\(name)/shape", [0, width])
    builder.add("Reshape", ["\(name)/batch-first", shape], to: name)
    flow = Flow(value: name, width: width, isSequence: false, timesteps: flow.timesteps)
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
    flow = Flow(
      value: output, width: dense.units, isSequence: false, timesteps: flow.timesteps)
  }

  /// Adds a parameter in our own layout under its own name.
  mutating func ownWeight(_ name: String) -> String {
    let parameter = network.parameter(named: name)
    let shape = parameter?.shape ?? []
    return builder.weight(
      name, dimensions: shape, [.parameter(name, .same(parameter?.count ?? 0))],
      isMatrix: parameter.map { WeightStorage.isMatrix($0.name, shape: $0.shape) } ?? false,
      isExact: WeightStorage.isExact(name), channelsAreRows: false)
  }
}
