import RowwiseTexts

/// Reads a NumPy array file: a line of text that describes it, then its numbers.
///
/// ("NEP 1 — A Simple File Format for NumPy Arrays", versions 1 to 3.) Arrays of objects, which would be
/// pickles, are refused.
final class NumPyArray {
  /// What one number is.
  enum Element: Equatable {
    /// Whole numbers of so many bytes.
    case integer(bytes: Int, isSigned: Bool, isBig: Bool)
    /// Texts of so many characters: of 1 byte, or of 4 as Unicode.
    case text(length: Int, isUnicode: Bool, isBig: Bool)
    /// Everything else, as it is written.
    case other(String)

    var byteCount: Int {
      switch self {
      case .integer(let bytes, _, _): bytes
      case .text(let length, let isUnicode, _): length * (isUnicode ? 4 : 1)
      case .other: 0
      }
    }
  }

  let element: Element
  /// Whether its numbers are truth values.
  let isBoolean: Bool
  let dimensions: [Int]
  private let file: DataFile

  /// Bytes of the longest description.
  private static let mostDescription = 1 << 16

  var path: String { file.path }
  var count: Int { dimensions.first ?? 0 }
  /// Numbers of one sample.
  var each: Int { dimensions.dropFirst().reduce(1, *) }

  /// - Parameters:
  ///   - limit: the most bytes of values accepted.
  ///   - areLabels: whether it is to hold labels; else pictures.
  init(path: String, limit: Int, areLabels: Bool = false) throws(DatasetError) {
    file = try DataFile(path: path, isCheckedOnTheWay: true)
    let start = try file.bytes(8)
    guard start.starts(with: [0x93] + Array("NUMPY".utf8)), (1...3).contains(start[6]) else {
      throw .invalidHeader(
        path: path, field: "start", expected: "a NumPy array's (\\x93NUMPY, version 1 to 3)",
        received: "\(start)")
    }
    let lengthBytes = try file.bytes(start[6] == 1 ? 2 : 4)
    let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= Self.mostDescription else {
      throw Self.invalid(path, "description of \(length) bytes")
    }
    let text = String(decoding: try file.bytes(length), as: UTF8.self)
    guard let description = Self.Description(text) else { throw Self.invalid(path, text) }
    guard !description.isFortran || description.dimensions.count < 2 else {
      throw .unclear(
        path: path,
        reason: "a NumPy array in Fortran order; save it anew as numpy.ascontiguousarray makes it")
    }
    element = Self.element(description.type)
    isBoolean = description.type.hasSuffix("b1")
    dimensions = description.dimensions
    if case .other(let type) = element {
      throw .unclear(path: path, reason: Self.refusal(of: type, areLabels))
    }
    var bytes = max(element.byteCount, 1)
    for size in dimensions {
      // An empty axis must not hide others that are beyond any memory.
      let (product, overflows) = bytes.multipliedReportingOverflow(by: max(size, 1))
      guard !overflows, size >= 0 else { throw Self.invalid(path, text) }
      bytes = product
    }
    guard bytes <= limit else { throw .tooLarge(path: path, bytes: bytes, limit: limit) }
    guard bytes + file.position <= file.mostBytes else {
      throw .truncated(path: path, expected: bytes + file.position, received: file.mostBytes)
    }
  }

  /// The values of the next samples, as bytes; `finish` says whether they are sound.
  func next(_ samples: Int) throws(DatasetError) -> [UInt8] {
    try file.bytes(samples * each * element.byteCount)
  }

  /// To be called behind the last sample, before anything is done with what was read.
  ///
  /// - Throws: `badArchive` where it is a zip's member that is damaged.
  func finish() throws(DatasetError) { try file.finish() }

