import Foundation
import RowwiseDatasetLoading
import RowwiseImageDecoding
import RowwiseRowSequencing
import TestSupport
import Testing

@testable import RowwiseCommand

/// Images that are unlike those that a model was trained on: they are told, and options mend them.
@Suite(.serialized) struct PictureOptionsTests {
  /// A folder with a model of light digits on black, and digits as people bring them: a folder a kind with
  /// a table of paths and labels.
  private static let made = Result { try makePlace() }
  private var place: Workplace { get throws { try Self.made.get() } }
  private static let count = 60

  private static func makePlace() throws -> Workplace {
    let place = try Workplace()
    let run = try place.rowwise(
      "train", "digits", "--layers", "lstm:48", "--epochs", "12", "--output", "model", "--quiet")
    #expect(run.status == 0, "\(run.errors)")
    let layout = try DatasetLoader.locate("\(Repository.datasets)/digits")
    let test = try layout.load(.test)
    var tables: [String: String] = [:]
    func add(_ kind: String, _ index: Int, _ name: String, _ bytes: [UInt8]) throws {
      try place.write(Data(bytes), to: "\(kind)/\(name)")
      let label = test.classNames[Int(test.labels[index])]
      tables[kind, default: "path,label\n"] += "\(name),\(label)\n"
    }
    for index in 0..<count {
      let pixels = try test.pixels(at: index)
      let (width, height) = (test.width, test.height)
      func png(_ pixels: [UInt8], _ width: Int, _ height: Int) throws -> [UInt8] {
        try PNGWriter.encode(
          DecodedImage(width: width, height: height, channels: 1, pixels: pixels))
      }
      try add("plain", index, "\(index).png", png(pixels, width, height))
      try add("inverted", index, "\(index).png", png(pixels.map { 255 - $0 }, width, height))
      // In the middle of a picture five times as wide.
      var wide = [UInt8](repeating: 0, count: 5 * width * height)
      for (i, byte) in pixels.enumerated() {
        wide[i / width * 5 * width + 2 * width + i % width] = byte
      }
      try add("wide", index, "\(index).png", png(wide, 5 * width, height))
      let twelve = pixels.flatMap { [UInt8($0 >> 4), $0 << 4 | $0 >> 4] }
      try add(
        "twelve", index, "\(index).pgm", Array("P5\n\(width) \(height)\n65535\n".utf8) + twelve)
      // White, with the digit as its alpha: a 32-bit BMP with masks.
      try add("white", index, "\(index).bmp", bitmap(255, pixels, width, height))
      try add("black", index, "\(index).bmp", bitmap(0, pixels, width, height))
    }
    for (kind, table) in tables { try place.write(Data(table.utf8), to: "\(kind)/m.csv") }
    return place
  }

