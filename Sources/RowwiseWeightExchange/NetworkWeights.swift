public import RowwiseCompute
public import RowwiseLayers
import RowwiseRowSequencing

/// A stack of layers and its weights as plain values: what every exchange format is made from and
/// read into.
public struct NetworkWeights: Sendable, Equatable {
  /// The widest timestep that preprocessing can give.
  package static let maximumFeatures = Preprocessing.maximumValues

  /// All layers, the output layer included.
  public let layers: [LayerSpecification]
  /// Timesteps of a sequence, T; it matters to `Flatten` only.
  public let timesteps: Int
  /// Width of one timestep, D.
  public let features: Int
  /// The weight arrays that the layers have, in order.
  public let parameters: [Parameter]
  /// What is not here is zero: nothing is allocated for layers whose weights a file lacks.
  private var values: [String: [Float]]
  /// Where a parameter is in the list: of a file's thousand layers none searches it.
  private let places: [String: Int]

  /// All weights zero.
  ///
  /// - Parameter features: from 1 to the most values that preprocessing can give.
  /// - Throws: `LayerError` when the layers do not fit together.
  public init(
    layers: [LayerSpecification], timesteps: Int, features: Int
  ) throws(LayerError) {
    precondition((1...Self.maximumFeatures).contains(features), "\(features) features")
    self.layers = layers
    self.timesteps = timesteps
    self.features = features
    parameters = try Network<Float>.parameters(
      of: layers, timesteps: timesteps, features: features)
    values = [:]
    places = Self.places(parameters)
  }

  /// A network's weights.
  public init(of network: Network<Float>) {
    layers = network.layers
    timesteps = network.timesteps
    features = network.features
    parameters = network.parameters
    values = [:]
    places = Self.places(parameters)
    for parameter in parameters { values[parameter.name] = network.values(of: parameter) }
  }

  /// The numbers of a weight array, row-major; setting takes as many as there are.
  public subscript(name: String) -> [Float] {
    get { values[name] ?? [Float](repeating: 0, count: count(name)) }
    set {
      precondition(
        newValue.count == count(name),
        "\(name) takes \(count(name)) numbers, not \(newValue.count)")
      values[name] = newValue
    }
  }

  private static func places(_ parameters: [Parameter]) -> [String: Int] {
    Dictionary(
      uniqueKeysWithValues: parameters.enumerated().map { ($0.element.name, $0.offset) })
  }

  /// The weight array of this name; nil where the layers have none.
  package func parameter(named name: String) -> Parameter? {
    places[name].map { parameters[$0] }
  }

  private func count(_ name: String) -> Int { parameter(named: name)?.count ?? 0 }

  /// Puts the weights into a network of the same layers.
  public func copy(to network: Network<Float>) {
    precondition(network.parameters == parameters, "the network has other layers")
    for parameter in parameters { network.setValues(self[parameter.name], of: parameter) }
  }

  /// The first weight array that holds a number that is not finite.
  ///
  /// - Throws: `WeightExchangeError.notFinite`.
  public func checkFinite() throws(WeightExchangeError) {
    for parameter in parameters where !self[parameter.name].allSatisfy(\.isFinite) {
      throw .notFinite(parameter: parameter.name)
    }
  }

  /// Classes, K.
  public var classCount: Int { parameters.last?.count ?? 0 }
}
