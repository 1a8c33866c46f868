import Evaluation
import ImageDecoding

/// What `inspect` says about a picture.
struct ImageSummary: Sendable, Equatable {
  /// The file.
  var path: String
  /// What its header says.
  var info: ImageInfo
  /// Why it cannot be decoded; nil where it can.
  var problem: String?

  /// Reads the header, then decodes the whole picture to know whether it is sound.
  ///
  /// - Throws: `ImageDecodingError` where not even the header can be read.
  init(path: String) throws(ImageDecodingError) {
    self.path = path
    let reader = try ImageRowReader(path: path)
    info = reader.info
    do throws(ImageDecodingError) {
      _ = try ImageDecoder.decode(path: path)
    } catch {
      problem = error.description
    }
  }

  /// Rows of name and value.
  var table: String {
    SummaryTable.text([
      ("image", TerminalText.printable(path)),
      ("format", "\(info.format), \(info.colorModel.rawValue), \(info.bitDepth) bits"),
      ("size", "\(info.uprightWidth) × \(info.uprightHeight) pixels, upright"),
      ("rows", rows),
      ("colour profile", info.hasColorProfile ? "embedded, not applied" : "none"),
      ("problem", problem.map { TerminalText.printable($0) } ?? "none"),
    ])
  }

  private var rows: String {
    let reasons = info.wholeImageReasons.map(\.rawValue)
    return "\(info.uprightHeight), "
      + (info.streams
        ? "read one by one" : "read after the whole file (\(reasons.joined(separator: ", ")))")
  }

  /// One object.
  var json: JSONValue {
    .object([
      .init("kind", .string("image")), .init("path", .string(path)),
      .init("format", .string(info.format.rawValue)), .init("width", .int(info.uprightWidth)),
      .init("height", .int(info.uprightHeight)), .init("bit_depth", .int(info.bitDepth)),
      .init("color_model", .string(info.colorModel.rawValue)),
      .init("orientation", .int(info.orientation.rawValue)),
      .init("interlaced", .bool(info.isInterlaced)),
      .init("progressive", .bool(info.isProgressive)),
      .init("color_profile", .bool(info.hasColorProfile)), .init("streams", .bool(info.streams)),
      .init("problem", problem.map { .string($0) } ?? .null),
    ])
  }
}
