import Foundation
import Testing

@testable import RowwiseCommand

/// Names of files and folders that would move a terminal's cursor: every message escapes them.
struct HarmfulNamesTests {
  private static let name = "o\u{1B}[2Jne\n"
  private static let escaped = "o\\u{1B}[2Jne\\n"

  @Test("A folder with one class, whose names hold control characters")
  func oneClass() throws {
    let place = try Workplace()
    try place.writePicture("\(Self.name)/cl\tass/1.png", value: 1)
    let run = try place.rowwise("train", Self.name)
    #expect(
      run.errors
        == "rowwise: \(Self.escaped): images of 1 class (cl\\tass); at least 2 are needed\n")
    #expect(run.status == CommandStatus.badData.rawValue)
  }

  @Test("Paths that are not there or are no pictures")
  func paths() throws {
    let place = try Workplace()
    let missing = try place.rowwise("inspect", Self.name)
    #expect(missing.errors.hasPrefix("rowwise: \(Self.escaped): no such file or folder"))
    #expect(missing.errors.split(separator: "\n").count == 1)
    try place.write(Data("text".utf8), to: Self.name + ".png")
    let text = try place.rowwise("inspect", Self.name + ".png")
    #expect(text.errors.hasPrefix("rowwise: \(Self.escaped).png: not a picture"))
    try place.folder.folder("empty\u{202E}")
    let empty = try place.rowwise("train", "empty\u{202E}")
    #expect(empty.errors.hasPrefix("rowwise: empty\\u{202E}: no images"))
    for run in [missing, text, empty] { #expect(!run.errors.contains("\u{1B}")) }
  }

  @Test("Files that are left out of a data set")
  func warnings() throws {
    let place = try Workplace()
    for (label, value) in [("a", 10), ("b", 250)] {
      for number in 0..<4 {
        try place.writePicture("data/\(label)/\(number).png", value: UInt8(value + number % 2))
      }
    }
    try place.write(Data("text".utf8), to: "data/a/\(Self.name).png")
    let run = try place.rowwise("train", "data", "--epochs", "1", "--layers", "lstm:32")
    #expect(run.errors.contains("warning: 1 image was left out because it cannot be read:\n"))
    #expect(run.errors.contains("warning:   data/a/\(Self.escaped).png: not a picture"))
    #expect(!run.errors.contains("\u{1B}"))
  }
}
