import Foundation
import RowwiseImageDecoding
import TestSupport
import Testing

@testable import RowwiseCommand

/// Images that people have, and what they are told of them.
struct ImagesAsPeopleHaveThemTests {
  /// The stored depth and kind of colour are those of the file, not those that it is read in.
  @Test func inspectTellsWhatIsStored() throws {
    let place = try Workplace()
    let files: [(String, [UInt8], Int, String)] = [
      (
        "sixteen.png",
        PNGBytes.file(
          header: PNGBytes.header(width: 2, height: 1, bitDepth: 16), rows: [0, 1, 2, 3, 4]),
        16, "gray"
      ),
      (
        "one.png",
        PNGBytes.file(header: PNGBytes.header(width: 3, height: 1, bitDepth: 1), rows: [0, 0xA0]),
        1,
        "gray"
      ),
      (
        "palette.png",
        PNGBytes.file(
          header: PNGBytes.header(width: 2, height: 1, bitDepth: 4, colorType: 3),
          between: PNGBytes.chunk("PLTE", [9, 8, 7, 255, 0, 0]), rows: [0, 0x01]), 4, "palette"
      ),
      ("sixteen.pgm", Array("P5 2 1 65535\n".utf8) + [0, 1, 2, 3], 16, "gray"),
    ]
    for (name, bytes, depth, color) in files {
      try place.write(Data(bytes), to: name)
      let run = try place.rowwise("inspect", name, "--format", "json")
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains("\"bit_depth\": \(depth),"), "\(run.output)")
      #expect(run.output.contains("\"color_model\": \"\(color)\","), "\(run.output)")
    }
  }

  /// A scan of few bytes: whatever reads it has the same limit, and the same option raises it.
  @Test func largeScansHaveOneLimit() throws {
    let place = try Workplace()
    _ = try place.rowwise("train", "digits", "--epochs", "1", "--layers", "lstm:2", "--output", "m")
    // The compressed bytes of a white one of 8 bits that is an eighth as wide.
    let (width, height) = (4000, 4000)
    let narrow = try PNGWriter.encode(
      DecodedImage(
        width: width / 8, height: height, channels: 1,
        pixels: [UInt8](repeating: 255, count: width / 8 * height)))
    try place.write(
      Data(PNGBytes.header(width: width, height: height, bitDepth: 1) + narrow.dropFirst(33)),
      to: "scans/scan.png")
    for command in [["classify", "m", "scans/scan.png"], ["inspect", "scans/scan.png"]] {
      let read = try place.rowwise(command)
      #expect(read.status == 0, "\(command): \(read.errors)")
      let refused = try place.rowwise(command + ["--picture-memory", "1"])
      #expect(refused.status == CommandStatus.badData.rawValue, "\(command)")
      #expect(
        refused.errors.contains(
          "over the limit: 16000000 gray pixels' worth of work for so few bytes"),
        "\(refused.errors)")
      #expect(refused.errors.contains("raise the limit (--picture-memory)"), "\(refused.errors)")
    }
  }
}
