extension ForeignFormat {
  /// What a file of it is and what to do about it, as the end of a message.
  package var finding: String { "\(nameWithArticle), \(remedy)" }

  /// With its article, as in "an HTML page".
  package var nameWithArticle: String {
    switch self {
    case .lfsPointer: "a Git LFS pointer"
    case .html: "an HTML page"
    case .base64: "base64 text"
    case .heic, .avif, .openEXR, .xml: "a\(self == .heic ? "" : "n") \(rawValue) file"
    case .ico: "an ICO file"
    case .svg: "an SVG file"
    default: "a \(rawValue) file"
    }
  }

  private var remedy: String {
    switch self {
    case .lfsPointer: "not the file itself; fetch it with git lfs pull"
    case .html: "no picture; a server sent it instead, get the file again"
    case .base64: "no picture yet; decode it with base64 -d"
    case .gzip, .zip: "which is no picture; unpack it"
    case .pdf: "which is not read; convert its pages to PNG or JPEG"
    default: "which is not read; convert it to PNG or JPEG"
    }
  }

  /// Endings of names of pictures that are not read, in lower case.
  package static let nameEndings: [String: ForeignFormat] = [
    "gif": .gif, "webp": .webp, "tif": .tiff, "tiff": .tiff, "heic": .heic, "heif": .heic,
    "avif": .avif, "jxl": .jpegXL, "jp2": .jpeg2000, "j2k": .jpeg2000, "pam": .pam, "ico": .ico,
    "psd": .photoshop, "exr": .openEXR, "qoi": .qoi, "pdf": .pdf, "svg": .svg,
  ]
}
