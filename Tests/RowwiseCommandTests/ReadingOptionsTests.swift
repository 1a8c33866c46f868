import Foundation
import RowwiseImageDecoding
import Testing

@testable import RowwiseCommand

/// `--lenient`, wherever image files are read.
struct ReadingOptionsTests {
  /// Pictures of noise, dark and light, one of which ends early and one within its first row.
  private static func makePlace() throws -> Workplace {
    let place = try Workplace()
    var state: UInt32 = 1
    func picture(_ level: UInt32) throws -> [UInt8] {
      let pixels = (0..<32 * 32).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(level + state >> 26)
      }
      return try PNGWriter.encode(
        DecodedImage(width: 32, height: 32, channels: 1, pixels: pixels))
    }
    for number in 0..<6 {
      try place.write(Data(try picture(0)), to: "data/dark/\(number).png")
      try place.write(Data(try picture(190)), to: "data/light/\(number).png")
    }
    let whole = try picture(190)
    try place.write(Data(whole.prefix(whole.count / 2)), to: "data/light/cut.png")
    try place.write(Data(whole.prefix(60)), to: "data/light/stump.png")
    return place
  }

  private static var inPart: Regex<Substring> {
    /only 1[0-9] rows could be read: truncated PNG: the file ends after 1[0-9] of 32 rows\n/
  }

  @Test("Training leaves truncated files out, or reads what there is of them")
  func training() throws {
    let place = try Self.makePlace()
    let arguments = ["train", "data", "--epochs", "1", "--layers", "lstm:32", "--seed", "1"]
    let strict = try ToolRun(arguments + ["--output", "strict"], in: place.path)
    #expect(strict.errors.contains("warning: 2 images were left out because they cannot be read:"))
    #expect(strict.errors.contains("read it leniently to keep those rows"))
    #expect(!strict.errors.contains("read in part"))
    let lenient = try ToolRun(
      arguments + ["--output", "lenient", "--lenient"], in: place.path)
    #expect(lenient.errors.contains("warning: 1 image was left out because it cannot be read:"))
    #expect(lenient.errors.contains("stump.png: truncated PNG: the file ends after 0 of 32 rows"))
    #expect(lenient.errors.contains("warning: 1 image was read in part:"))
    #expect(lenient.errors.contains(Self.inPart))
    #expect(try place.text("strict/config.json").contains("\"lenient\": false"))
    #expect(try place.text("lenient/config.json").contains("\"lenient\": true"))

    let judged = try place.rowwise("evaluate", "lenient", "data", "--lenient")
    #expect(judged.errors.contains(Self.inPart))
    #expect(judged.status == 1)  // One is left out even so.
    let model = "lenient/model.safetensors"
    let refused = try place.rowwise("classify", model, "data/light/cut.png")
    #expect(refused.status == CommandStatus.badData.rawValue)
    let classified = try place.rowwise("classify", model, "data/light/cut.png", "--lenient")
    #expect(classified.status == 0)
    #expect(classified.output.hasPrefix("data/light/cut.png  "))
    #expect(!classified.output.contains("error"))
    #expect(classified.errors.hasPrefix("warning: data/light/"))
    #expect(classified.errors.contains(Self.inPart))
    let stump = try place.rowwise("classify", model, "data/light/stump.png", "--lenient")
    #expect(stump.status == CommandStatus.badData.rawValue)
  }

  @Test("Inspecting a picture and a folder")
  func inspecting() throws {
    let place = try Self.makePlace()
    let strict = try place.rowwise("inspect", "data/light/cut.png")
    #expect(strict.status == CommandStatus.badData.rawValue)
    let lenient = try place.rowwise("inspect", "data/light/cut.png", "--lenient")
    #expect(lenient.status == 0)
    #expect(lenient.errors.contains(Self.inPart))
    #expect(lenient.output.contains("problem         only 1"))
    let folder = try place.rowwise("inspect", "data", "--lenient", "--format", "json")
    #expect(folder.status == 1)
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(folder.output.utf8)) as? [String: Any])
    let files = try #require(json["files"] as? [String: Any])
    #expect((files["damaged"] as? [[String: String]])?.map { $0["path"] } == ["data/light/cut.png"])
    #expect((files["unreadable"] as? [Any])?.count == 1)
  }
}
