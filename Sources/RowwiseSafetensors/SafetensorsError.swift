import RowwiseFiles

/// What is wrong with a safetensors file or with what was asked of it.
public enum SafetensorsError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file could not be read or written at all.
  case file(FileError)
  /// The file has `byteCount` bytes, fewer than the 8 of the header's length.
  case tooShort(byteCount: Int)
  /// The header claims `declared` bytes where at most `available` can be.
  case headerTooLong(declared: UInt64, available: Int)
  /// The header is not the JSON it must be: at `offset` bytes into the header, `expected` is not
  /// what stands there.
  case malformedHeader(offset: Int, expected: String)
  /// Two entries share one name.
  case duplicateName(String)
  /// A tensor's element type is not one of the format's that are known here.
  case unknownElementType(tensor: String, received: String)
  /// A shape has a negative dimension, too many dimensions, or more elements than can be counted.
  case invalidShape(tensor: String, shape: [Int])
  /// A tensor's bytes are not as many as its shape and element type need.
  case wrongByteCount(tensor: String, expected: Int, received: Int)
  /// A tensor's bytes lie outside the `byteCount` data bytes of the file, or end before they begin.
  case offsetsOutOfRange(tensor: String, begin: Int, end: Int, byteCount: Int)
  /// A tensor does not begin where the one before it ends: they overlap, or there is a gap.
  case notContiguous(tensor: String, begin: Int, expected: Int)
  /// `count` bytes after the last tensor belong to none.
  case unclaimedBytes(count: Int)
  /// A tensor that is needed is not in the file.
  case missingTensor(String)
  /// A tensor has another element type than the one asked for.
  case wrongElementType(tensor: String, expected: String, received: String)

  /// What is wrong, where, what was expected and what was found.
  public var description: String {
    switch self {
    case .file(let error):
      error.description
    case .tooShort(let byteCount):
      "not a safetensors file: it has \(byteCount) bytes, and the header's length alone takes 8"
    case .headerTooLong(let declared, let available):
      "not a safetensors file, or cut short: its header claims \(declared) bytes, "
        + "at most \(available) are possible"
    case .malformedHeader(let offset, let expected):
      "damaged safetensors header: \(expected) expected at byte \(offset)"
    case .duplicateName(let name):
      "damaged safetensors file: the name \(quoted(name)) occurs twice"
    case .unknownElementType(let tensor, let received):
      "tensor \(quoted(tensor)) has the unknown element type \(quoted(received)); "
        + "known: \(ElementType.allNames)"
    case .invalidShape(let tensor, let shape):
      "tensor \(quoted(tensor)) has the impossible shape \(shape)"
    case .wrongByteCount(let tensor, let expected, let received):
      "tensor \(quoted(tensor)) has \(received) bytes where its shape needs \(expected)"
    case .offsetsOutOfRange(let tensor, let begin, let end, let byteCount):
      "tensor \(quoted(tensor)) lies at bytes \(begin) to \(end), "
        + "but the file holds \(byteCount) bytes of data; it may be cut short"
    case .notContiguous(let tensor, let begin, let expected):
      "tensor \(quoted(tensor)) begins at byte \(begin), where \(expected) was expected"
    case .unclaimedBytes(let count):
      "damaged safetensors file: \(count) bytes at its end belong to no tensor"
    case .missingTensor(let name):
      "the file has no tensor \(quoted(name))"
    case .wrongElementType(let tensor, let expected, let received):
      "tensor \(quoted(tensor)) holds \(received) values where \(expected) was expected"
    }
  }

  private typealias ElementType = SafetensorsFile.ElementType

  /// A name from a file, in quotes and bounded: it may be as long as the file.
  private func quoted(_ name: String) -> String {
    name.unicodeScalars.count > 80
      ? "\"\(String(name.unicodeScalars.prefix(80)))…\"" : "\"\(name)\""
  }
}
