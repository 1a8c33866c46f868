import Foundation
import RowwiseFiles
import TestSupport
import Testing

/// Names that a file of others has for what is beside it.
struct FileSystemBesideTests {
  @Test func namesStayInTheFolder() throws {
    let folder = try TemporaryFolder()
    let model = try folder.write([1], to: "in/model")
    let data = try folder.write([2], to: "in/data")
    let deep = try folder.write([3], to: "in/below/data")
    try folder.write([4], to: "out")
    try folder.link("in/link", to: "data")
    try folder.link("in/away", to: "../out")
    try folder.link("in/up", to: "..")
    func path(_ name: String) -> FileSystem.Beside {
      FileSystem.path(of: name, inFolderOf: model)
    }
    /// The temporary folder may itself be reached by a link.
    func real(_ path: String) -> String {
      guard let resolved = realpath(path, nil) else { return "" }
      defer { free(resolved) }
      return String(cString: resolved)
    }
    #expect(path("data") == .inside(real(data)))
    #expect(path("./data") == .inside(real(data)))
    #expect(path("link") == .inside(real(data)), "a link to what is there")
    #expect(path("below/data") == .inside(real(deep)))
    #expect(path("nothing") == .inside("\(folder.path)/in/nothing"))
    for (name, reason) in [
      ("", "which is no name"), ("/etc/passwd", "an absolute path"),
      ("../out", "a path with \"..\""), ("below/../../out", "a path with \"..\""),
      ("a\0b", "which holds a zero byte"), ("away", "a link that leads out of the folder"),
      ("up/out", "a link that leads out of the folder"),
    ] {
      #expect(path(name) == .outside(reason: reason), "\(name)")
    }
  }

  /// The folder itself may be the working one, or be reached by a link.
  @Test func folders() throws {
    #expect(FileSystem.path(of: "no-such-data", inFolderOf: "model") == .inside("no-such-data"))
    let folder = try TemporaryFolder()
    try folder.write([1], to: "in/data")
    try folder.link("link", to: "in")
    let found = FileSystem.path(of: "data", inFolderOf: "\(folder.path)/link/model")
    if case .inside(let path) = found {
      #expect(path.hasSuffix("/in/data"))
    } else {
      Issue.record("refused")
    }
  }
}
