/// A picture format that this module reads.
public enum ImageFormat: String, Sendable, Equatable, CaseIterable, CustomStringConvertible {
  /// Portable Network Graphics.
  case png = "PNG"
  /// JPEG: baseline, extended and progressive Huffman, and arithmetic coding, 8 bits a sample.
  case jpeg = "JPEG"
  /// Portable bitmap, graymap and pixmap: P1 to P6.
  case pnm = "PNM"
  /// Windows bitmap: 1 to 32 bits a pixel, run lengths, bit fields.
  case bmp = "BMP"

  /// The format's usual name.
  public var description: String { rawValue }

  /// Endings of names that are taken for images in folders, in lower case; what a file's bytes really
  /// are, the decoder finds out.
  package static let nameEndings: [String: ImageFormat] = [
    "png": .png, "jpg": .jpeg, "jpeg": .jpeg, "jpe": .jpeg, "jfif": .jpeg, "pbm": .pnm, "pgm": .pnm,
    "ppm": .pnm, "pnm": .pnm, "bmp": .bmp,
  ]

  /// Whether a name or path ends as those of images do.
  package static func hasImageName(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    return nameEndings[name[name.index(after: dot)...].lowercased()] != nil
  }
}

/// A format that is recognised by its first bytes only to say that it must be converted.
public enum ForeignFormat: String, Sendable, Equatable, CaseIterable, CustomStringConvertible {
  case gif = "GIF"
  case webp = "WebP"
  case tiff = "TIFF"
  case heic = "HEIC"
  case avif = "AVIF"
  case jpegXL = "JPEG XL"
  case jpeg2000 = "JPEG 2000"
  case pam = "PAM (P7)"
  case ico = "ICO"
  case photoshop = "Photoshop"
  case openEXR = "OpenEXR"
  case qoi = "QOI"
  case pdf = "PDF"
  case svg = "SVG"
  case xml = "XML (perhaps SVG)"
  case html = "HTML"
  case lfsPointer = "Git LFS pointer"
  case base64 = "base64 text"
  case gzip = "gzip"
  case zip = "ZIP"

  /// The format's usual name.
  public var description: String { rawValue }
}

/// What the first bytes of a file say about it.
package enum FormatGuess: Sendable, Equatable {
  case readable(ImageFormat)
  case foreign(ForeignFormat)
  /// Nearly PNG's first eight bytes, as after a transfer that changed line ends or lost bit 7.
  case damagedPNG
  case unknown

  /// How many bytes `init(firstBytes:)` can make use of.
  package static let usefulBytes = 32

  private static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Recognises a format by its first bytes; names and extensions play no part.
  ///
  /// - Parameter bytes: The file's first `usefulBytes` bytes, or all where it has fewer.
  package init(firstBytes bytes: some Collection<UInt8>) {
    // The most frequent ones without an array.
    if bytes.starts(with: Self.pngSignature) {
      self = .readable(.png)
      return
    }
    if bytes.starts(with: CollectionOfOne(0xFF)), bytes.dropFirst().first == 0xD8 {
      self = .readable(.jpeg)
      return
    }
    let bytes = Array(bytes.prefix(Self.usefulBytes))
    if bytes.starts(with: [0x42, 0x4D]) {
      self = .readable(.bmp)
    } else if Self.isPNM(bytes) {
      self = .readable(.pnm)
    } else if let format = Self.foreignFormat(bytes) {
      self = .foreign(format)
    } else if Self.resemblesPNG(bytes) {
      self = .damagedPNG
    } else {
      self = .unknown
    }
  }

  /// "P", a digit from 1 to 6, then white space or a comment.
  private static func isPNM(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 3, bytes[0] == UInt8(ascii: "P") else { return false }
    let ends: [UInt8] = [0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, UInt8(ascii: "#")]
    return (UInt8(ascii: "1")...UInt8(ascii: "6")).contains(bytes[1]) && ends.contains(bytes[2])
  }

  private static func resemblesPNG(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 8 else { return false }
    let matches = zip(bytes, pngSignature).count { $0 == $1 }
    return bytes.starts(with: pngSignature.prefix(4)) || matches >= 6
  }

  private static func foreignFormat(_ bytes: [UInt8]) -> ForeignFormat? {
    for (format, prefix) in foreignPrefixes where bytes.starts(with: prefix) {
      return format
    }
    func text(_ range: Range<Int>) -> String {
      range.upperBound <= bytes.count ? String(decoding: bytes[range], as: UTF8.self) : ""
    }
    if text(0..<4) == "RIFF", text(8..<12) == "WEBP" { return .webp }
    if text(4..<8) == "ftyp" {
      switch text(8..<12) {
      case "heic", "heix", "hevc", "heim", "heis", "mif1", "msf1": return .heic
      case "avif", "avis": return .avif
      default: return nil
      }
    }
    return textFormat(bytes)
  }

  /// What is text and was meant to be a picture: a page that a server sent instead, a pointer.
  private static func textFormat(_ bytes: [UInt8]) -> ForeignFormat? {
    let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
    // Without a byte order mark and white space; ASCII letters in lower case.
    let start = bytes.drop(while: isSpace).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    return textPrefixes.first { start.starts(with: $0.1.utf8) }?.0
  }

  private static let textPrefixes: [(ForeignFormat, String)] = [
    (.lfsPointer, "version https://git-lfs."), (.svg, "<svg"), (.xml, "<?xml"),
    (.html, "<!doctype html"), (.html, "<html"), (.html, "<head"), (.html, "<body"),
    (.html, "<title"), (.html, "<h1"), (.html, "<script"), (.html, "<!--"),
    // PNG, JPEG, GIF and WebP in base64.
    (.base64, "ivborw0kggo"), (.base64, "/9j/"), (.base64, "r0lgod"), (.base64, "uklgr"),
    (.base64, "data:image/"),
  ]

  private static let foreignPrefixes: [(ForeignFormat, [UInt8])] = [
    (.gif, Array("GIF8".utf8)),
    (.tiff, [0x49, 0x49, 0x2A, 0x00]), (.tiff, [0x4D, 0x4D, 0x00, 0x2A]),
    (.tiff, [0x49, 0x49, 0x2B, 0x00]), (.tiff, [0x4D, 0x4D, 0x00, 0x2B]),
    (.jpegXL, [0xFF, 0x0A]),
    (.jpegXL, [0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C, 0x20]),
    (.jpeg2000, [0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20]),
    (.jpeg2000, [0xFF, 0x4F, 0xFF, 0x51]),
    (.pam, Array("P7\n".utf8)),
    (.ico, [0, 0, 1, 0]), (.ico, [0, 0, 2, 0]),
    (.photoshop, Array("8BPS".utf8)),
    (.openEXR, [0x76, 0x2F, 0x31, 0x01]),
    (.qoi, Array("qoif".utf8)),
    (.pdf, Array("%PDF".utf8)),
    (.gzip, [0x1F, 0x8B]),
    (.zip, [0x50, 0x4B, 0x03, 0x04]),
  ]
}