  /// All values of an array of one number each as texts: whole numbers, or texts as they are.
  func texts() throws(DatasetError) -> [String] {
    guard each == 1 else {
      throw .unclear(
        path: path,
        reason: "labels of the shape (\(dimensions.map { "\($0)" }.joined(separator: ", "))); "
          + "expected one number for each picture, as argmax over the last axis makes it of columns"
      )
    }
    let size = element.byteCount
    let bytes = try next(count)
    try finish()
    if case .integer(1, false, _) = element { return bytes.map { "\($0)" } }
    return (0..<count).map { index in
      let value = bytes[index * size..<(index + 1) * size]
      switch element {
      case .integer(_, let isSigned, let isBig):
        let ordered = isBig ? Array(value) : value.reversed()
        let bits = ordered.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let isNegative = isSigned && (ordered.first ?? 0) & 0x80 != 0
        guard isNegative else { return "\(bits)" }
        let ones = size < 8 ? UInt64.max << UInt64(8 * size) : 0
        return "\(Int64(bitPattern: bits | ones))"
      case .text(_, let isUnicode, let isBig):
        guard isUnicode else { return String(decoding: value.prefix { $0 != 0 }, as: UTF8.self) }
        var text = ""
        for start in stride(from: value.startIndex, to: value.endIndex, by: 4) {
          let four = value[start..<start + 4]
          let code = (isBig ? Array(four) : four.reversed()).reduce(UInt32(0)) {
            $0 << 8 | UInt32($1)
          }
          guard code != 0 else { break }
          text.unicodeScalars.append(Unicode.Scalar(code) ?? "\u{FFFD}")
        }
        return text
      case .other: return ""
      }
    }
  }

  private static func invalid(_ path: String, _ text: String) -> DatasetError {
    .invalidHeader(
      path: path, field: "description",
      expected: "a dictionary with descr, fortran_order and shape",
      received: String(text.prefix(200)).trimmingSpaces())
  }

  private static func element(_ type: String) -> Element {
    var rest = Substring(type)
    let isBig = rest.first == ">"
    if let first = rest.first, "<>|=".contains(first) { rest = rest.dropFirst() }
    guard let kind = rest.first, let size = Int(rest.dropFirst()), (1...4096).contains(size) else {
      return .other(type)
    }
    switch kind {
    case "u" where [1, 2, 4, 8].contains(size):
      return .integer(bytes: size, isSigned: false, isBig: isBig)
    case "i" where [1, 2, 4, 8].contains(size):
      return .integer(bytes: size, isSigned: true, isBig: isBig)
    case "b" where size == 1: return .integer(bytes: 1, isSigned: false, isBig: isBig)
    case "S": return .text(length: size, isUnicode: false, isBig: isBig)
    case "U": return .text(length: size, isUnicode: true, isBig: isBig)
    default: return .other(type)
    }
  }

  private static func refusal(of type: String, _ areLabels: Bool) -> String {
    let kind = type.drop { "<>|=".contains($0) }
    if kind.hasPrefix("O") {
      return "a NumPy array of Python objects, which may run code; save numbers in it"
    }
    if kind.hasPrefix("f"), areLabels {
      return "labels as floating-point numbers (\(type)); expected whole ones: save them as "
        + "y.astype(\"int64\")"
    }
    if kind.hasPrefix("f") {
      return "a NumPy array of floating-point numbers (\(type)); expected bytes: save it as "
        + "(x * 255).astype(\"uint8\"), or x.astype(\"uint8\") where they reach to 255"
    }
    return "a NumPy array of \(type); expected unsigned bytes (|u1)"
  }

  /// What the text at the beginning says: a Python dictionary of three known entries.
  private struct Description {
    var type = ""
    var isFortran = false
    var dimensions: [Int] = []

    init?(_ text: String) {
      func value(_ key: String) -> Substring? {
        for quote in ["'", "\""] {
          guard let found = text.range(of: quote + key + quote) else { continue }
          let rest = text[found.upperBound...].drop { $0 == " " }
          guard rest.first == ":" else { return nil }
          return rest.dropFirst().drop { $0 == " " }
        }
        return nil
      }
      guard let order = value("fortran_order"), let shape = value("shape"), shape.first == "(",
        let end = shape.firstIndex(of: ")"), let descr = value("descr")
      else { return nil }
      isFortran = order.hasPrefix("True")
      for field in shape[..<end].dropFirst().split(separator: ",") {
        guard let size = Int(String(field).trimmingSpaces()), size >= 0 else { return nil }
        dimensions.append(size)
      }
      guard let quote = descr.first, quote == "'" || quote == "\"",
        let close = descr.dropFirst().firstIndex(of: quote)
      else {
        // A list: an array of structures.
        type = String(descr.prefix { $0 != ")" })
        return
      }
      type = String(descr.dropFirst()[..<close])
    }
  }
}

extension String {
  /// Where `other` first is.
  fileprivate func range(of other: String) -> Range<String.Index>? { firstRange(of: other) }
}
