import Foundation
import TestSupport
import Testing

@testable import RowwiseCommand

/// Files are what their bytes are, whatever they are called.
struct FilesByTheirBytesTests {
  private static let webp = Data("RIFF\u{10}\0\0\0WEBPVP8 ".utf8)
  private static let lfs = Data("version https://git-lfs.github.com/spec/v1\noid sha256:0\n".utf8)

  /// Two classes with six pictures each, without extensions.
  private func place() throws -> Workplace {
    let place = try Workplace()
    for index in 0..<6 {
      try place.writePicture("data/a/\(index)", value: UInt8(index))
      try place.writePicture("data/b/\(index)", value: UInt8(200 + index))
    }
    return place
  }

  private func train(_ place: Workplace, _ data: String) throws -> ToolRun {
    try place.rowwise(
      "train", data, "--epochs", "1", "--layers", "lstm:2", "--output", "run-\(data)")
  }

  @Test func picturesNeedNoExtension() throws {
    let place = try place()
    let run = try train(place, "data")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("data: 10 images to train on, 2 to validate by, 2 classes"))
    #expect(run.errors.contains("\nclasses: a, b\n"))
    let classified = try place.rowwise("classify", "run-data", "data", "--format", "csv")
    #expect(classified.output.split(separator: "\n").count == 13)
    let inspected = try place.rowwise("inspect", "data")
    #expect(inspected.output.contains("12 pictures"))
  }

  @Test func formatsThatAreNotReadAreNamed() throws {
    let place = try place()
    #expect(try train(place, "data").status == 0)
    try place.write(Self.webp, to: "data/a/x.webp")
    try place.write(Data("GIF89a".utf8), to: "data/a/y.gif")
    try place.write(Self.lfs, to: "data/b/z.png")
    try place.write(Data("hello".utf8), to: "data/b/notes.txt")
    try place.write(Data("<html>".utf8), to: "data/b/index.html")
    let mixed = try place.rowwise(
      "train", "data", "--epochs", "1", "--layers", "lstm:2", "--output", "mixed")
    #expect(mixed.status == CommandStatus.someInputsFailed.rawValue)
    #expect(mixed.errors.contains("3 images were left out because they cannot be read"))
    #expect(
      mixed.errors.contains(
        "data/a/x.webp: a WebP file, which is not read; convert it to PNG or JPEG"))
    #expect(mixed.errors.contains("ignored: 2 (data/b/index.html, data/b/notes.txt)"))
    let run = try place.rowwise("classify", "run-data", "data", "--format", "csv")
    #expect(run.status == CommandStatus.someInputsFailed.rawValue)
    #expect(run.output.split(separator: "\n").count == 16)
    #expect(run.output.contains("a GIF file, which is not read"))
    #expect(
      run.output.contains("a Git LFS pointer, not the file itself; fetch it with git lfs pull"))
    #expect(run.errors.contains("passed over 2 files that are no images"))
  }

  @Test func foldersOfFormatsThatAreNotReadSayHowMany() throws {
    let place = try place()
    for name in ["a/1", "a/2", "b/1"] { try place.write(Self.webp, to: "webp/\(name).webp") }
    let run = try train(place, "webp")
    #expect(run.status == CommandStatus.badData.rawValue)
    #expect(
      run.errors == "rowwise: webp: none of 3 images can be read; the first: (found: 3 WebP) "
        + "webp/a/1.webp: a WebP file, which is not read; convert it to PNG or JPEG\n")
    let inspected = try place.rowwise("inspect", "webp")
    #expect(inspected.output.contains("3 pictures"), "\(inspected.output)")
    let single = try place.rowwise("inspect", "webp/a/1.webp")
    #expect(single.errors.contains("a WebP file, which is not read"))
  }

  @Test func textThatIsNamedAsAPictureIsNamed() throws {
    let place = try place()
    #expect(try train(place, "data").status == 0)
    try place.write(Data("<!DOCTYPE html>\n<html>404".utf8), to: "html.jpg")
    try place.write(Data("iVBORw0KGgoAAAANSUhEUgAA".utf8), to: "b64.png")
    try place.write(Data("<?xml version=\"1.0\"?><svg/>".utf8), to: "drawing.svg")
    try place.write(Data("PK\u{3}\u{4}".utf8), to: "cats.png")
    for (name, text) in [
      ("html.jpg", "an HTML page, no picture; a server sent it instead, get the file again"),
      ("b64.png", "base64 text, no picture yet; decode it with base64 -d"),
      ("drawing.svg", "an XML (perhaps SVG) file, which is not read; convert it to PNG or JPEG"),
      ("cats.png", "a ZIP file, which is no picture; unpack it"),
    ] {
      let run = try place.rowwise("classify", "run-data", name)
      #expect(run.errors.contains("\(name): \(text)"), "\(run.errors)")
      #expect(run.status == CommandStatus.badData.rawValue)
    }
    for name in ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"] {
      try place.write(Data("<html>404 not found at all, sorry</html>".utf8), to: "html/\(name)")
    }
    let run = try place.rowwise("train", "html")
    #expect(run.errors.contains("-images-idx3-ubyte.gz: an HTML page, no picture"), "\(run.errors)")
  }

  @Test func classifyGoesOnWithoutAFolderOfNothing() throws {
    let place = try place()
    #expect(try train(place, "data").status == 0)
    try place.folder.folder("empty")
    let run = try place.rowwise("classify", "run-data", "empty", "data/a", "--format", "csv")
    #expect(run.status == CommandStatus.someInputsFailed.rawValue)
    #expect(run.output.split(separator: "\n").count == 7)
    #expect(run.errors.contains("empty: no PNG, JPEG, PNM or BMP file in this folder"))
  }

  @Test func tablesForExcel() throws {
    let place = try Workplace()
    for index in 0..<6 {
      try place.writePicture("data/=cmd/\(index).png", value: UInt8(index))
      try place.writePicture("data/caf\u{E9}/\(index).png", value: UInt8(200 + index))
    }
    #expect(try train(place, "data").status == 0)
    let run = try place.rowwise(
      "evaluate", "run-data", "data", "--report", "report", "--csv-style", "excel")
    #expect(run.status == 0, "\(run.errors)")
    for name in ["confusion.csv", "predictions.csv"] {
      let bytes = try place.bytes("report/\(name)")
      #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]), "\(name)")
      #expect(try place.text("report/\(name)").contains("'=cmd"), "\(name)")
    }
    let classified = try place.rowwise(
      "classify", "run-data", "data", "--format", "csv", "--csv-style", "excel")
    #expect(classified.output.hasPrefix("\u{FEFF}path,"))
    #expect(!classified.output.contains(",=cmd"))
    for arguments in [["classify", "run-data", "data"], ["evaluate", "run-data", "data"]] {
      let refused = try place.rowwise(arguments + ["--csv-style", "excel"])
      #expect(refused.status == CommandStatus.usage.rawValue)
      #expect(refused.errors.contains("--csv-style goes with --format csv"))
    }
  }

  /// Tables, arrays and archives are classified by their pictures, in the order of the arguments.
  @Test func filesOfManyPicturesAreClassified() throws {
    let place = try place()
    #expect(try train(place, "data").status == 0)
    let pixels = { (value: Int) in (0..<64).map { _ in "\(value)" }.joined(separator: ",") }
    try place.write(Data((pixels(3) + "\n" + pixels(203) + "\n").utf8), to: "test.csv")
    try place.write(
      Data(ArchiveBytes.npy("|u1", [2, 8, 8], [UInt8](repeating: 3, count: 128))), to: "x.npy")
    let picture = [UInt8](try place.bytes("data/a/3"))
    try place.write(Data(ArchiveBytes.zip([("in/1.png", picture)])), to: "some.zip")
    let run = try place.rowwise(
      "classify", "run-data", "x.npy", "data/a/3", "test.csv", "some.zip", "--format", "csv")
    #expect(run.status == 0, "\(run.errors)")
    let rows = run.output.split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
    }
    #expect(
      rows.map(\.first) == [
        "x.npy#0", "x.npy#1", "data/a/3", "test.csv#0", "test.csv#1", "some.zip/in/1.png",
      ])
    #expect(Set([0, 1, 2, 3, 5].map { rows[$0].dropFirst().joined(separator: ",") }).count == 1)
    let refused = try place.rowwise("evaluate", "run-data", "test.csv")
    #expect(refused.status == CommandStatus.badData.rawValue)
    #expect(refused.errors.contains("pictures without labels; rowwise classify MODEL test.csv"))
  }
}
