import Foundation
import RowwiseImageDecoding
import TestSupport
import Testing

@testable import RowwiseCommand

/// Animated PNG and multi-picture JPEG: the first picture is used, and that is said.
@Suite struct SeveralPicturesCommandTests {
  private func place() throws -> Workplace {
    let place = try Workplace()
    for index in 0..<6 {
      try place.writePicture("data/a/\(index).png", value: UInt8(index))
      try place.writePicture("data/b/\(index).png", value: UInt8(200 + index))
    }
    let png = Array(try place.bytes("data/a/3.png"))
    try place.write(Data(SeveralPictures.animated(png, frames: 5)), to: "data/a/3.png")
    try place.write(
      Data(SeveralPictures.multiPicture(SeveralPictures.grayJPEG, types: [0x03_0000, 0x02_0002])),
      to: "data/b/7.jpg")
    return place
  }

  @Test func itIsSaidOnce() throws {
    let place = try place()
    let note =
      "files of several pictures (animated PNG, multi-picture JPEG), of which the first is read: 2 "
      + "(data/a/3.png, data/b/7.jpg)"
    let trained = try place.rowwise(
      "train", "data", "--epochs", "1", "--layers", "lstm:2", "--output", "m")
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(trained.errors.components(separatedBy: note).count == 2, "\(trained.errors)")
    let evaluated = try place.rowwise("evaluate", "m", "data")
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    #expect(evaluated.errors.components(separatedBy: note).count == 2, "\(evaluated.errors)")
    let classified = try place.rowwise("classify", "m", "data", "--format", "jsonl")
    #expect(classified.status == 0, "\(classified.errors)")
    #expect(
      classified.errors.contains(
        "2 of 13 images are files of several pictures (animated PNG, multi-picture JPEG), of which "
          + "the first is read\n"), "\(classified.errors)")
    let rows = classified.output.split(separator: "\n")
    #expect(rows.count == 13 && rows[3].contains("\"pictures\":5"), "\(rows)")
    #expect(rows.count { $0.contains("\"pictures\"") } == 2)
    let quiet = try place.rowwise("classify", "m", "data", "--quiet")
    #expect(quiet.errors == "", "\(quiet.errors)")
    // The first picture is what a file with no other has.
    let plain = try place.rowwise("classify", "m", "data/a/2.png", "data/a/3.png")
    #expect(plain.errors.contains("1 of 2 images is a file of several pictures"))
  }

  @Test func inspectShowsIt() throws {
    let place = try place()
    let single = try place.rowwise("inspect", "data/a/3.png")
    #expect(single.output.contains("\npictures        5 in the file, of which the first is read\n"))
    let json = try place.rowwise("inspect", "data/b/7.jpg", "--format", "json")
    #expect(json.output.contains("\"pictures\": 2"))
    let plain = try place.rowwise("inspect", "data/a/2.png", "--format", "json")
    #expect(plain.output.contains("\"pictures\": 1"))
    let folder = try place.rowwise("inspect", "data")
    #expect(folder.output.contains("first of several  2\n"), "\(folder.output)")
    #expect(folder.output.contains("\n  data/a/3.png: 5 pictures\n"), "\(folder.output)")
    let found = try place.rowwise("inspect", "data", "--format", "json")
    #expect(found.output.contains("\"reason\": \"2 pictures\""))
  }
}
