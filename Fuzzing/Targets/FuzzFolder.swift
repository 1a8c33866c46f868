import Foundation

/// A folder of this process for files that readers take by path; in memory where the system has a
/// file system for that.
struct FuzzFolder: Sendable {
  static let shared = FuzzFolder()

  private let path: String

  private init() {
    let base =
      FileManager.default.isWritableFile(atPath: "/dev/shm")
      ? "/dev/shm" : NSTemporaryDirectory()
    path = "\(base)/rowwise-fuzzing-\(ProcessInfo.processInfo.processIdentifier)"
    // Where it cannot be made, writing below says so.
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// Writes a file anew and returns its path.
  func write(_ bytes: ArraySlice<UInt8>, to name: String) -> String {
    let file = "\(path)/\(name)"
    let isWritten = FileManager.default.createFile(atPath: file, contents: Data(bytes))
    precondition(isWritten, "cannot write \(file)")
    return file
  }

  /// Where a file of this name would be.
  func path(of name: String) -> String { "\(path)/\(name)" }

  /// The bytes of a file; none where it cannot be read.
  func read(_ file: String) -> [UInt8] {
    FileManager.default.contents(atPath: file).map(Array.init) ?? []
  }

  /// Writes a file that is not there yet.
  func writeOnce(_ name: String, _ bytes: () -> [UInt8]) {
    if !FileManager.default.fileExists(atPath: "\(path)/\(name)") {
      _ = write(bytes()[...], to: name)
    }
  }
}
