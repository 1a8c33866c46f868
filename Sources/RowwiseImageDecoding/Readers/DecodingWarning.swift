/// Something about a picture that was read leniently.
public enum DecodingWarning: Sendable, Equatable, CustomStringConvertible {
  /// Decoding stopped after `rows` rows for the given reason.
  case stopped(rows: Int, reason: ImageDecodingError)
  /// The codec library passed over damage; pixels near it may be wrong.
  case damaged(reason: String)
  /// The picture's EXIF block came after its pixels, which had been delivered as stored.
  case lateOrientation(ImageOrientation)

  /// The warning on one line.
  public var description: String {
    switch self {
    case .stopped(let rows, let reason):
      "only \(rows) \(rows == 1 ? "row" : "rows") could be read: \(reason.finding)"
    case .damaged(let reason): "damaged: \(reason)"
    case .lateOrientation(let orientation):
      "EXIF orientation \(orientation.rawValue) came after the pixels and was not applied"
    }
  }
}

extension [DecodingWarning] {
  /// What is missing or wrong in a picture that was read leniently; nil where nothing is.
  package var damage: String? {
    let texts = compactMap { warning -> String? in
      if case .lateOrientation = warning { nil } else { warning.description }
    }
    return texts.isEmpty ? nil : texts.joined(separator: "; ")
  }
}
