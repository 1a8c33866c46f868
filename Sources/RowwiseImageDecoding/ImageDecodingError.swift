/// Why a picture could not be read or written.
///
/// `source` is the file's path, or the name that was given to bytes in memory.
public enum ImageDecodingError: Error, Sendable, Equatable {
  /// The file could not be opened or read; `reason` is the system's.
  case cannotRead(source: String, reason: String)
  /// The file has no bytes.
  case empty(source: String)
  /// The first bytes are those of no known format.
  case unknownFormat(source: String, firstBytes: [UInt8])
  /// A known format that this module does not read.
  case foreignFormat(source: String, format: ForeignFormat)
  /// A variant of a readable format that the codec library does not decode.
  case unsupportedVariant(source: String, format: ImageFormat, reason: String)
  /// The bytes break the format's rules; `row` is the first row that could not be decoded, nil in
  /// the header.
  case corrupt(source: String, format: ImageFormat, reason: String, row: Int?)
  /// The bytes end too early, after `rows` of `height` rows; 0 of 0 in the header.
  case truncated(source: String, format: ImageFormat, rows: Int, height: Int)
  /// The picture asks for more than a limit allows.
  case overLimit(source: String, limit: DecodingLimits.Name, value: Int, maximum: Int)
  /// The codec library could not get memory.
  case outOfMemory(source: String)
  /// Pixels that cannot be written as a picture.
  case invalidImage(width: Int, height: Int, channels: Int, bytes: Int)
  /// The file could not be written; `reason` is the system's.
  case cannotWrite(path: String, reason: String)
}

extension ImageDecodingError: CustomStringConvertible {
  /// What was wrong, where, what was expected and what helps, on one line.
  public var description: String {
    switch self {
    case .cannotRead(let source, let reason):
      "\(source): cannot be read: \(reason)"
    case .empty(let source):
      "\(source): the file is empty; expected a picture"
    case .unknownFormat(let source, let bytes):
      "\(source): not a picture: expected the first bytes of a PNG, JPEG, PNM or BMP file, found "
        + Self.show(bytes) + "; check the file, or convert it to PNG"
    case .foreignFormat(let source, let format):
      "\(source): \(format.finding)"
    case .unsupportedVariant(let source, let format, let reason):
      "\(source): a kind of \(format) that is not decoded (\(reason)); convert it to PNG"
    case .corrupt(let source, _, _, _):
      "\(source): \(finding); get the file again or save it anew"
    case .truncated(let source, _, 0, _):
      "\(source): \(finding); get the file again"
    case .truncated(let source, _, _, _):
      "\(source): \(finding); get the file again, or read it leniently to keep those rows"
    case .overLimit(let source, let limit, let value, let maximum):
      "\(source): over the limit: \(value == .max ? "more" : String(value)) "
        + "\(limit.rawValue), at most \(maximum) allowed; shrink the picture or raise the limit"
        + (limit == .memory || limit == .work || limit == .pixels ? " (--picture-memory)" : "")
    case .outOfMemory(let source):
      "\(source): not enough memory to decode it; shrink the picture"
    case .invalidImage(let width, let height, let channels, let bytes):
      "cannot write a picture of \(width) × \(height) pixels with \(channels) channels in "
        + "\(bytes) bytes: expected positive sizes, 1 or 3 channels and "
        + "width × height × channels bytes"
    case .cannotWrite(let path, let reason):
      "\(path): cannot be written: \(reason)"
    }
  }

  /// The description without the file's name in front, for lists that name it themselves.
  package var descriptionWithoutSource: String {
    let text = description
    let name: String
    switch self {
    case .cannotRead(let source, _), .empty(let source), .unknownFormat(let source, _),
      .foreignFormat(let source, _), .unsupportedVariant(let source, _, _),
      .corrupt(let source, _, _, _), .truncated(let source, _, _, _),
      .overLimit(let source, _, _, _), .outOfMemory(let source), .cannotWrite(let source, _):
      name = source + ": "
    case .invalidImage: return text
    }
    return text.hasPrefix(name) ? String(text.dropFirst(name.count)) : text
  }

  /// What is wrong with a damaged file, without its name and without what helps.
  var finding: String {
    switch self {
    case .corrupt(_, let format, let reason, nil):
      "damaged \(format) header: \(reason)"
    case .corrupt(_, let format, let reason, .some(let row)):
      "damaged \(format) at row \(row): \(reason)"
    case .truncated(_, let format, 0, 0):
      "truncated \(format): the file ends within its header"
    case .truncated(_, let format, let rows, let height):
      "truncated \(format): the file ends after \(rows) of \(height) rows"
    default:
      description
    }
  }

  private static func show(_ bytes: [UInt8]) -> String {
    bytes.prefix(8).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return byte < 16 ? "0" + digits : digits
    }.joined(separator: " ")
  }
}
