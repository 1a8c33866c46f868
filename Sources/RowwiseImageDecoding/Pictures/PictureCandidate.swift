import RowwiseFiles

/// Which files of a folder are looked at as pictures.
package enum PictureCandidate {
  /// Whether a file is: by its first bytes, or by a name that only pictures have, so that a damaged
  /// one is reported and not passed over.
  ///
  /// Bytes are asked for only where the name says nothing.
  package static func isPicture(_ path: String) -> Bool {
    if hasPictureName(path) { return true }
    guard let first = try? RegularFile(path: path).prefix(FormatGuess.usefulBytes) else {
      return false
    }
    return isPicture(path, FormatGuess(firstBytes: first))
  }

  /// The same of a file whose first bytes are known.
  package static func isPicture(_ path: String, _ guess: FormatGuess) -> Bool {
    switch guess {
    case .readable, .damagedPNG: true
    // A page or a text among pictures is something of its own, unless it is called like one.
    case .foreign(.html), .foreign(.xml), .foreign(.base64):
      ending(of: path) == nil || hasPictureName(path)
    case .foreign(.gzip), .foreign(.zip), .unknown: hasPictureName(path)
    case .foreign: true
    }
  }

  /// Whether a name ends as those of pictures do, of formats that are read or not.
  package static func hasPictureName(_ path: String) -> Bool {
    guard let ending = ending(of: path) else { return false }
    return ImageFormat.nameEndings[ending] != nil || ForeignFormat.nameEndings[ending] != nil
  }

  /// What stands behind the last dot of a name, in lower case.
  private static func ending(of path: String) -> String? {
    let name = FileSystem.lastComponent(path)
    return name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() }
  }
}
