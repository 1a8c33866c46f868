import Foundation
import RowwiseFiles
import RowwiseImageDecoding
import RowwiseTexts
import Testing

@testable import RowwiseCommand

/// Files whose names are no UTF-8, as ISO 8859-1 makes them.
@Suite struct OtherBytesTests {
  /// Two classes of six pictures, one in a folder "caf\xE9", each with that in its name.
  private func place() throws -> Workplace {
    let place = try Workplace()
    let name = PathText.text([0x63, 0x61, 0x66, 0xE9])
    for folder in ["data", "data/\(name)", "data/plain"] {
      try #require(SystemPath.mkdir("\(place.path)/\(folder)") == 0)
    }
    for index in 0..<6 {
      for (folder, value) in [(name, index), ("plain", 200 + index)] {
        let pixels = [UInt8](repeating: UInt8(value), count: 64)
        try AtomicFile.write(
          PNGWriter.encode(DecodedImage(width: 8, height: 8, channels: 1, pixels: pixels)),
          toPath: "\(place.path)/data/\(folder)/\(name)-\(index).png")
      }
    }
    return place
  }

  @Test func areReadAndShown() throws {
    let place = try place()
    let inspected = try place.rowwise("inspect", "data")
    #expect(inspected.status == 0, "\(inspected.errors)")
    #expect(inspected.output.contains("caf\\xE9") && inspected.output.contains("12 samples"))
    let trained = try place.rowwise(
      "train", "data", "--layers", "lstm:4", "--recipe", "keras", "--epochs", "2", "--output", "m")
    #expect(trained.status == 0, "\(trained.errors)")
    for format in ["table", "csv"] {
      let run = try place.rowwise("classify", "m", "data", "--format", format)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains("data/caf\\xE9/caf\\xE9-3.png"), "\(run.output)")
    }
    let json = try place.rowwise("classify", "m", "data", "--format", "jsonl")
    let paths = try json.output.split(separator: "\n").map {
      try #require(
        try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])["path"] as? String
    }
    #expect(
      paths.first
        == PathText.text(
          Array("data/caf".utf8) + [0xE9] + Array("/caf".utf8) + [0xE9] + Array("-0.png".utf8)))
    let evaluated = try place.rowwise("evaluate", "m", "data", "--report", "r")
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    #expect(try place.text("r/confusion.csv").contains("caf\\xE9"))
  }

  /// What is written about files leads back to them, in every form.
  @Test func outputsCanBeFedBack() throws {
    let place = try place()
    let trained = try place.rowwise(
      "train", "data", "--layers", "lstm:4", "--recipe", "keras", "--epochs", "2", "--output", "m")
    #expect(trained.status == 0, "\(trained.errors)")
    let names = PathText.text([0x63, 0x61, 0x66, 0xE9])
    let csv = try place.rowwise("classify", "m", "data", "--format", "csv").output
    let paths = csv.split(separator: "\n").dropFirst().compactMap { $0.split(separator: ",").first }
    #expect(paths.count == 12 && paths[0] == "data/caf\\xE9/caf\\xE9-0.png")
    // As standard input, as arguments and as a list.
    let rows = try place.rowwise(
      "classify", "m", "-", "--format", "csv", input: paths.joined(separator: "\n") + "\n")
    #expect(rows.status == 0 && rows.output == csv, "\(rows.errors)\(rows.output)")
    let scalars = try place.rowwise(
      "classify", "m", "-", "--format", "csv", input: "data/\(names)/\(names)-0.png\n")
    #expect(scalars.status == 0, "\(scalars.errors)")
    let argument = try place.rowwise("classify", "m", String(paths[0]), "--format", "csv")
    #expect(argument.output == scalars.output && argument.status == 0, "\(argument.errors)")
    let list = paths.map { "\($0),\($0.contains("plain") ? "plain" : "caf\\xE9")\n" }.joined()
    try place.write(Data(("path,label\n" + list).utf8), to: "list.csv")
    let evaluated = try place.rowwise("evaluate", "m", "list.csv", "--format", "json")
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    let whole = try place.rowwise("evaluate", "m", "data", "--format", "json")
    func accuracy(_ run: ToolRun) throws -> Double? {
      (try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])?["accuracy"]
        as? Double
    }
    #expect(try accuracy(evaluated) == accuracy(whole))
  }

  /// Paths that come as bytes, one in each row.
  @Test func areReadFromRows() throws {
    let bytes = Array("a/b".utf8) + [0xE9, 0x0A] + Array("c\n".utf8)
    var pipe: [Int32] = [0, 0]
    try #require(Foundation.pipe(&pipe) == 0)
    try #require(write(pipe[1], bytes, bytes.count) == bytes.count)
    close(pipe[1])
    var rows = StandardInputRows(descriptor: pipe[0])
    #expect(rows.next() == [PathText.text(Array("a/b".utf8) + [0xE9]), "c"])
    close(pipe[0])
  }
}
