import RowwiseTexts

extension ServedModel {
  /// The version that every model has.
  static let version = "1"

  /// How pictures lie in a tensor.
  var pictureShape: InferenceRequest.PictureShape {
    let preprocessing = first.preprocessing
    return InferenceRequest.PictureShape(
      width: preprocessing.width, height: preprocessing.height,
      channels: preprocessing.color.channels)
  }

  /// What `/v2/models/NAME` tells.
  var metadata: JSONValue {
    .object([
      .init("name", .string(name)), .init("versions", .array([.string(Self.version)])),
      .init("platform", .string("rowwise")),
      .init("inputs", .array(inputs.map { Self.tensor($0) })),
      .init("outputs", .array(outputs.map { Self.tensor($0) })),
    ])
  }

  /// What `/v2/models/NAME/config` tells, an extension of Triton's.
  func configuration(batchSize: Int) -> JSONValue {
    func tensors(_ tensors: [Tensor]) -> JSONValue {
      .array(
        tensors.map { tensor in
          let type = tensor.datatype == "BYTES" ? "STRING" : tensor.datatype
          return Self.tensor(
            (tensor.name, "TYPE_" + type, tensor.shape), typeKey: "data_type", sizesKey: "dims")
        })
    }
    return .object([
      .init("name", .string(name)), .init("platform", .string("rowwise")),
      .init("backend", .string("rowwise")), .init("max_batch_size", .int(0)),
      .init("input", tensors(inputs)), .init("output", tensors(outputs)),
      .init(
        "dynamic_batching",
        .object([.init("preferred_batch_size", .array([.int(batchSize)]))])),
    ])
  }

  private typealias Tensor = (name: String, datatype: String, shape: [Int])

  /// One of them is in a request.
  private var inputs: [Tensor] {
    let shape = pictureShape
    let image: Tensor = (InferenceRequest.Name.image, "BYTES", [-1])
    guard files.readsPixels else { return [image] }
    return [
      image,
      (InferenceRequest.Name.pixels, "UINT8", [-1, shape.height, shape.width, shape.channels]),
    ]
  }

  private var outputs: [Tensor] {
    [
      (InferenceRequest.Name.probabilities, "FP32", [-1, classNames.count]),
      (InferenceRequest.Name.label, "BYTES", [-1]), (InferenceRequest.Name.index, "INT64", [-1]),
    ]
  }

  private static func tensor(
    _ tensor: Tensor, typeKey: String = "datatype", sizesKey: String = "shape"
  ) -> JSONValue {
    .object([
      .init("name", .string(tensor.name)), .init(typeKey, .string(tensor.datatype)),
      .init(sizesKey, .array(tensor.shape.map(JSONValue.int))),
    ])
  }
}
