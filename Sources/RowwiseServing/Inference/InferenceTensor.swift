import RowwiseTexts

/// A tensor of an inference request (Open Inference Protocol v2).
struct InferenceTensor: Sendable, Equatable {
  /// Where its numbers stand.
  enum Place: Sendable, Equatable {
    /// In the JSON text, from a byte on.
    case json(Int)
    /// Behind the JSON text: so many bytes.
    case binary(Int)
  }

  var name = ""
  var datatype = ""
  var shape: [Int] = []
  var place: Place?
  /// The input's bytes behind the JSON text.
  var range = 0..<0

  /// Its elements; nil where there are more than anybody has.
  var count: Int? {
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      if overflow { return nil }
      count = product
    }
    return count
  }

  static let mostDimensions = 8

  /// Reads one from JSON.
  init(_ scanner: inout JSONScanner) throws(JSONSyntaxError) {
    var data: Int?
    var binarySize: Int?
    var tensor = InferenceTensor()
    try scanner.object("an input: an object") { scanner, key throws(JSONSyntaxError) in
      switch key {
      case "name": tensor.name = try scanner.string("a name")
      case "datatype": tensor.datatype = try scanner.string("a datatype")
      case "shape": tensor.shape = try scanner.integers(atMost: Self.mostDimensions)
      case "data":
        data = scanner.position
        try scanner.skipValue()
      case "parameters":
        try scanner.object("parameters: an object") { scanner, key throws(JSONSyntaxError) in
          guard key == "binary_data_size" else { return try scanner.skipValue() }
          binarySize = try scanner.size()
        }
      default: try scanner.skipValue()
      }
    }
    self = tensor
    place = binarySize.map(Place.binary) ?? data.map(Place.json)
  }

  private init() {}
}

extension JSONScanner {
  /// A number of bytes or classes.
  mutating func size() throws(JSONSyntaxError) -> Int {
    let value = try number()
    guard let size = Int(exactly: value), (0...1 << 40).contains(size) else {
      throw malformed("a whole number")
    }
    return size
  }
}
