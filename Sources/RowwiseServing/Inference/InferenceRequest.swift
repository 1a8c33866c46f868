import RowwiseTexts

/// An inference request of the Open Inference Protocol v2, as KServe and Triton have it.
///
/// It has one input: `image`, the bytes of picture files (BYTES; base64 in JSON), or `pixels`, pictures as
/// the model reads them (UINT8, [pictures, height, width, channels]).
package struct InferenceRequest: Sendable, Equatable {
  /// An answer that is asked for.
  package struct Output: Sendable, Equatable {
    package var name: String
    /// Whether its numbers stand behind the JSON text.
    package var isBinary: Bool
    /// How many classes are named with it, as Triton's classification extension has it; 0: none.
    package var classes = 0
  }

  /// The pictures.
  package enum Input: Sendable, Equatable {
    case files([[UInt8]])
    case pixels([[UInt8]])
  }

  package let id: String?
  package let input: Input
  package let outputs: [Output]

  /// What a model's pictures are like.
  package struct PictureShape: Sendable, Equatable {
    var width: Int
    var height: Int
    var channels: Int
    var byteCount: Int { width * height * channels }

    package init(width: Int, height: Int, channels: Int) {
      (self.width, self.height, self.channels) = (width, height, channels)
    }
  }

  /// Names of inputs and outputs.
  enum Name {
    static let image = "image"
    static let pixels = "pixels"
    static let probabilities = "probabilities"
    static let label = "label"
    static let index = "index"
    static let outputs = [probabilities, label, index]
  }

  /// Reads one.
  ///
  /// - Parameters:
  ///   - body: the JSON text, and what is binary behind it.
  ///   - jsonLength: bytes of the JSON text; nil: all.
  ///   - shape: of the model's pictures.
  ///   - most: pictures that it may have.
  /// - Throws: `RequestProblem`.
  package init(
    _ body: [UInt8], jsonLength: Int?, shape: PictureShape, most: Int
  ) throws(RequestProblem) {
    let length = jsonLength ?? body.count
    guard (0...body.count).contains(length) else {
      throw RequestProblem(
        .badRequest,
        "Inference-Header-Content-Length is \(length), but the body has \(body.count) bytes")
    }
    let head: Head
    let tensor: InferenceTensor
    let input: Input
    do throws(JSONSyntaxError) {
      head = try Head(Array(body[..<length]))
    } catch {
      throw RequestProblem(
        .badRequest,
        "the request's JSON cannot be read: at byte \(error.offset), \(error.expected) is expected")
    }
    tensor = try Self.onlyInput(of: head, binary: body.count - length)
    let values = TensorValues(
      tensor: tensor, json: Array(body[..<length]),
      binary: body[(length + tensor.range.lowerBound)..<(length + tensor.range.upperBound)])
    switch (tensor.name, tensor.datatype) {
    case (Name.image, "BYTES"): input = .files(try values.files(atMost: most))
    case (Name.pixels, "UINT8"): input = .pixels(try values.pictures(of: shape, atMost: most))
    default:
      throw RequestProblem(
        .badRequest,
        "input \"\(tensor.name.prefix(80))\" of \(tensor.datatype.prefix(20)): expected "
          + "\(Name.image) of BYTES (picture files) or \(Name.pixels) of UINT8")
    }
    for output in head.outputs where !Name.outputs.contains(output.name) {
      throw RequestProblem(
        .badRequest,
        "output \"\(output.name.prefix(80))\": expected \(Name.outputs.joined(separator: ", "))")
    }
    id = head.id
    self.input = input
    let isBinary = head.wantsBinary
    outputs =
      head.outputs.isEmpty
      ? Name.outputs.map { Output(name: $0, isBinary: isBinary) }
      : head.outputs.map {
        Output(name: $0.name, isBinary: $0.isBinary ?? isBinary, classes: $0.classes)
      }
  }

  private static func onlyInput(
    of head: Head, binary: Int
  ) throws(RequestProblem) -> InferenceTensor {
    guard head.inputs.count == 1, var tensor = head.inputs.first else {
      throw RequestProblem(
        .badRequest,
        "\(head.inputs.count) inputs: expected one, \(Name.image) or \(Name.pixels)")
    }
    guard let place = tensor.place else {
      throw RequestProblem(
        .badRequest,
        "input \"\(tensor.name.prefix(80))\" has neither data nor binary_data_size")
    }
    if case .binary(let size) = place { tensor.range = 0..<min(size, binary) }
    guard case .binary(let size) = place, size != binary else {
      guard case .json = place, binary > 0 else { return tensor }
      throw RequestProblem(.badRequest, "\(binary) bytes behind the JSON belong to no input")
    }
    throw RequestProblem(
      .badRequest, "binary_data_size is \(size), but \(binary) bytes stand behind the JSON")
  }
}

/// What the JSON text says.
private struct Head {
  struct Output {
    var name = ""
    var isBinary: Bool?
    var classes = 0
  }

  var id: String?
  var wantsBinary = false
  var inputs: [InferenceTensor] = []
  var outputs: [Output] = []

  private static let most = 16

  init(_ json: [UInt8]) throws(JSONSyntaxError) {
    var scanner = JSONScanner(bytes: json)
    var head = Head()
    try scanner.object("an object") { scanner, key throws(JSONSyntaxError) in
      switch key {
      case "id": head.id = try scanner.string("a text")
      case "parameters":
        try scanner.object("parameters: an object") { scanner, key throws(JSONSyntaxError) in
          guard key == "binary_data_output" else { return try scanner.skipValue() }
          head.wantsBinary = try scanner.bool()
        }
      case "inputs":
        try scanner.array("inputs: an array") { scanner throws(JSONSyntaxError) in
          guard head.inputs.count < Self.most else {
            throw scanner.malformed("at most \(Self.most) inputs")
          }
          head.inputs.append(try InferenceTensor(&scanner))
        }
      case "outputs":
        try scanner.array("outputs: an array") { scanner throws(JSONSyntaxError) in
          guard head.outputs.count < Self.most else {
            throw scanner.malformed("at most \(Self.most) outputs")
          }
          head.outputs.append(try Self.output(&scanner))
        }
      default: try scanner.skipValue()
      }
    }
    try scanner.expectEnd()
    self = head
  }

  private init() {}

  private static func output(_ scanner: inout JSONScanner) throws(JSONSyntaxError) -> Output {
    var output = Output()
    try scanner.object("an output: an object") { scanner, key throws(JSONSyntaxError) in
      switch key {
      case "name": output.name = try scanner.string("a name")
      case "parameters":
        try scanner.object("parameters: an object") { scanner, key throws(JSONSyntaxError) in
          switch key {
          case "binary_data": output.isBinary = try scanner.bool()
          case "classification": output.classes = try scanner.size()
          default: try scanner.skipValue()
          }
        }
      default: try scanner.skipValue()
      }
    }
    return output
  }
}
