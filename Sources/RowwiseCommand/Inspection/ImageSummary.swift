import RowwiseImageDecoding
import RowwiseTexts

/// What `inspect` says about a picture.
struct ImageSummary: Sendable, Equatable {
  /// The file.
  var path: String
  /// What its header says.
  var info: ImageInfo
  /// Why no upright row is there before the whole file was read; empty where rows come one by one.
  var wholeImageReasons: [ImageInfo.WholeImageReason]
  /// The greatest of its samples where these have 16 bits, of which fewer may be used; nil where that is
  /// not known.
  var greatestSample: Int?
  /// Why it cannot be decoded, or what is missing where it is read leniently; nil where it is sound.
  var problem: String?
  /// Whether it cannot be decoded.
  var isUnreadable = false

  /// Reads the header, then decodes the whole picture to know whether it is sound.
  ///
  /// - Throws: `ImageDecodingError` where not even the header can be read.
  init(
    path: String, reading: DecodingOptions = DecodingOptions()
  ) throws(ImageDecodingError) {
    self.path = path
    let reader = try ImageRowReader(path: path, options: DecodingOptions(limits: reading.limits))
    info = reader.info
    wholeImageReasons = reader.wholeImageReasons
    let contents = ImageContents(path: path, reading: reading)
    isUnreadable = contents.error != nil
    if info.bitDepth == 16, !isUnreadable {
      greatestSample = (try? WideRange.greatestSample(path: path, limits: reading.limits)) ?? nil
    }
    problem = contents.error?.description ?? contents.damage
  }

  /// Rows of name and value.
  ///
  /// - Parameter columns: how wide a row may be.
  func table(columns: Int = Console.defaultColumns) -> String {
    var rows = [
      ("image", TerminalText.printable(path)),
      ("format", info.format.rawValue + (coding.isEmpty ? "" : ", \(coding)")),
      ("colour", "\(info.colorModel.rawValue), \(info.bitDepth) bits"),
      ("size", "\(info.uprightWidth) × \(info.uprightHeight) pixels, upright"),
      ("orientation", orientation),
      ("rows", rows),
      ("colour profile", info.hasColorProfile ? "embedded, not applied" : "none"),
      ("problem", problem.map { TerminalText.printable($0) } ?? "none"),
    ]
    if info.pictureCount > 1 {
      rows.insert(
        ("pictures", "\(info.pictureCount) in the file, of which the first is read"), at: 4)
    }
    if let greatestSample {
      let advice =
        WideRange.white(for: greatestSample).map { "; with --range auto white is \($0)" } ?? ""
      rows.insert(("greatest value", "\(greatestSample) of 65535\(advice)"), at: 3)
    }
    return SummaryTable.text(rows, columns: columns)
  }

  /// How pixels are laid down in the file, where there is more than one way.
  private var coding: String {
    switch info.format {
    case .png: info.isInterlaced ? "interlaced" : "not interlaced"
    case .jpeg:
      (info.isProgressive ? "progressive" : "sequential")
        + (info.wholeImageReasons.contains(.arithmeticCoding) ? ", arithmetic coding" : "")
    case .pnm, .bmp: ""
    }
  }

  private var orientation: String {
    let what =
      switch info.orientation {
      case .topLeft: "stored upright"
      case .topRight: "stored mirrored left to right"
      case .bottomRight: "stored turned by 180°"
      case .bottomLeft: "stored mirrored top to bottom"
      case .leftTop: "stored mirrored along a diagonal"
      case .rightTop: "stored turned by 90°"
      case .rightBottom: "stored mirrored along the other diagonal"
      case .leftBottom: "stored turned by 270°"
      }
    return "\(info.orientation.rawValue), \(what)"
  }

  private var rows: String {
    let reasons = wholeImageReasons.map(\.rawValue)
    return "\(info.uprightHeight), "
      + (reasons.isEmpty
        ? "read one by one" : "read after the whole file (\(reasons.joined(separator: ", ")))")
  }

  /// One object.
  var json: JSONValue {
    .object([
      .init("kind", .string("image")), .init("path", .string(path)),
      .init("format", .string(info.format.rawValue)), .init("width", .int(info.uprightWidth)),
      .init("height", .int(info.uprightHeight)), .init("bit_depth", .int(info.bitDepth)),
      .init("greatest_value", greatestSample.map { .int($0) } ?? .null),
      .init("color_model", .string(info.colorModel.rawValue)),
      .init("orientation", .int(info.orientation.rawValue)),
      .init("interlaced", .bool(info.isInterlaced)),
      .init("progressive", .bool(info.isProgressive)),
      .init("color_profile", .bool(info.hasColorProfile)),
      .init("pictures", .int(info.pictureCount)),
      .init("streams", .bool(wholeImageReasons.isEmpty)),
      .init("whole_image_reasons", .array(wholeImageReasons.map { .string($0.rawValue) })),
      .init("problem", problem.map { .string($0) } ?? .null),
    ])
  }
}
