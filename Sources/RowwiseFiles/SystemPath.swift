import RowwiseSystem
import RowwiseTexts

/// The system's calls that take paths, with the bytes that the paths' text stands for; see `PathText`. What
/// they return, and `errno`, is the system's.
package enum SystemPath {
  package static func open(_ path: String, _ flags: Int32, _ mode: mode_t = 0) -> Int32 {
    unsafe withBytes(path) { unsafe RowwiseSystem.open($0, flags, mode) }
  }

  package static func stat(_ path: String, _ status: inout stat) -> Int32 {
    unsafe withBytes(path) { unsafe fstatat(AT_FDCWD, $0, &status, 0) }
  }

  package static func opendir(_ path: String) -> OpaquePointer? {
    unsafe withBytes(path) { unsafe RowwiseSystem.opendir($0) }
  }

  package static func access(_ path: String, _ mode: Int32) -> Int32 {
    unsafe withBytes(path) { unsafe RowwiseSystem.access($0, mode) }
  }

  package static func rename(_ path: String, _ other: String) -> Int32 {
    unsafe withBytes(path) { old in
      unsafe withBytes(other) { unsafe RowwiseSystem.rename(old, $0) }
    }
  }

  @discardableResult
  package static func unlink(_ path: String) -> Int32 {
    unsafe withBytes(path) { unsafe RowwiseSystem.unlink($0) }
  }

  package static func mkdir(_ path: String, _ mode: mode_t = 0o777) -> Int32 {
    unsafe withBytes(path) { unsafe RowwiseSystem.mkdir($0, mode) }
  }

  @discardableResult
  package static func rmdir(_ path: String) -> Int32 {
    unsafe withBytes(path) { unsafe RowwiseSystem.rmdir($0) }
  }

  /// A path without links; nil where there is nothing.
  package static func resolved(_ path: String) -> String? {
    guard let resolved = unsafe withBytes(path, { unsafe RowwiseSystem.realpath($0, nil) }) else {
      return nil
    }
    defer { unsafe free(resolved) }
    return unsafe text(resolved)
  }

  /// The text of a name that the system gave, which ends with a zero.
  package static func text(_ name: UnsafePointer<CChar>) -> String {
    let bytes = unsafe UnsafeRawBufferPointer(start: name, count: strlen(name))
    return unsafe PathText.text(bytes)
  }

  /// Calls `body` with a path's bytes and a zero.
  package static func withBytes<Result>(
    _ path: String, _ body: (UnsafePointer<CChar>) -> Result
  ) -> Result {
    guard PathText.hasOtherBytes(path) else { return unsafe path.withCString(body) }
    let bytes = (PathText.bytes(path) + [0]).map { CChar(bitPattern: $0) }
    return unsafe body(bytes)
  }
}
