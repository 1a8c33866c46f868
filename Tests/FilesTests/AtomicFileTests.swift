import Foundation
import RowwiseFiles
import TestSupport
import Testing

extension TemporaryFolder {
  /// Names of what is in the folder, hidden files included.
  fileprivate var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}

struct AtomicFileTests {
  @Test func writesAndReplaces() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/file.csv"
    try AtomicFile.write("first", toPath: path)
    #expect(FileManager.default.contents(atPath: path) == Data("first".utf8))
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    try AtomicFile.write([1, 2, 3], toPath: path)
    #expect(FileManager.default.contents(atPath: path) == Data([1, 2, 3]))
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o640)
    #expect(try folder.names == ["file.csv"])
  }

  @Test func leavesNothingBehindWhereItFails() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError.cannotWrite(path: folder.path, code: EISDIR)) {
      try AtomicFile.write("text", toPath: folder.path)
    }
    let missing = folder.path + "/no/file"
    #expect(throws: FileError.cannotWrite(path: missing, code: ENOENT)) {
      try AtomicFile.write("text", toPath: missing)
    }
    #expect(try folder.names.isEmpty)
  }

  /// A check finds what writing would, and changes nothing.
  @Test func checksBeforeWriting() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/file.csv"
    try AtomicFile.check(path: path)
    #expect(try folder.names.isEmpty)
    try AtomicFile.write("first", toPath: path)
    try AtomicFile.check(path: path)
    try AtomicFile.check(path: "/dev/null")
    #expect(FileManager.default.contents(atPath: path) == Data("first".utf8))
    #expect(try folder.names == ["file.csv"])
    for (bad, code) in [
      (folder.path, EISDIR), (folder.path + "/new/", EISDIR), (folder.path + "/no/file", ENOENT),
      (path + "/file", ENOTDIR), ("", ENOENT),
      (folder.path + "/" + String(repeating: "x", count: 300), ENAMETOOLONG),
    ] {
      #expect(throws: FileError.cannotWrite(path: bad, code: code)) {
        try AtomicFile.check(path: bad)
      }
      if !bad.isEmpty {
        #expect(throws: FileError.self) { try AtomicFile.write("text", toPath: bad) }
      }
    }
    #expect(try folder.names == ["file.csv"])
  }

  @Test(.enabled(if: geteuid() != 0, "permissions do not bind the superuser"))
  func checksPermissions() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
    let path = folder.path + "/file.csv"
    #expect(throws: FileError.cannotWrite(path: path, code: EACCES)) {
      try AtomicFile.check(path: path)
    }
  }

  /// Its permissions let the superuser write, the file system does not.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self"), "Linux has /proc"))
  func checksMoreThanPermissions() {
    #expect(throws: FileError.self) { try AtomicFile.check(path: "/proc/file.csv") }
  }

  /// A device must be written to, not be replaced by a file.
  @Test func writesToDevices() throws {
    try AtomicFile.write("text", toPath: "/dev/null")
    let attributes = try FileManager.default.attributesOfItem(atPath: "/dev/null")
    #expect(attributes[.type] as? FileAttributeType == .typeCharacterSpecial)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "Linux has /dev/full"))
  func saysThatTheDiskIsFull() {
    #expect(throws: FileError.cannotWrite(path: "/dev/full", code: ENOSPC)) {
      try AtomicFile.write("text", toPath: "/dev/full")
    }
    #expect(
      FileError.cannotWrite(path: "/dev/full", code: ENOSPC).description
        == "cannot write /dev/full: no space left on device")
  }
}
