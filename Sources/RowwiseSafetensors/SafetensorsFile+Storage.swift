extension SafetensorsFile.Tensor {
  /// Stores a weight array in some way: one tensor, or an `I8` tensor and one with its scales, one
  /// for each column.
  ///
  /// - Throws: `SafetensorsError` where shape and values differ.
  package static func stored(
    name: String, shape: [Int], values: [Float], as storage: WeightStorage
  ) throws(SafetensorsError) -> [SafetensorsFile.Tensor] {
    switch storage {
    case .bfloat16 where !WeightStorage.isExact(name):
      let bytes = values.flatMap { value in
        let bits = bfloat16Bits(value)
        return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
      }
      return [
        try SafetensorsFile.Tensor(
          name: name, elementType: .bfloat16, shape: shape, bytes: bytes[...])
      ]
    case .int8 where WeightStorage.isMatrix(name, shape: shape):
      let matrix = Int8Matrix(values, columns: shape[1], channelsAreRows: false)
      let bytes = matrix.numbers.map { UInt8(bitPattern: $0) }
      return [
        try SafetensorsFile.Tensor(
          name: name, elementType: .int8, shape: shape, bytes: bytes[...]),
        try SafetensorsFile.Tensor(
          name: "\(name).scale", shape: [shape[1]], values: matrix.scales),
      ]
    case .float32, .bfloat16, .int8:
      return [try SafetensorsFile.Tensor(name: name, shape: shape, values: values)]
    }
  }
}

extension SafetensorsFile {
  /// The numbers of a weight array, in whatever way it is stored.
  ///
  /// - Throws: `SafetensorsError` where the array or its scales are missing or of another type.
  package func weights(named name: String) throws(SafetensorsError) -> [Float] {
    let tensor = try tensor(named: name)
    guard tensor.elementType == .int8, tensor.shape.count == 2 else {
      return try tensor.floats()
    }
    let scales = try self.tensor(named: scaleName(name))
    guard scales.shape == [tensor.shape[1]] else {
      throw .invalidShape(tensor: scales.name, shape: scales.shape)
    }
    let factors = try scales.floats()
    return tensor.bytes.enumerated().map { index, byte in
      Float(Int8(bitPattern: byte)) * factors[index % factors.count]
    }
  }

  /// Whether a tensor holds the scales of another one.
  package func isScale(_ name: String) -> Bool {
    guard name.hasSuffix(scaleName("")) else { return false }
    let tensor = try? tensor(named: String(name.dropLast(scaleName("").count)))
    return tensor?.elementType == .int8
  }

  private func scaleName(_ name: String) -> String { "\(name).scale" }
}
