import RowwiseFiles
import RowwiseImageDecoding
import RowwiseSystem
import RowwiseTexts

/// The image files that arguments stand for.
struct ImagePaths: Sendable {
  /// Files in the order of the arguments, those of a folder or pattern in natural order.
  private(set) var paths: [String] = []
  /// Files in folders that were passed over because they are no pictures, by name and by bytes.
  private(set) var passedOverCount = 0
  /// Folders without a picture, and what is in them instead.
  private(set) var withoutPictures: [(path: String, reason: String)] = []
  /// What is not read of archives.
  private(set) var archiveNotes: [String] = []
  /// Images that a pattern would match but for capital letters, and does not.
  private(set) var otherCapitals: [String] = []

  /// Expands arguments.
  ///
  /// An argument that is a file's path stands for that file, whatever it is called, also where bytes of its
  /// name are written as they are shown (`\xE9`); a folder for
  /// the images in it and its sub-folders, hidden ones left out; anything else is a pattern with
  /// `*`, `?` and `[…]`.
  ///
  /// - Parameter arguments: paths and patterns.
  /// - Throws: `CommandError` for an argument that stands for nothing: a pattern without a match, and
  ///   a folder without images where there is nothing else. A path where nothing is stands for itself.
  init(arguments: [String]) throws(CommandError) {
    for written in arguments {
      let argument = FileSystem.found(written)
      if let kind = try Self.kind(argument) {
        try append(argument, kind)
      } else {
        try appendMatches(of: argument)
      }
    }
    if paths.isEmpty, let first = withoutPictures.first {
      throw .unusableInput(path: first.path, reason: first.reason)
    }
  }

  /// What a path leads to, also in an archive.
  private static func kind(_ path: String) throws(CommandError) -> FileKind? {
    if let kind = FileKind(path: path) { return kind }
    do throws(FileError) {
      return try Archives.reach(path) ? FileKind(path: path) : nil
    } catch {
      throw .unusableInput(path: path, reason: error.description)
    }
  }

  private mutating func appendMatches(of pattern: String) throws(CommandError) {
    let matches = Self.matches(of: pattern)
    let others = Self.matches(of: CapitalLetters.patternForBoth(pattern)).filter {
      ImageFormat.hasImageName($0) && !matches.contains($0)
    }
    guard !matches.isEmpty else {
      guard pattern.contains(where: { "*?[".contains($0) }) else {
        // Whoever opens it will tell; the others must not be lost for it.
        paths.append(pattern)
        return
      }
      throw .nothingMatches(pattern: pattern, inOtherCapitals: others.first)
    }
    otherCapitals += others
    for path in matches {
      guard let kind = FileKind(path: path) else { continue }
      try append(path, kind)
    }
  }

  private mutating func append(_ path: String, _ kind: FileKind) throws(CommandError) {
    let isArchive = try kind.kind == .file ? Self.isArchive(path) : false
    guard kind.isFolder || isArchive else {
      paths.append(path)
      return
    }
    if let text = Archives.leftOut(path) { archiveNotes.append("\(path): \(text)") }
    let (countBefore, passedOverBefore) = (paths.count, passedOverCount)
    do throws(FileError) {
      try FileSystem.forEachFile(below: path) { path, entry in
        if entry.kind == .file, PictureCandidate.isPicture(path) {
          paths.append(path)
        } else {
          passedOverCount += 1
        }
      }
    } catch {
      throw .unreadableFolder(error)
    }
    guard paths.count > countBefore else {
      let files = passedOverCount - passedOverBefore
      let others = files == 0 ? "" : ", only \(files) other \(files == 1 ? "file" : "files")"
      let note = Archives.leftOut(path).map { "; \($0)" } ?? ""
      withoutPictures.append((path, "no PNG, JPEG, PNM or BMP file in this folder\(others)\(note)"))
      return
    }
  }

  /// Whether a file is an archive of pictures, which then behaves as a folder.
  private static func isArchive(_ path: String) throws(CommandError) -> Bool {
    if PictureCandidate.hasPictureName(path) { return false }
    do throws(FileError) {
      return try Archives.mount(path) != nil
    } catch {
      if case .badArchive = error {
        throw .unusableInput(path: error.path, reason: error.reason)
      }
      // Whoever opens it will tell.
      return false
    }
  }

  /// Paths that match a pattern, in natural order; none where nothing does.
  private static func matches(of pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard SystemPath.withBytes(pattern, { glob($0, GLOB_NOSORT, nil, &found) }) == 0 else {
      return []
    }
    var paths: [String] = []
    for index in 0..<Int(found.gl_pathc) {
      if let path = found.gl_pathv[index] { paths.append(SystemPath.text(path)) }
    }
    return NaturalKey.sorted(paths)
  }
}
