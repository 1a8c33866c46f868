import RowwiseKernelInterface

/// Checks a stack of layers and gives every weight its place.
struct NetworkBuilder {
  private(set) var parameters: [Parameter] = []
  private(set) var initializers: [Initializer] = []
  /// The layers, in order.
  private(set) var plans: [LayerPlan] = []
  /// Output widths as they run through the stack.
  private var width: Int
  private var isSequence = true
  /// Timesteps as they run through the stack.
  private var timesteps: Int

  /// - Throws: `LayerError` where the layers do not fit together.
  init(
    _ layers: [LayerSpecification], timesteps: Int, features: Int
  ) throws(LayerError) {
    self.timesteps = timesteps
    width = features
    guard let last = layers.last else { throw .noLayers }
    guard layers.count <= LayerError.maximumLayers else { throw .tooManyLayers(layers.count) }
    guard case .dense(let dense) = last, dense.activation == .softmax else {
      throw .lastLayerNotSoftmax
    }
    for (index, layer) in layers.enumerated() {
      plans.append(try plan(layer, index, isLast: index == layers.count - 1))
    }
  }

  private mutating func plan(
    _ layer: LayerSpecification, _ index: Int, isLast: Bool
  ) throws(LayerError) -> LayerPlan {
    let number = index + 1
    let name = "layers.\(index)"
    let before = width
    let steps = timesteps
    let readsSequence = isSequence
    var directions: [[RecurrentWeights.Role: Int]] = []
    var offsets: [Int] = []
    var inner: [LayerPlan] = []
    switch layer {
    case .recurrent(let recurrent):
      try check(units: recurrent.units, number)
      guard isSequence else { throw .needsSequence(layer: number) }
      if let problem = recurrent.problem(number) { throw problem }
      directions = (recurrent.direction == .both ? [".forward", ".backward"] : [""]).map { side in
        add(recurrent, "\(name)\(side)")
      }
      width = recurrent.width
      isSequence = recurrent.returnSequences
    case .dense(let dense):
      try check(units: dense.units, number)
      guard !isSequence || !isLast else { throw .needsVector(layer: number) }
      guard dense.activation != .softmax || isLast else { throw .softmaxBeforeLast(layer: number) }
      let columns = try ownColumns(dense.columns, number)
      offsets = addDense(name, "weight", "bias", [width / columns, dense.units])
      width = columns * dense.units
    case .norm(let norm):
      offsets = addNorm(name, "gain", "bias", width / (try ownColumns(norm.columns, number)))
    case .mlp(let mlp):
      guard MLP.ratios.contains(mlp.ratio) else {
        throw .invalidRatio(layer: number, ratio: mlp.ratio)
      }
      let patch = width / (try ownColumns(mlp.columns, number))
      offsets =
        addNorm(name, "norm_gain", "norm_bias", patch)
        + addDense(name, "hidden_weight", "hidden_bias", [patch, mlp.ratio * patch])
        + addDense(name, "output_weight", "output_bias", [mlp.ratio * patch, patch])
    case .dropout(let dropout):
      guard 0 <= dropout.rate, dropout.rate < 1 else {
        throw .invalidRate(layer: number, rate: dropout.rate)
      }
    case .flatten:
      guard isSequence else { throw .needsSequence(layer: number) }
      width *= timesteps
      isSequence = false
    case .pooling(let pooling):
      guard isSequence else { throw .needsSequence(layer: number) }
      if pooling.kind == .attention {
        offsets = [add("\(name).query", [width], .uniform(bound: 1 / Double(width).squareRoot()))]
      }
      isSequence = false
    case .residual(let layer):
      if case .sweep = layer { throw .residualNeedsSequence(layer: number) }
      guard layer.isRecurrent else { throw .residualNeedsSequence(layer: number) }
      inner = [try plan(layer, index, isLast: isLast)]
      guard isSequence else { throw .residualNeedsSequence(layer: number) }
      if width != before {
        offsets = [add("\(name).projection_weight", [before, width], .glorotUniform)]
      }
    case .sweep(let sweep):
      try check(units: sweep.units, number)
      let columns = try columns(sweep.columns, number)
      width = before / columns
      if sweep.isResidual { offsets = addNorm(name, "norm_gain", "norm_bias", width) }
      inner = [plan(sweep.reading, "\(name).down", index)]
      timesteps = columns
      inner.append(plan(sweep.reading, "\(name).across", index))
      timesteps = steps
      if sweep.isResidual {
        offsets += addDense(
          name, "projection_weight", "projection_bias", [width, before / columns])
        width = before / columns
      }
      width *= columns
    case .merge(let merge):
      guard Merge.factors.contains(merge.factor) else {
        throw .invalidFactor(layer: number, factor: merge.factor)
      }
      let columns = try columns(merge.columns, number)
      let merged = (columns + merge.factor - 1) / merge.factor
      width = before / columns * merge.factor * merge.factor * merged
      timesteps = (timesteps + merge.factor - 1) / merge.factor
    case .convolution(let convolution):
      try check(units: convolution.units, number)
      let columns = try columns(convolution.columns, number)
      offsets = addDense(
        name, "weight", "bias", [Convolution.neighbors * (width / columns), convolution.units])
      width = Convolution.pooled(columns) * convolution.units
      timesteps = Convolution.pooled(timesteps)
    }
    return LayerPlan(
      specification: layer, index: index, inputWidth: before, width: width, timesteps: steps,
      readsSequence: readsSequence, directions: directions, offsets: offsets, inner: inner)
  }

