/// Exporters turn gates around in the graph, by cutting weights and joining the parts.
extension TensorValues {
  /// The part from `start` to `end` of an axis; nil where there is none.
  func part(ofAxis axis: Int, from start: Int, to end: Int) -> TensorValues? {
    guard dimensions.indices.contains(axis), case .floats(let values) = numbers, start >= 0,
      start < end, end <= dimensions[axis]
    else { return nil }
    let inner = dimensions[(axis + 1)...].reduce(1, *)
    let outer = dimensions[..<axis].reduce(1, *)
    var result: [Float] = []
    result.reserveCapacity(outer * (end - start) * inner)
    for index in 0..<outer {
      let first = index * dimensions[axis] * inner
      result += values[(first + start * inner)..<(first + end * inner)]
    }
    var sizes = dimensions
    sizes[axis] = end - start
    return TensorValues(dimensions: sizes, numbers: .floats(result))
  }

  /// Tensors side by side along an axis; nil where their other sizes differ.
  static func joined(_ parts: [TensorValues], axis: Int) -> TensorValues? {
    guard var sizes = parts.first?.dimensions, sizes.indices.contains(axis) else { return nil }
    let inner = sizes[(axis + 1)...].reduce(1, *)
    let outer = sizes[..<axis].reduce(1, *)
    sizes[axis] = 0
    var arrays: [[Float]] = []
    for part in parts {
      var others = part.dimensions
      guard case .floats(let values) = part.numbers, others.count == sizes.count else { return nil }
      sizes[axis] += others[axis]
      others[axis] = sizes[axis]
      guard others == sizes else { return nil }
      arrays.append(values)
    }
    var result: [Float] = []
    result.reserveCapacity(outer * sizes[axis] * inner)
    for index in 0..<outer {
      for (part, values) in zip(parts, arrays) {
        let length = part.dimensions[axis] * inner
        result += values[index * length..<(index + 1) * length]
      }
    }
    return TensorValues(dimensions: sizes, numbers: .floats(result))
  }
}
