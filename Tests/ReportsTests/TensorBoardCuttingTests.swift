import Foundation
import Testing

import RowwiseFiles

@testable import RowwiseReports

/// Events of a part of a run that is done once more are there once.
@Suite struct TensorBoardCuttingTests {
  private func folder() throws -> URL {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("rowwise-events-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }

  private func bytes(_ folder: URL) throws -> [[UInt8]] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
      [UInt8](try Data(contentsOf: folder.appendingPathComponent($0)))
    }
  }

  private func write(_ steps: [Int], to folder: URL, time: Double) throws {
    let events = try TensorBoardEvents(folder: folder.path, time: time, firstStep: 0)
    for step in steps {
      try events.add([("loss", .scalar(Float(step)))], step: step, time: Double(step))
    }
  }

  @Test func laterEventsGo() throws {
    let (whole, part) = (try folder(), try folder())
    defer {
      for url in [whole, part] { try? FileManager.default.removeItem(at: url) }
    }
    try write([0, 1, 2, 300, 301, 70_000], to: whole, time: 1)
    try write([0, 1, 2, 300], to: part, time: 1)
    // A record that a kill has cut off.
    let path = try #require(try FileManager.default.contentsOfDirectory(atPath: whole.path).first)
    let file = try FileHandle(forWritingTo: whole.appendingPathComponent(path))
    try file.seekToEnd()
    try file.write(contentsOf: [9, 0, 0, 0, 0, 0, 0, 0, 1, 2])
    try file.close()
    try TensorBoardEvents.cut(folder: whole.path, after: 300)
    #expect(try bytes(whole) == bytes(part))
    try TensorBoardEvents.cut(folder: whole.path, after: 300)
    #expect(try bytes(whole) == bytes(part))
    try TensorBoardEvents.cut(folder: whole.path, after: -1)
    #expect(try bytes(whole).isEmpty)
  }

  @Test func otherFilesStay() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data([1, 2, 3]).write(to: folder.appendingPathComponent("notes.rowwise"))
    try TensorBoardEvents.cut(folder: folder.path, after: -1)
    #expect(try bytes(folder) == [[1, 2, 3]])
    try TensorBoardEvents.cut(folder: folder.path + "/nothing", after: 1)
  }

  @Test func leftoversOfTheDeadGo() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    // No process has that number: Linux gives at most 2²² − 1.
    for name in [
      ".config.json.9999999-0.partial", ".a.\(getpid())-0.partial", ".x.partial", "kept",
    ] {
      try Data([1]).write(to: folder.appendingPathComponent(name))
    }
    AtomicFile.removeLeftovers(in: folder.path)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(left == [".a.\(getpid())-0.partial", "kept"])
    // Who is alone there knows that an earlier process of the same number left it.
    AtomicFile.removeLeftovers(in: folder.path, isAlone: true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["kept"])
  }
}
