import RowwiseTexts

/// What a safetensors header says, before it is held against the file's data.
struct SafetensorsHeader {
  /// One tensor's entry.
  struct Entry {
    var name: String
    var elementType: SafetensorsFile.ElementType
    var shape: [Int]
    /// First byte and the byte after the last, counted from the end of the header.
    var begin: Int
    var end: Int
  }

  /// The tensors in the order of the header.
  var entries: [Entry] = []
  /// The strings under `__metadata__`.
  var metadata: [String: String] = [:]

  /// Parses a header.
  ///
  /// Reads exactly the JSON that the format allows, of which nothing nests deeper than its three
  /// levels. No tree of values is built, so what is allocated stays in proportion to the header.
  ///
  /// - Parameter json: the header's bytes, filling spaces included.
  /// - Throws: `SafetensorsError.malformedHeader`, `.duplicateName`, `.unknownElementType` or
  ///   `.invalidShape`.
  init(json: [UInt8]) throws(SafetensorsError) {
    do {
      try self.init(scanning: json)
    } catch let error as JSONSyntaxError {
      throw .malformedHeader(offset: error.offset, expected: error.expected)
    } catch let error as SafetensorsError {
      throw error
    } catch {
      throw .malformedHeader(offset: 0, expected: "a header")
    }
  }

  private init(scanning json: [UInt8]) throws {
    var scanner = JSONScanner(bytes: json)
    var names: Set<String> = []
    try scanner.expect("{", "\"{\"")
    if !scanner.accept("}") {
      repeat {
        let name = try scanner.string("a name in quotes")
        guard names.insert(name).inserted else { throw SafetensorsError.duplicateName(name) }
        try scanner.expect(":", "\":\"")
        if name == SafetensorsFile.metadataKey {
          metadata = try Self.metadata(&scanner)
        } else {
          entries.append(try Self.entry(&scanner, name: name))
        }
      } while scanner.accept(",")
      try scanner.expect("}", "\",\" or \"}\"")
    }
    try scanner.expectEnd()
  }

  private static func metadata(
    _ scanner: inout JSONScanner
  ) throws -> [String: String] {
    var result: [String: String] = [:]
    try scanner.expect("{", "\"{\"")
    if scanner.accept("}") { return result }
    repeat {
      let key = try scanner.string("a name in quotes")
      try scanner.expect(":", "\":\"")
      let value = try scanner.string("a string")
      guard result.updateValue(value, forKey: key) == nil else {
        throw SafetensorsError.duplicateName(key)
      }
    } while scanner.accept(",")
    try scanner.expect("}", "\",\" or \"}\"")
    return result
  }

  private static func entry(
    _ scanner: inout JSONScanner, name: String
  ) throws -> Entry {
    let keys = "one each of \"dtype\", \"shape\" and \"data_offsets\""
    var elementType: SafetensorsFile.ElementType?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.expect("{", "\"{\"")
    repeat {
      switch try scanner.string(keys) {
      case "dtype" where elementType == nil:
        try scanner.expect(":", "\":\"")
        let received = try scanner.string("an element type")
        guard let type = SafetensorsFile.ElementType(rawValue: received) else {
          throw SafetensorsError.unknownElementType(tensor: name, received: received)
        }
        elementType = type
      case "shape" where shape == nil:
        try scanner.expect(":", "\":\"")
        shape = try scanner.integers(atMost: SafetensorsFile.Tensor.maximumRank)
      case "data_offsets" where offsets == nil:
        try scanner.expect(":", "\":\"")
        offsets = try scanner.integers(atMost: 2)
      default:
        throw scanner.malformed(keys)
      }
    } while scanner.accept(",")
    guard let elementType, let shape, let offsets, offsets.count == 2 else {
      throw scanner.malformed(keys)
    }
    try scanner.expect("}", "\"}\"")
    return Entry(
      name: name, elementType: elementType, shape: shape, begin: offsets[0], end: offsets[1])
  }
}
