import Foundation
import Testing

@testable import RowwiseCommand

/// One process at a time trains in a run folder.
struct RunLockTests {
  @Test func theSecondIsRefused() throws {
    let place = try Workplace()
    let first = try RunLock(folder: place.path)
    #expect(throws: CommandError.runInUse(path: place.path)) { try RunLock(folder: place.path) }
    withExtendedLifetime(first) {}
    #expect(place.contents.isEmpty)
  }

  @Test func itEndsWithItsObject() throws {
    let place = try Workplace()
    for _ in 0..<2 { _ = try RunLock(folder: place.path) }
    #expect(
      throws: CommandError.cannotCreateFolder(path: "\(place.path)/none", code: ENOENT)
    ) { try RunLock(folder: "\(place.path)/none") }
  }

  @Test(arguments: [["--resume", "run"], ["digits", "--output", "run"]])
  func theCommandNamesTheFolder(arguments: [String]) throws {
    let place = try Workplace()
    if arguments[0] == "--resume" {
      let run = try place.rowwise(
        "train", "digits", "--epochs", "1", "--layers", "lstm:4", "--quiet", "--output", "run")
      try #require(run.status == 0, "\(run.errors)")
    } else {
      try FileManager.default.createDirectory(
        atPath: "\(place.path)/run", withIntermediateDirectories: false)
    }
    let before = place.contents
    let lock = try RunLock(folder: "\(place.path)/run")
    let second = try ToolRun(["train"] + arguments + ["--quiet"], in: place.path)
    withExtendedLifetime(lock) {}
    #expect(second.status == CommandStatus.cannotCreateOutput.rawValue)
    #expect(
      second.errors == "rowwise: run: another process is training in this folder; wait for its end "
        + "or stop it, then resume, or name a new folder\n")
    #expect(place.contents == before)
  }

  /// A killed process leaves no lock: the system takes it back.
  @Test func killedProcessesLeaveNone() throws {
    let place = try Workplace()
    let run = try ToolRun(
      ["train", "digits", "--epochs", "10000", "--layers", "lstm:4", "--quiet", "--output", "run"],
      in: place.path
    ) { process in
      let path = "\(place.path)/run"
      let deadline = Date(timeIntervalSinceNow: 20)
      func isLocked() -> Bool {
        do {
          _ = try RunLock(folder: path)
          return false
        } catch { return error == .runInUse(path: path) }
      }
      while !isLocked(), Date() < deadline { usleep(1_000) }
      #expect(isLocked())
      kill(process.processIdentifier, SIGKILL)
    }
    #expect(run.status == SIGKILL)
    _ = try RunLock(folder: "\(place.path)/run")
  }
}
