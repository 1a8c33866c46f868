import RowwiseFiles
import RowwiseSystem
import Synchronization

/// A picture's file that is read from front to back.
///
/// A small picture takes four calls of the system in many libraries: to open, to ask what it is, to
/// read, to close. Here what it is, is asked only where it may be no regular file: reading at a
/// place fails for folders, pipes and sockets, and a device gives nothing or a whole portion.
struct PictureFile: ~Copyable {
  /// How often a file is opened again where there are no descriptors, a millisecond between.
  private static let mostTries = 2_000
  /// Whether a picture has waited so long in vain: the others need not wait, too.
  private static let isHopeless = Atomic<Bool>(false)
  private static let firstPortion = 1 << 12
  static let portion = 1 << 16

  private let file: RegularFile
  private var offset = 0
  /// Whether it is known to be a regular file.
  private var isRegular = false
  /// Whether the last read gave as much as was asked for.
  private var wasFull = false

  /// The path it was opened by.
  var path: String { file.path }

  /// Opens a file for reading.
  init(path: String) throws(ImageDecodingError) {
    file = try Self.open(path)
  }

  private static func open(_ path: String) throws(ImageDecodingError) -> RegularFile {
    var tries = 0
    while true {
      do throws(FileError) {
        return try RegularFile(path: path)
      } catch {
        guard case .cannotRead(_, let code) = error, code == EMFILE || code == ENFILE else {
          throw ImageDecodingError(error)
        }
        guard tries < mostTries, !isHopeless.load(ordering: .relaxed) else {
          isHopeless.store(true, ordering: .relaxed)
          throw ImageDecodingError(error)
        }
        // Other threads are reading pictures, too, and will soon be done with one.
        usleep(1_000)
        tries += 1
      }
    }
  }

  /// The file's size as the system gives it.
  ///
  /// - Throws: `.cannotRead` where it is no regular file.
  mutating func size() throws(ImageDecodingError) -> Int {
    try checkKind()
    do throws(FileError) {
      return try file.size() ?? 0
    } catch {
      throw ImageDecodingError(error)
    }
  }

  /// Throws where the file is no regular one. A pipe or device may give bytes for ever or never: who
  /// wants to read one pushes its bytes (`ImagePushReader`).
  private mutating func checkKind() throws(ImageDecodingError) {
    guard !isRegular else { return }
    let kind: String?
    do throws(FileError) {
      kind = try file.otherKind()
    } catch {
      throw ImageDecodingError(error)
    }
    if let kind {
      throw .cannotRead(source: path, reason: "it is \(kind), expected a regular file")
    }
    isRegular = true
  }

  /// Reads the next portion; at the file's end it finishes the buffer.
  mutating func read(into buffer: inout InputBuffer) throws(ImageDecodingError) {
    guard !buffer.isFinal else { return }
    let capacity = wasFull ? Self.portion : Self.firstPortion
    var failure: FileError?
    var count = 0
    buffer.append(capacity: capacity) { room in
      do throws(FileError) {
        count = try file.read(into: UnsafeMutableRawBufferPointer(room), at: offset)
      } catch {
        failure = error
      }
      return count
    }
    wasFull = count == capacity
    if count == 0 || wasFull { try checkKind() }
    if let failure { throw ImageDecodingError(failure) }
    offset += count
    if count == 0 { buffer.finish() }
  }
}

extension ImageDecodingError {
  /// A file that the system does not read.
  package init(_ error: FileError) {
    self = .cannotRead(source: error.path, reason: error.reason)
  }
}
