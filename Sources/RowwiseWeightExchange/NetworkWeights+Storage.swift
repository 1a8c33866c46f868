public import RowwiseSafetensors

extension NetworkWeights {
  /// The weights as a file keeps them that stores matrices in this way.
  public func rounded(to storage: WeightStorage) -> NetworkWeights {
    var result = self
    for parameter in parameters {
      switch storage {
      case .float32: continue
      case .bfloat16:
        guard !WeightStorage.isExact(parameter.name) else { continue }
        result[parameter.name] = self[parameter.name].map { bfloat16($0) }
      case .int8:
        guard WeightStorage.isMatrix(parameter.name, shape: parameter.shape) else { continue }
        let columns = parameter.shape[1]
        result[parameter.name] =
          Int8Matrix(self[parameter.name], columns: columns, channelsAreRows: false)
          .values(columns: columns, channelsAreRows: false)
      }
    }
    return result
  }
}