  /// Gives γ and b of a normalisation their places.
  private mutating func addNorm(
    _ name: String, _ gain: String, _ bias: String, _ width: Int
  ) -> [Int] {
    [
      add("\(name).\(gain)", [width], .gates([1]), decays: false),
      add("\(name).\(bias)", [width], .zeros, decays: false),
    ]
  }

  /// Gives W and b of a fully connected layer their places.
  private mutating func addDense(
    _ name: String, _ weight: String, _ bias: String, _ shape: [Int]
  ) -> [Int] {
    [
      add("\(name).\(weight)", shape, .glorotUniform),
      add("\(name).\(bias)", [shape[1]], .zeros, decays: false),
    ]
  }

  /// A recurrent layer inside another one.
  private mutating func plan(_ layer: Recurrent, _ name: String, _ index: Int) -> LayerPlan {
    let before = width
    let directions = ["forward", "backward"].map { add(layer, "\(name).\($0)") }
    width = layer.width
    return LayerPlan(
      specification: .recurrent(layer), index: index, inputWidth: before, width: width,
      timesteps: timesteps, directions: directions)
  }

  /// The patches that lie side by side in what layer `number` reads.
  private func columns(_ columns: Int?, _ number: Int) throws(LayerError) -> Int {
    guard isSequence else { throw .needsSequence(layer: number) }
    guard let columns, columns > 0, width % columns == 0 else {
      throw .noColumns(layer: number, columns: columns, width: width)
    }
    return columns
  }

  /// The patches that layer `number` sees each by itself; 1 where it sees all numbers together.
  private func ownColumns(_ own: Int?, _ number: Int) throws(LayerError) -> Int {
    guard own != nil else { return 1 }
    return try columns(own, number)
  }

  private func check(units: Int, _ number: Int) throws(LayerError) {
    guard 1 <= units, units <= LayerError.maximumUnits else {
      throw .invalidUnits(layer: number, units: units)
    }
  }

  /// Gives the weights of one direction their places.
  private mutating func add(
    _ layer: Recurrent, _ name: String
  ) -> [RecurrentWeights.Role: Int] {
    var places: [RecurrentWeights.Role: Int] = [:]
    for entry in RecurrentWeights(layer, width: width, timesteps: timesteps).entries {
      places[entry.role] = add(
        "\(name).\(entry.role.rawValue)", entry.shape, entry.initializer, decays: entry.decays)
    }
    return places
  }

  /// Gives an array its place, and returns it.
  private mutating func add(
    _ name: String, _ shape: [Int], _ initializer: Initializer, decays: Bool = true
  ) -> Int {
    // Every array starts on a cache line of its own.
    let end = parameters.last.map { $0.offset + $0.count } ?? 0
    let offset = (end + 15) / 16 * 16
    parameters.append(Parameter(name: name, shape: shape, offset: offset, decays: decays))
    initializers.append(initializer)
    return offset
  }
}
