import RowwiseSafetensors
import Testing

/// Headers that lie, each refused with the error that names the lie.
struct SafetensorsHeaderTests {
  /// A file with this header and this many data bytes.
  static func file(_ header: String, dataByteCount: Int = 0) -> [UInt8] {
    let count = UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + Array(header.utf8)
      + [UInt8](repeating: 0, count: dataByteCount)
  }

  /// A header with one F32 tensor.
  static func entry(_ name: String, shape: String, offsets: String) -> String {
    #""\#(name)":{"dtype":"F32","shape":\#(shape),"data_offsets":\#(offsets)}"#
  }

  @Test func acceptsOtherWritersStyle() throws {
    let header = """
       {
      "w" : { "data_offsets" : [ 0 , 4 ] , "shape":[1], "dtype" :\t"F32" } , "__metadata__":{}
      }\u{20}\r\n
      """
    let read = try SafetensorsFile(bytes: Self.file(header, dataByteCount: 4))
    #expect(read.tensors.map(\.name) == ["w"])
  }

  @Test func takesEscapesBack() throws {
    let header = #"{"__metadata__":{"\u00e9\/\"\\\b\f\n\r\t":"\ud83d\ude00"}}"#
    let read = try SafetensorsFile(bytes: Self.file(header))
    #expect(read.metadata == ["é/\"\\\u{8}\u{C}\n\r\t": "😀"])
  }

  @Test func emptyTensorsMayShareAnOffset() throws {
    let header =
      "{\(Self.entry("a", shape: "[1]", offsets: "[0,4]")),"
      + "\(Self.entry("b", shape: "[0,9]", offsets: "[0,0]")),"
      + "\(Self.entry("c", shape: "[3,0]", offsets: "[4,4]"))}"
    let read = try SafetensorsFile(bytes: Self.file(header, dataByteCount: 4))
    #expect(read.tensors.map(\.name).sorted() == ["a", "b", "c"])
  }

