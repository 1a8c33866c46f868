import RowwiseSafetensors

/// One tensor of another toolkit: its name there, its shape, and where its numbers are here.
struct ForeignTensor {
  /// Some of the tensor's numbers.
  struct Part {
    /// Our parameter's name.
    var parameter: String
    var map: WeightMap
  }

  /// What becomes of a parameter that two tensors make together.
  enum Share {
    /// The tensor is the parameter, or the parameters.
    case whole
    /// The parameter is the sum of its tensors; ours goes into this one.
    case addend
    /// The parameter is the sum of its tensors; this one is written as zeros.
    case zeroAddend
  }

  /// Name below the layer's own: `weight_ih_l#` with # for the place in a stack.
  var name: String
  var shape: [Int]
  /// One after the other, or side by side in each of the rows.
  var parts: [Part]
  /// Rows that hold something of every part; 1 where the parts come one after the other.
  var rows = 1
  var share = Share.whole
  /// Whether a layer may be without it, which means zeros.
  var isOptional = false

  init(
    _ name: String, _ shape: [Int], _ parameter: String, _ map: WeightMap, share: Share = .whole,
    isOptional: Bool = false
  ) {
    self.name = name
    self.shape = shape
    parts = [Part(parameter: parameter, map: map)]
    self.share = share
    self.isOptional = isOptional
  }
}

extension NetworkWeights {
  /// A layer's tensor with our numbers in it.
  func values(of tensor: ForeignTensor) -> [Float] {
    let parts = tensor.parts.map { part in
      tensor.share == .zeroAddend
        ? [Float](repeating: 0, count: part.map.count) : part.map.theirs(self[part.parameter])
    }
    return (0..<tensor.rows).flatMap { row in
      parts.flatMap { part in
        let width = part.count / tensor.rows
        return part[row * width..<(row + 1) * width]
      }
    }
  }

  /// Takes a tensor's numbers over.
  mutating func take(_ values: [Float], of tensor: ForeignTensor) {
    let stride = values.count / tensor.rows
    var first = 0
    for part in tensor.parts {
      let width = part.map.count / tensor.rows
      let theirs = (0..<tensor.rows).flatMap { row in
        values[row * stride + first..<row * stride + first + width]
      }
      let ours = part.map.ours(theirs[...])
      first += width
      self[part.parameter] =
        tensor.share == .whole ? ours : WeightMap.sum(self[part.parameter], ours)
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
