import RowwiseFiles

extension SafetensorsFile {
  /// The file's bytes; the same value always gives the same bytes.
  ///
  /// Laid out as the reference implementation does: strings first (here sorted by key), tensors in
  /// file order, the header filled up with spaces so that the data begin at a multiple of 8.
  public func encoded() -> [UInt8] {
    var header = "{"
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { "\(Self.json($0.key)):\(Self.json($0.value))" }
      header += "\"\(Self.metadataKey)\":{\(pairs.joined(separator: ","))}"
    }
    var end = 0
    for tensor in tensors {
      if header.utf8.count > 1 { header += "," }
      let begin = end
      end += tensor.bytes.count
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      header += "\(Self.json(tensor.name)):{\"dtype\":\"\(tensor.elementType.rawValue)\""
      header += ",\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(end)]}"
    }
    header += "}"
    let padding = (8 - header.utf8.count % 8) % 8
    let headerByteCount = header.utf8.count + padding

    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + headerByteCount + end)
    for byte in 0..<8 {
      bytes.append(UInt8(truncatingIfNeeded: headerByteCount >> (8 * byte)))
    }
    bytes.append(contentsOf: header.utf8)
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: padding))
    for tensor in tensors {
      bytes.append(contentsOf: tensor.bytes)
    }
    return bytes
  }

  /// Writes the file beside `path` and renames it, so that `path` never holds a part of it.
  ///
  /// - Throws: `SafetensorsError.file`.
  public func write(toPath path: String) throws(SafetensorsError) {
    do throws(FileError) {
      try AtomicFile.write(encoded(), toPath: path)
    } catch {
      throw .file(error)
    }
  }

  /// A JSON string (RFC 8259, section 7), escaped where it must be and only there.
  private static func json(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{8}": result += "\\b"
      case "\u{C}": result += "\\f"
      case "\0"..."\u{1F}":
        result += "\\u00\(scalar.value < 16 ? "0" : "")\(String(scalar.value, radix: 16))"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
