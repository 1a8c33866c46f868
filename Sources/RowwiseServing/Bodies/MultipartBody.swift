/// The files of a `multipart/form-data` body (RFC 7578).
package struct MultipartBody: Sendable, Equatable {
  /// A part that has a file name.
  package struct File: Sendable, Equatable {
    package let name: String
    /// Where its bytes stand in the body.
    package let range: Range<Int>
  }

  package let files: [File]

  /// Bytes of a boundary, as RFC 2046 limits it, and of a part's head.
  private static let most = (boundary: 70, head: 8 << 10)

  /// The boundary that a `Content-Type` names; nil where it is of another kind.
  ///
  /// - Throws: `RequestProblem` where it is of this kind and names none.
  package static func boundary(of contentType: String) throws(RequestProblem) -> [UInt8]? {
    let parameters = HeaderParameters(contentType)
    guard parameters.value == "multipart/form-data" else { return nil }
    guard let boundary = parameters["boundary"],
      (1...Self.most.boundary).contains(boundary.utf8.count)
    else {
      throw RequestProblem(
        .badRequest,
        "Content-Type: multipart/form-data needs a boundary of 1 to \(Self.most.boundary) bytes")
    }
    return Array(boundary.utf8)
  }

  /// Finds the files.
  ///
  /// - Parameters:
  ///   - bytes: the whole body.
  ///   - most: files that it may have.
  /// - Throws: `RequestProblem`.
  package init(_ bytes: [UInt8], boundary: [UInt8], most: Int) throws(RequestProblem) {
    let delimiter: [UInt8] = Array("\r\n--".utf8) + boundary
    var files: [File] = []
    // The first delimiter may stand at the very beginning, without a line break before it.
    var position: Int
    if bytes.starts(with: delimiter.dropFirst(2)) {
      position = delimiter.count - 2
    } else if let first = Self.find(delimiter, in: bytes, from: 0) {
      position = first + delimiter.count
    } else {
      throw Self.malformed("its boundary does not stand in it")
    }
    while true {
      if bytes[position...].starts(with: [0x2D, 0x2D]) { break }
      // White space may follow a delimiter.
      while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 {
        position += 1
      }
      guard bytes[position...].starts(with: [0x0D, 0x0A]) else {
        throw Self.malformed("no line break behind a boundary")
      }
      position += 2
      let (head, start) = try Self.head(of: bytes, from: position)
      guard let end = Self.find(delimiter, in: bytes, from: start - 2) else {
        throw Self.malformed("the last boundary is missing")
      }
      if let name = head {
        guard files.count < most else {
          throw RequestProblem(
            .payloadTooLarge, "more than \(most) pictures in a request; send them in several")
        }
        files.append(File(name: name, range: start..<max(start, end)))
      }
      position = end + delimiter.count
    }
    self.files = files
  }

  /// The file name in a part's head, and where the part's bytes begin.
  private static func head(
    of bytes: [UInt8], from start: Int
  ) throws(RequestProblem) -> (name: String?, start: Int) {
    var name: String?
    var position = start
    while true {
      let limit = min(bytes.count, start + Self.most.head)
      var end = position
      while end + 1 < limit, bytes[end] != 0x0D || bytes[end + 1] != 0x0A { end += 1 }
      guard end + 1 < limit else {
        throw malformed("a part's head does not end within \(Self.most.head) bytes")
      }
      if end == position { return (name, end + 2) }
      let field = bytes[position..<end]
      position = end + 2
      guard let colon = field.firstIndex(of: UInt8(ascii: ":")),
        String(decoding: field[..<colon], as: UTF8.self).lowercased() == "content-disposition"
      else { continue }
      guard let text = String(validating: field[(colon + 1)...], as: UTF8.self) else {
        throw malformed("a part's name is not UTF-8")
      }
      name = HeaderParameters(text)["filename"]
    }
  }

  private static func malformed(_ reason: String) -> RequestProblem {
    RequestProblem(.badRequest, "the multipart/form-data body cannot be read: \(reason)")
  }

  /// Where a pattern stands first, from a place on.
  private static func find(_ pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    let last = bytes.count - pattern.count
    var index = start
    while index <= last {
      // Most bytes are not the first of it.
      if bytes[index] == pattern[0], bytes[index..<index + pattern.count].elementsEqual(pattern) {
        return index
      }
      index += 1
    }
    return nil
  }
}
