import RowwiseSystem

/// Why a file could not be read or written.
public enum FileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Opening or reading `path` failed with the system's error `code` (an `errno`).
  case cannotRead(path: String, code: Int32)
  /// The file at `path` ended `missing` bytes before the size it had when it was opened.
  case endedEarly(path: String, missing: Int)
  /// An archive that contradicts itself, or asks for more than is accepted.
  case badArchive(path: String, reason: String)
  /// Creating, writing, syncing or renaming `path` failed with the system's error `code`.
  case cannotWrite(path: String, code: Int32)

  /// What went wrong, where, and what to do about it, in one sentence.
  public var description: String {
    switch self {
    case .cannotRead(let path, let code):
      "cannot read \(path): \(Self.text(ofSystemError: code))"
    case .endedEarly(let path, let missing):
      "cannot read \(path): it became \(missing) bytes shorter while it was read"
    case .badArchive(let path, let reason): "\(path): \(reason)"
    case .cannotWrite(let path, let code):
      "cannot write \(path): \(Self.text(ofSystemError: code))"
    }
  }

  /// The file or folder.
  package var path: String {
    switch self {
    case .cannotRead(let path, _), .cannotWrite(let path, _), .endedEarly(let path, _),
      .badArchive(let path, _):
      path
    }
  }

  /// Why, without the path, in the system's words.
  package var reason: String {
    switch self {
    case .cannotRead(_, let code), .cannotWrite(_, let code): Self.systemText(code)
    case .endedEarly(_, let missing): "it became \(missing) bytes shorter while it was read"
    case .badArchive(_, let reason): reason
    }
  }

  /// The system's error, an `errno`; nil where it reported none.
  package var code: Int32? {
    switch self {
    case .cannotRead(_, let code), .cannotWrite(_, let code): code
    case .endedEarly, .badArchive: nil
    }
  }

  /// True where the file or a folder on the way to it does not exist.
  public var isNotFound: Bool { code == ENOENT || code == ENOTDIR }

  /// The system's words for an error code.
  package static func systemText(_ code: Int32) -> String {
    guard let words = unsafe strerror(code) else { return "system error \(code)" }
    return unsafe String(cString: words)
  }

  /// The system's words for an error code, beginning with a small letter as the rest of a message.
  package static func text(ofSystemError code: Int32) -> String {
    if code == ESPIPE {
      return "it is a pipe, a socket or a device; expected a file: save it first"
    }
    let text = systemText(code)
    // "Is a directory" reads on in a sentence; "I/O error" and the like stay as they are.
    let second = text.dropFirst().first
    guard let first = text.first, let second, second.isLowercase || second == " " else {
      return text
    }
    return first.lowercased() + text.dropFirst()
  }
}
