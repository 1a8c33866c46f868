import Foundation
import RowwiseFiles
@testable import RowwiseReports
import Testing

@testable import RowwiseSafetensors

/// Event files; Scripts/checks/tensorboard.py reads one with the real TensorBoard.
@Suite struct TensorBoardEventsTests {
  /// The check values of RFC 3720, appendix B.4.
  @Test func checksumsAreThoseOfTheStandard() {
    #expect(CRC32C.value([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.value([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.value((0..<32).map { UInt8($0) }) == 0x46DD_794E)
    #expect(CRC32C.value(Array("123456789".utf8)) == 0xE306_9283)
  }

  /// Length, its checksum, data, their checksum; the first says which format it is.
  @Test func recordsHaveTheirFrame() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("rowwise-events-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    do {
      let events = try TensorBoardEvents(folder: folder.path, time: 2.5, firstStep: 7)
      try events.add(
        [
          ("loss", .scalar(0.5)), ("w", .histogram(.init([1, 2, .nan, 2, 4]))),
          ("p", .image(width: 1, height: 2, channels: 1, png: [1, 2, 3])),
        ], step: 300, time: 3)
      let options: [(key: String, value: TensorBoardOption)] = [
        ("n", .number(1)), ("t", .text("a")), ("f", .flag(true)),
      ]
      try events.add([("s", .sessionStart(options: options, time: 2))], step: 0, time: 3)
      try events.add([("e", .sessionEnd(isSuccess: true, time: 2))], step: 0, time: 3)
    }
    let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path).first)
    #expect(file.hasPrefix("events.out.tfevents.2."))
    let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(file)))
    var position = 0
    var records: [[UInt8]] = []
    func integer(_ start: Int, _ count: Int) -> UInt64 {
      (0..<count).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
    }
    while position < bytes.count {
      let length = Int(integer(position, 8))
      #expect(
        integer(position + 8, 4) == UInt64(CRC32C.masked(Array(bytes[position..<position + 8]))))
      let data = Array(bytes[position + 12..<position + 12 + length])
      #expect(integer(position + 12 + length, 4) == UInt64(CRC32C.masked(data)))
      records.append(data)
      position += 16 + length
    }
    try #require(records.count == 5)
    // Field 1 (wall time, 2.5), field 2 (step 0), field 3 (the version).
    #expect(
      records[0] == [9, 0, 0, 0, 0, 0, 0, 4, 64, 16, 0, 26, 13] + Array("brain.Event:2".utf8))
    // A session's start at step 7.
    #expect(records[1].suffix(6) == [16, 7, 58, 2, 8, 1])
    // Step 300 in two bytes.
    #expect(records[2].starts(with: [9, 0, 0, 0, 0, 0, 0, 8, 64, 16, 0xAC, 2, 42]))
    // The picture at its end: height, width, channels, bytes.
    #expect(records[2].suffix(11) == [8, 2, 16, 1, 24, 1, 34, 3, 1, 2, 3])
    // The plugin's name, then field 3 with a map of values, each a message, and the time.
    let name = Array("hparams".utf8)
    let two: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 64]
    let number: [UInt8] = [10, 14, 10, 1, 110, 18, 9, 17, 0, 0, 0, 0, 0, 0, 0xF0, 63]
    let text: [UInt8] = [10, 8, 10, 1, 116, 18, 3, 26, 1, 97]
    let flag: [UInt8] = [10, 7, 10, 1, 102, 18, 2, 32, 1]
    let start = [[10, 7], name, [18, 46, 26, 44], number, text, flag, [41], two].joined()
    #expect(records[3].suffix(start.count) == Array(start)[...])
    // Field 4: the status success, and the time.
    let end = [[10, 7], name, [18, 13, 34, 11, 8, 1, 17], two].joined()
    #expect(records[4].suffix(end.count) == Array(end)[...])
  }

  @Test func unwritableFoldersAreErrors() {
    #expect(throws: FileError.self) {
      try TensorBoardEvents(folder: "/nowhere/at/all", time: 1, firstStep: 0)
    }
  }
}