  /// A BMP file of one gray value, its alpha from `alpha`, with a version 4 header.
  private static func bitmap(
    _ value: UInt8, _ alpha: [UInt8], _ width: Int, _ height: Int
  ) -> [UInt8] {
    func little(_ value: Int, _ bytes: Int = 4) -> [UInt8] {
      (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let masks = [0xFF_0000, 0xFF00, 0xFF, 0xFF00_0000].flatMap { little($0) }
    // Top row first: the height is negative.
    let header =
      little(108) + little(width) + little(-height) + little(1, 2) + little(32, 2) + little(3)
      + little(4 * alpha.count) + little(2835) + little(2835) + little(0) + little(0) + masks
      + [UInt8](repeating: 0, count: 108 - 56)
    let pixels = alpha.flatMap { [value, value, value, $0] }
    let file = little(14 + header.count + pixels.count)
    return Array("BM".utf8) + file + little(0) + little(14 + header.count) + header + pixels
  }

  private struct Metrics: Decodable {
    let accuracy: Double
    let unusual: [String: Int]
    let inverted: Int
  }

  private func evaluate(_ kind: String, _ options: String...) throws -> (Metrics, errors: String) {
    let run = try place.rowwise(
      ["evaluate", "model", "\(kind)/m.csv", "--format", "json"] + options)
    #expect(run.status == 0, "\(run.errors)")
    return (try JSONDecoder().decode(Metrics.self, from: Data(run.output.utf8)), run.errors)
  }

  @Test func ordinaryImagesAreNotTold() throws {
    let (plain, errors) = try evaluate("plain")
    #expect(errors.isEmpty && plain.unusual == ["samples": 0] && plain.inverted == 0)
    #expect(plain.accuracy > 0.8, "\(plain.accuracy)")
    for options in [["--invert", "auto"], ["--background", "auto"], ["--range", "auto"]] {
      let run = try place.rowwise(
        ["evaluate", "model", "plain/m.csv", "--format", "json"] + options)
      let again = try JSONDecoder().decode(Metrics.self, from: Data(run.output.utf8))
      #expect(again.accuracy == plain.accuracy && run.errors.isEmpty, "\(options)")
    }
  }

  /// Case: black ink on white paper against a model of light digits on black.
  @Test func invertedDigits() throws {
    let (plain, _) = try evaluate("plain")
    let (wrong, errors) = try evaluate("inverted")
    #expect(wrong.accuracy < 0.5)
    #expect(
      errors == """
        warning: 60 of 60 images are unlike those that the model was trained on (60 inverted?); \
        --invert auto exchanges light and dark of such

        """)
    let (mended, told) = try evaluate("inverted", "--invert", "auto")
    #expect(mended.accuracy == plain.accuracy && mended.inverted == 60)
    #expect(told == "inverted: 60 of 60 images (--invert auto)\n")
    #expect(try evaluate("inverted", "--invert", "yes").0.accuracy == plain.accuracy)
    // One picture, each way it is written, also as it comes.
    let path = "inverted/3.png"
    let row = try place.rowwise("classify", "model", path, "--format", "jsonl")
    #expect(row.output.contains("\"unusual\":\"inverted?\"") && row.errors.contains("inverted?"))
    let auto = ["--format", "jsonl", "--invert", "auto"]
    let mendedRow = try place.rowwise(["classify", "model", path] + auto)
    #expect(mendedRow.output.contains("\"inverted\":true"), "\(mendedRow.output)")
    #expect(!mendedRow.output.contains("unusual"))
    func members(_ output: String) throws -> NSDictionary? {
      try JSONSerialization.jsonObject(with: Data(output.utf8)) as? NSDictionary
    }
    let original = try members(
      place.rowwise("classify", "model", "plain/3.png", "--format", "jsonl").output)
    #expect(try members(mendedRow.output)?["top"] as? NSArray == original?["top"] as? NSArray)
    let streamed = try place.rowwise(["classify", "model", "--stream", path] + auto)
    #expect(try members(streamed.output)?["top"] as? NSArray == original?["top"] as? NSArray)
    #expect(streamed.output.contains("\"whole_image_reasons\":[\"invert auto\"]"))
    let refused = try place.rowwise(
      ["classify", "model", "--stream", "--require-streaming", path] + auto)
    #expect(
      refused.status == CommandStatus.badData.rawValue && refused.errors.contains("invert auto"))
    let table = try place.rowwise("classify", "model", path, "--format", "csv", "--invert", "auto")
    #expect(table.output.hasPrefix("path,prediction,"))
    #expect(
      table.output.contains(",error,unusual,inverted\n") && table.output.hasSuffix(",,true\n"))
    let report = try place.rowwise(
      "evaluate", "model", "inverted/m.csv", "--report", "report", "--quiet")
    #expect(report.status == 0)
    #expect(try place.text("report/predictions.csv").contains(",inverted?,false\n"))
    #expect(try place.text("report/report.html").contains("60 (60 inverted?)"))
  }

  /// Case: digits on nothing. Over white they vanish, or are inverted.
  @Test func transparentDigits() throws {
    let (plain, _) = try evaluate("plain")
    let (blank, errors) = try evaluate("white")
    #expect(blank.unusual["constant"] == 60 && errors.contains("--background auto"), "\(errors)")
    let (mended, told) = try evaluate("white", "--background", "auto")
    #expect(mended.accuracy == plain.accuracy, "\(told)")
    #expect(told.contains("black behind them: 60 of 60 images"))
    #expect(try evaluate("white", "--background", "black").0.accuracy == plain.accuracy)
    let (inverted, _) = try evaluate("black", "--background", "auto")
    #expect(inverted.unusual["inverted?"] == 60)
    #expect(
      try evaluate("black", "--background", "auto", "--invert", "auto").0.accuracy
        == plain.accuracy)
    // Streamed pictures are read the same.
    let whole = try place.rowwise(
      "classify", "model", "white/1.bmp", "--background", "auto", "--format", "jsonl")
    #expect(whole.output.contains("\"background\":\"black\""))
    // Who trains on what vanishes is told.
    let run = try place.rowwise(
      "train", "white/m.csv", "--epochs", "1", "--layers", "lstm:2", "--output", "vanished")
    #expect(run.errors.contains("100 % of the training images are of one colour"), "\(run.errors)")
    #expect(run.errors.contains("--background auto"))
    let seen = try place.rowwise(
      "train", "white/m.csv", "--epochs", "1", "--layers", "lstm:2", "--background", "auto",
      "--output", "seen")
    #expect(seen.status == 0 && !seen.errors.contains("one colour"), "\(seen.errors)")
    #expect(try place.rowwise("inspect", "seen").output.contains("background auto"))
  }

  /// Case: 12 bits in 16.
  @Test func twelveBits() throws {
    let (dark, errors) = try evaluate("twelve")
    #expect(dark.unusual["range?"] == 60 && errors.contains("--range auto"), "\(errors)")
    let (mended, told) = try evaluate("twelve", "--range", "auto")
    #expect(told == "white is 4095 in 60 of 60 images (--range auto)\n")
    #expect(mended.accuracy == (try evaluate("plain").0.accuracy))
    #expect(mended.unusual == ["samples": 0])
    let seen = try place.rowwise("inspect", "twelve/0.pgm").output
    #expect(
      seen.contains("16 bits") && seen.contains("4095 of 65535; with --range auto white is 4095"),
      "\(seen)")
    let json = try place.rowwise("inspect", "twelve/0.pgm", "--format", "json").output
    #expect(json.contains("\"greatest_value\": 4095"))
  }

  /// Case: digits in the middle of pictures five times as wide.
  @Test func widePictures() throws {
    let (wide, errors) = try evaluate("wide")
    #expect(wide.unusual["shape"] == 60 && errors.contains("--fit crop"), "\(errors)")
    let row = try place.rowwise("classify", "model", "wide/0.png", "--format", "jsonl")
    #expect(row.output.contains("shape 5:1, trained on 1:1"), "\(row.output)")
    let plain = try evaluate("plain").0.accuracy
    #expect(try evaluate("wide", "--fit", "crop").0.accuracy == plain)
    let (boxed, told) = try evaluate("wide", "--fit", "letterbox")
    #expect(boxed.unusual["shape"] == nil && !told.contains("shape"))
    #expect(try evaluate("wide", "--trim").0.unusual["shape"] == nil)
  }

  /// What `train` is told is in the model: it is shown, kept by --from, and exported or refused by name.
  @Test func theModelKeepsIt() throws {
    let place = try place
    let run = try place.rowwise(
      "train", "inverted/m.csv", "--epochs", "1", "--layers", "lstm:3", "--invert", "yes", "--fit",
      "crop", "--trim", "--output", "both")
    #expect(
      run.status == CommandStatus.usage.rawValue
        && run.errors.contains("--trim keeps proportions by itself"))
    for (name, options) in [
      ("turned", ["--invert", "yes"]), ("auto", ["--invert", "auto"]), ("trimmed", ["--trim"]),
    ] {
      let run = try place.rowwise(
        ["train", "inverted/m.csv", "--epochs", "1", "--layers", "lstm:3", "--output", name]
          + options)
      #expect(run.status == 0, "\(run.errors)")
    }
    let shown = try place.rowwise("inspect", "turned", "--format", "json").output
    #expect(shown.contains("\"invert\": \"yes\"") && shown.contains("\"constant_share\": 0"))
    // The same preprocessing, so that nothing is unusual, and all are inverted.
    let turned = try place.rowwise("evaluate", "turned", "inverted/m.csv", "--format", "json")
    #expect(turned.errors.isEmpty && turned.output.contains("\"inverted\": 60"))
    let next = try place.rowwise(
      "train", "inverted/m.csv", "--epochs", "1", "--from", "turned", "--output", "next")
    #expect(next.status == 0, "\(next.errors)")
    #expect(try place.text("next/config.json").contains("\"invert\": \"yes\""))
    let graph = try place.rowwise("export", "turned", "--output", "t.onnx", "--preprocessing")
    #expect(graph.status == 0, "\(graph.errors)")
    for (name, option) in [("auto", "--invert auto"), ("trimmed", "--trim")] {
      let refused = try place.rowwise("export", name, "--output", "n.onnx", "--preprocessing")
      #expect(refused.status == CommandStatus.badData.rawValue, "\(refused.errors)")
      #expect(refused.errors.contains("\(option): a graph that takes pictures cannot do that"))
      #expect(try place.rowwise("export", name, "--output", "\(name).onnx").status == 0)
    }
  }

  /// A model without statistics, as of earlier versions, cannot tell; one of few images neither.
  @Test func autoNeedsStatistics() throws {
    let place = try place
    var rows = try place.text("plain/m.csv").split(separator: "\n").prefix(13)
    try place.write(Data(rows.joined(separator: "\n").utf8), to: "plain/few.csv")
    let few = try place.rowwise(
      "train", "plain/few.csv", "--epochs", "1", "--layers", "lstm:2", "--validation-split", "0",
      "--output", "few")
    #expect(few.status == 0, "\(few.errors)")
    for command in [["classify", "few", "plain/0.png"], ["evaluate", "few", "plain/m.csv"]] {
      let run = try place.rowwise(command + ["--invert", "auto"])
      #expect(run.status == CommandStatus.badData.rawValue)
      #expect(
        run.errors.contains(
          "few/model.safetensors: the model does not say what its training images"))
    }
    let plain = try place.rowwise("classify", "few", "inverted/0.png", "--format", "jsonl")
    #expect(plain.errors.isEmpty && !plain.output.contains("unusual"))
    let run = try place.rowwise(
      "train", "plain/few.csv", "--epochs", "1", "--validation-split", "0", "--invert", "auto",
      "--output", "none")
    #expect(run.errors.contains("too few to tell what is inverted"), "\(run.errors)")
    rows = []
  }
}