  @Test func refusesLengths() {
    #expect(throws: SafetensorsError.tooShort(byteCount: 0)) { try SafetensorsFile(bytes: []) }
    #expect(throws: SafetensorsError.tooShort(byteCount: 7)) {
      try SafetensorsFile(bytes: [UInt8](repeating: 0, count: 7))
    }
    #expect(throws: SafetensorsError.headerTooLong(declared: .max, available: 2)) {
      try SafetensorsFile(bytes: [UInt8](repeating: 0xFF, count: 8) + Array("{}".utf8))
    }
    // 10 GB declared in a file of a few bytes.
    #expect(throws: SafetensorsError.headerTooLong(declared: 10_000_000_000, available: 2)) {
      try SafetensorsFile(bytes: [0, 0xE4, 0x0B, 0x54, 2, 0, 0, 0] + Array("{}".utf8))
    }
  }

  static let offsets: [(entries: [String], error: SafetensorsError)] = [
    (
      [entry("w", shape: "[2]", offsets: "[0,16]")],
      .offsetsOutOfRange(tensor: "w", begin: 0, end: 16, byteCount: 8)
    ),
    (
      [entry("w", shape: "[2]", offsets: "[8,0]")],
      .offsetsOutOfRange(tensor: "w", begin: 8, end: 0, byteCount: 8)
    ),
    (
      [entry("w", shape: "[2]", offsets: "[9223372036854775807,9223372036854775807]")],
      .offsetsOutOfRange(tensor: "w", begin: .max, end: .max, byteCount: 8)
    ),
    (
      [entry("w", shape: "[1]", offsets: "[0,8]")],
      .wrongByteCount(tensor: "w", expected: 4, received: 8)
    ),
    (
      [entry("w", shape: "[4611686018427387904,4]", offsets: "[0,8]")],
      .invalidShape(tensor: "w", shape: [4_611_686_018_427_387_904, 4])
    ),
    ([entry("w", shape: "[1]", offsets: "[0,4]")], .unclaimedBytes(count: 4)),
    (
      [entry("w", shape: "[1]", offsets: "[4,8]")],
      .notContiguous(tensor: "w", begin: 4, expected: 0)
    ),
    (
      [
        entry("a", shape: "[2]", offsets: "[0,8]"), entry("b", shape: "[1]", offsets: "[4,8]"),
      ],
      .notContiguous(tensor: "b", begin: 4, expected: 8)
    ),
    (
      [
        entry("a", shape: "[2]", offsets: "[0,8]"), entry("b", shape: "[2]", offsets: "[0,8]"),
      ],
      .notContiguous(tensor: "b", begin: 0, expected: 8)
    ),
    (
      [
        entry("a", shape: "[1]", offsets: "[0,4]"), entry("a", shape: "[1]", offsets: "[4,8]"),
      ],
      .duplicateName("a")
    ),
  ]

  @Test(arguments: offsets)
  func refusesOffsets(entries: [String], error: SafetensorsError) {
    #expect(throws: error) {
      try SafetensorsFile(
        bytes: Self.file("{\(entries.joined(separator: ","))}", dataByteCount: 8))
    }
  }

  static let keys = #"one each of "dtype", "shape" and "data_offsets""#
  static let malformed: [(header: String, offset: Int, expected: String)] = [
    ("", 0, "\"{\""),
    ("[]", 0, "\"{\""),
    ("{", 1, "a name in quotes"),
    ("{}x", 2, "the end of the header"),
    (#"{"a""#, 4, "\":\""),
    (#"{"a":1}"#, 5, "\"{\""),
    (#"{"a":{}}"#, 6, keys),
    (#"{"a":{"dtype":"F32"}}"#, 19, keys),
    (#"{"a":{"dtype":"F32","dtype":"F32"}}"#, 27, keys),
    (#"{"a":{"dtype":"F32","more":0}}"#, 26, keys),
    (#"{"a":{"dtype":4}}"#, 14, "an element type"),
    (#"{"a":{"shape":[-1]}}"#, 15, "a whole number"),
    (#"{"a":{"shape":[01]}}"#, 15, "a whole number"),
    (#"{"a":{"shape":[1.5]}}"#, 16, "\",\" or \"]\""),
    (#"{"a":{"shape":[9223372036854775808]}}"#, 33, "a number below 2^63"),
    (#"{"a":{"data_offsets":[0,1,2]}}"#, 26, "at most 2 numbers"),
    (#"{"a":{"dtype":"F32","shape":[],"data_offsets":[0]}}"#, 49, keys),
    (#"{"__metadata__":{"a":1}}"#, 21, "a string"),
    (#"{"__metadata__":{"a":"b"},}"#, 26, "a name in quotes"),
    (#"{"\q":{}}"#, 3, "an escape"),
    (#"{"\u12"#, 4, "four hexadecimal digits"),
    (#"{"\u+123":{}}"#, 4, "four hexadecimal digits"),
    (#"{"\ud83d":{}}"#, 8, "the other half of a surrogate pair"),
    (#"{"\ude00\ud83d":{}}"#, 8, "the other half of a surrogate pair"),
    (#"{"\ud83dA":{}}"#, 8, "the other half of a surrogate pair"),
    ("{\"a\n\":{}}", 3, "an escaped control character"),
    ("{\"a", 3, "the string's closing quote"),
  ]

  @Test(arguments: malformed)
  func refusesMalformedHeaders(header: String, offset: Int, expected: String) {
    #expect(throws: SafetensorsError.malformedHeader(offset: offset, expected: expected)) {
      try SafetensorsFile(bytes: Self.file(header))
    }
  }

  @Test func refusesInvalidText() {
    let bytes = Self.file("{\"é\":{}}").map { $0 == 0xC3 ? 0xFF : $0 }
    #expect(throws: SafetensorsError.malformedHeader(offset: 2, expected: "UTF-8 text")) {
      try SafetensorsFile(bytes: bytes)
    }
  }

  @Test func refusesUnknownElementTypes() {
    #expect(throws: SafetensorsError.unknownElementType(tensor: "a", received: "F13")) {
      try SafetensorsFile(bytes: Self.file(#"{"a":{"dtype":"F13"}}"#))
    }
  }

  /// Deep nesting ends at the first level that the format does not have.
  @Test func refusesDeepNesting() {
    let header = #"{"a":{"shape":"# + String(repeating: "[", count: 1_000_000)
    #expect(throws: SafetensorsError.malformedHeader(offset: 15, expected: "a whole number")) {
      try SafetensorsFile(bytes: Self.file(header))
    }
  }
}
