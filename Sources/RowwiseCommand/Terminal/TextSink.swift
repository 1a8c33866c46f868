import RowwiseFiles
import RowwiseSystem
import RowwiseTexts

/// Where text goes: a stream of the process, or a test's memory.
protocol TextSink: Sendable {
  /// Whether a person watches: then text may be coloured and drawn over.
  var isTerminal: Bool { get }
  /// Columns of the terminal at this moment; nil where there is none or it doesn't tell.
  var columns: Int? { get }
  /// Writes all of the text at once.
  func write(_ text: String) throws(FileError)
}

/// A stream of the process.
struct StandardStream: TextSink {
  /// Standard output.
  static let output = StandardStream(descriptor: STDOUT_FILENO, name: "standard output")
  /// Standard error.
  static let error = StandardStream(descriptor: STDERR_FILENO, name: "standard error")

  private let descriptor: Int32
  private let name: String

  private init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  var isTerminal: Bool { isatty(descriptor) != 0 }

  var columns: Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  func write(_ text: String) throws(FileError) {
    // A path has the bytes that it is called by, so that it can be given to a command again.
    let bytes = PathText.hasOtherBytes(text) ? PathText.bytes(text) : Array(text.utf8)
    let code = bytes.withUnsafeBytes { AtomicFile.writeAll($0, to: descriptor) }
    guard code == 0 else { throw .cannotWrite(path: name, code: code) }
  }
}
