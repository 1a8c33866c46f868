import Foundation
import Rowwise
import RowwiseImageDecoding
import RowwiseLayers
import RowwiseRowSequencing
import Testing

@testable import RowwiseCommand

/// `rowwise classify --stream`.
@Suite struct StreamTests {
  private func trained(_ layers: String = "lstm:8") throws -> Workplace {
    let place = try Workplace()
    let result = try place.rowwise(
      "train", "digits", "--layers", layers, "--recipe", "keras", "--epochs", "1", "--output", "m",
      "--quiet")
    #expect(result.status == 0, "\(result.errors)")
    return place
  }

  private static var digits: [URL] {
    let folder = Workplace.package.appendingPathComponent("Datasets/digits-png")
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "png" }
      .sorted { $0.path < $1.path }
  }

  private func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map {
      try #require(
        try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  @Test func everyRowIsWrittenAndTheLastIsTheAnswer() throws {
    let place = try trained()
    let file = try #require(Self.digits.first)
    let run = try place.rowwise("classify", "m", "--stream", file.path, "--every-row")
    #expect(run.status == 0, "\(run.errors)")
    let rows = try objects(run.output)
    #expect(rows.count == 8)
    #expect(rows.map { $0["row"] as? Int } == Array(1...8))
    #expect(rows.map { $0["answer"] as? Bool } == (1...8).map { $0 == 8 })
    let whole = try objects(
      try place.rowwise("classify", "m", file.path, "--format", "jsonl").output)
    #expect(rows[7]["prediction"] as? String == whole[0]["prediction"] as? String)
    #expect(rows[7]["probability"] as? Double == whole[0]["probability"] as? Double)
  }

  /// Pictures one after the other in one file, one of them damaged: the others are classified.
  @Test func manyPicturesInOneStream() throws {
    let place = try trained()
    var files = try Self.digits.prefix(4).map { Data(try Data(contentsOf: $0)) }
    let expected = try Self.digits.prefix(4).map { file in
      try objects(try place.rowwise("classify", "m", file.path, "--format", "jsonl").output)[0]
    }
    try place.write(files.reduce(Data()) { $0 + $1 + Data("\n".utf8) }, to: "four.bin")
    let good = try place.rowwise("classify", "m", "--stream", "four.bin", "--format", "jsonl")
    #expect(good.status == 0, "\(good.errors)")
    let rows = try objects(good.output)
    #expect(
      rows.map { $0["probability"] as? Double } == expected.map { $0["probability"] as? Double })
    #expect(rows.map { $0["path"] as? String }[3] == "four.bin (picture 4)")

    // The second one's pixels are damaged; a checksum tells.
    let middle = files[1].count / 2
    for i in middle..<middle + 4 { files[1][i] ^= 0x5A }
    try place.write(files.reduce(Data(), +), to: "damaged.bin")
    let bad = try place.rowwise("classify", "m", "--stream", "damaged.bin", "--format", "jsonl")
    #expect(bad.status == CommandStatus.someInputsFailed.rawValue, "\(bad.errors)")
    let found = try objects(bad.output)
    #expect(found.count == 4 && found[1]["error"] != nil)
    #expect(found[3]["probability"] as? Double == expected[3]["probability"] as? Double)
  }

  /// What only begins as a picture does, or is none at all, is passed over; the next one is found.
  @Test(
    arguments: [
      [0xFF, 0xD8, 0xFF, 0xE0, 0, 1], [0xFF, 0xD8, 0xFF], Array("no picture".utf8),
      [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 1], [0x42, 0x4D, 1, 2, 3],
      Array("P5 9999999 9999999 255\n".utf8),
    ] as [[UInt8]])
  func theNextPictureIsFound(_ garbage: [UInt8]) throws {
    let place = try trained()
    let file = try #require(Self.digits.first)
    let good = try Data(contentsOf: file)
    try place.write(good + Data(garbage + garbage) + good, to: "mixed.bin")
    let run = try place.rowwise("classify", "m", "--stream", "mixed.bin", "--format", "jsonl")
    #expect(run.status == CommandStatus.someInputsFailed.rawValue, "\(run.errors)")
    let rows = try objects(run.output)
    #expect(rows.first?["probability"] as? Double == rows.last?["probability"] as? Double)
    #expect(rows.first?["probability"] is Double && rows.count >= 3)
  }

  @Test func whatCannotStreamIsSaid() throws {
    let place = try trained("lstm:6:bidirectional")
    let file = try #require(Self.digits.first)
    let run = try place.rowwise("classify", "m", "--stream", file.path)
    #expect(
      run.status == CommandStatus.badData.rawValue)
    #expect(
      run.errors.contains("layer 1 of the model (lstm:6:bidirectional) needs the whole picture"))
    let alone = try place.rowwise("classify", "m", file.path, "--every-row")
    #expect(alone.status == CommandStatus.usage.rawValue)
    #expect(alone.errors.contains("--every-row goes with --stream only"))
  }

  @Test func badStreamsAreOneLine() throws {
    let place = try trained()
    let file = try #require(Self.digits.first)
    let empty = try place.rowwise("classify", "m", "--stream", "-")
    #expect(empty.status == CommandStatus.badData.rawValue)
    #expect(empty.errors.contains("nothing is on standard input"))
    let text = try place.rowwise(
      "classify", "m", "--stream", "-", input: "no picture at all, and long")
    #expect(text.status == CommandStatus.badData.rawValue)
    try place.write(Data(try Data(contentsOf: file).dropLast(30)), to: "short.png")
    let short = try place.rowwise("classify", "m", "--stream", "short.png")
    #expect(short.status == CommandStatus.badData.rawValue)
    #expect(short.errors.contains("truncated PNG"))
  }

  /// However many pictures come, only so many wait as the network reads in its share of memory.
  @Test func largeModelsTakeFewPicturesTogether() throws {
    func classifier(_ side: Int) throws -> ImageClassifier {
      try ImageClassifier(
        hiddenLayers: [LSTM(4)],
        preprocessing: Preprocessing(width: side, height: side), classNames: ["a", "b"])
    }
    for (side, isFull) in [(8, false), (4096, true)] {
      let model = try classifier(side)
      var batch = StreamBatch(model.network)
      #expect(!batch.isFull)
      for n in 0..<5 {
        batch.add("\(n)", try PictureStream(collecting: model, named: "p", decoding: .init()))
      }
      #expect(batch.isFull == isFull, "\(side)")
    }
  }
}
