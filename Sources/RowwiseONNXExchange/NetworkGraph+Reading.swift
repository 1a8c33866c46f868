import RowwiseWeightExchange

extension NetworkGraph {
  /// The weights of a file's graph, where it is this graph with numbers in the weights' places.
  ///
  /// - Returns: nil where any node, constant, input or output differs.
  /// - Throws: `ONNXExchangeError` where it is this graph, but a tensor is damaged.
  func weights(in file: ONNXGraph) throws(ONNXExchangeError) -> NetworkWeights? {
    let graph = builder.graph
    guard file.node == graph.node, file.input == graph.input, file.output == graph.output,
      file.initializer.count == graph.initializer.count
    else { return nil }
    var weightPlaces: Set<Int> = []
    for weight in builder.weights {
      weightPlaces.insert(weight.place)
      if let scalePlace = weight.scalePlace { weightPlaces.insert(scalePlace) }
    }
    for (place, (theirs, ours)) in zip(file.initializer, graph.initializer).enumerated() {
      guard theirs.name == ours.name, theirs.dataType == ours.dataType, theirs.dims == ours.dims,
        weightPlaces.contains(place) || theirs == ours
      else { return nil }
    }
    var result = network
    for weight in builder.weights {
      guard try take(weight, from: file, into: &result) else { return nil }
    }
    return result
  }

  /// Takes an array's numbers over; false where there is a number in the place of a zero.
  private func take(
    _ weight: StoredWeight, from file: ONNXGraph, into result: inout NetworkWeights
  ) throws(ONNXExchangeError) -> Bool {
    let stored = try TensorValues(file.initializer[weight.place])
    var values: [Float]
    switch stored.numbers {
    case .floats(let floats): values = floats
    case .integers(let numbers):
      guard let scalePlace = weight.scalePlace,
        case .floats(let scales) = try TensorValues(file.initializer[scalePlace]).numbers
      else { return false }
      let columns = weight.dimensions[1]
      values = numbers.enumerated().map { index, number in
        Float(number) * scales[weight.channelsAreRows ? index / columns : index % columns]
      }
    }
    var next = 0
    for part in weight.parts {
      switch part {
      case .parameter(let name, let map):
        result[name] = map.ours(values[next..<next + map.count])
        next += map.count
      case .zeros(let count):
        guard values[next..<next + count].allSatisfy({ $0 == 0 }) else { return false }
        next += count
      }
    }
    return true
  }
}
