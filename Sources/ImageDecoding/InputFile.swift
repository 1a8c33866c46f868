#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that is read from front to back.
final class InputFile {
  private static let portion = 1 << 16

  let path: String
  private let descriptor: Int32
  /// Bytes not read yet, by the file's size.
  private var remaining: Int

  /// Opens a regular file for reading.
  init(path: String) throws(ImageDecodingError) {
    self.path = path
    // Not blocking: opening a pipe that nobody writes to would wait for ever.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw .cannotRead(source: path, reason: systemMessage(errno))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let reason = systemMessage(errno)
      close(descriptor)
      throw .cannotRead(source: path, reason: reason)
    }
    if let kind = Self.unreadableKind(status.st_mode) {
      close(descriptor)
      throw .cannotRead(source: path, reason: "it is \(kind), expected a regular file")
    }
    remaining = Int(status.st_size)
  }

  deinit {
    close(descriptor)
  }

  /// What a path names that is no regular file; nil where it is one. A pipe or device may give bytes
  /// for ever or never: who wants to read one pushes its bytes (`ImagePushReader`).
  private static func unreadableKind(_ mode: mode_t) -> String? {
    switch mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a folder"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }

  /// Reads the next portion; at the file's end it finishes the buffer.
  func read(into buffer: inout InputBuffer) throws(ImageDecodingError) {
    guard !buffer.isFinal else { return }
    // One byte more than is left, so that a file that grew meanwhile is noticed.
    let capacity = min(Self.portion, remaining + 1)
    var isAtEnd = false
    try buffer.append(capacity: capacity) { (room) throws(ImageDecodingError) -> Int in
      while true {
        #if canImport(Darwin)
          let count = Darwin.read(descriptor, room.baseAddress, room.count)
        #elseif canImport(Musl)
          let count = Musl.read(descriptor, room.baseAddress, room.count)
        #else
          let count = Glibc.read(descriptor, room.baseAddress, room.count)
        #endif
        if count >= 0 {
          remaining = max(remaining - count, 0)
          isAtEnd = count == 0 || (remaining == 0 && count < room.count)
          return count
        }
        guard errno == EINTR else {
          throw .cannotRead(source: path, reason: systemMessage(errno))
        }
      }
    }
    if isAtEnd { buffer.finish() }
  }
}

/// The system's text for an error number.
func systemMessage(_ number: Int32) -> String {
  var buffer = [CChar](repeating: 0, count: 256)
  guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
  return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
