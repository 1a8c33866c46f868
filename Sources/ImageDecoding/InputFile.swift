#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that is read from front to back.
///
/// A small picture takes four calls of the system in many libraries: to open, to ask what it is, to
/// read, to close. Here what it is, is asked only where it may be no regular file: reading at a
/// place fails for folders, pipes and sockets, and a device gives nothing or a whole portion.
struct InputFile: ~Copyable {
  /// How often a file is opened again where there are no descriptors, a millisecond between.
  private static let mostTries = 2_000
  private static let firstPortion = 1 << 12
  static let portion = 1 << 16

  let path: String
  private let descriptor: Int32
  private var offset = 0
  /// Known once it is known to be a regular file.
  private var byteCount = 0
  /// Whether it is known to be a regular file.
  private var isRegular = false
  /// Whether the last read gave as much as was asked for.
  private var wasFull = false

  /// Opens a file for reading.
  init(path: String) throws(ImageDecodingError) {
    self.path = path
    // Not blocking: opening a pipe that nobody writes to would wait for ever.
    var descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    var tries = 0
    while descriptor < 0, errno == EMFILE || errno == ENFILE, tries < Self.mostTries {
      // Other threads are reading pictures, too, and will soon be done with one.
      usleep(1_000)
      tries += 1
      descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    }
    self.descriptor = descriptor
    guard descriptor >= 0 else {
      throw .cannotRead(source: path, reason: systemMessage(errno))
    }
  }

  deinit {
    close(descriptor)
  }

  /// Throws where the file is no regular one. A pipe or device may give bytes for ever or never: who
  /// wants to read one pushes its bytes (`ImagePushReader`).
  private mutating func checkKind() throws(ImageDecodingError) {
    guard !isRegular else { return }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .cannotRead(source: path, reason: systemMessage(errno))
    }
    let kind: String
    switch status.st_mode & S_IFMT {
    case S_IFREG:
      isRegular = true
      byteCount = Int(status.st_size)
      return
    case S_IFDIR: kind = "a folder"
    case S_IFIFO: kind = "a pipe"
    case S_IFSOCK: kind = "a socket"
    default: kind = "a device"
    }
    throw .cannotRead(source: path, reason: "it is \(kind), expected a regular file")
  }

  /// The file's size as the system gives it.
  ///
  /// - Throws: `.cannotRead` where it is no regular file.
  mutating func size() throws(ImageDecodingError) -> Int {
    try checkKind()
    return byteCount
  }

  /// Reads the next portion; at the file's end it finishes the buffer.
  mutating func read(into buffer: inout InputBuffer) throws(ImageDecodingError) {
    guard !buffer.isFinal else { return }
    let capacity = wasFull ? Self.portion : Self.firstPortion
    let (descriptor, offset) = (descriptor, offset)
    var failure: Int32 = 0
    var count = 0
    buffer.append(capacity: capacity) { room in
      repeat {
        count = pread(descriptor, room.baseAddress, room.count, off_t(offset))
        failure = count < 0 ? errno : 0
      } while failure == EINTR
      return max(count, 0)
    }
    wasFull = count == capacity
    if count <= 0 || wasFull { try checkKind() }
    guard failure == 0 else { throw .cannotRead(source: path, reason: systemMessage(failure)) }
    self.offset += count
    if count == 0 { buffer.finish() }
  }
}

/// The system's text for an error number.
func systemMessage(_ number: Int32) -> String {
  var buffer = [CChar](repeating: 0, count: 256)
  guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
  return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
