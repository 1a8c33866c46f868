import RowwiseFiles
import RowwiseImageDecoding
import RowwiseTexts

/// Finds the image files of a folder with one sub-folder per class.
///
/// With folders for parts (`train`, `test_set`, `dev`: ``PartName``) above the class folders, where one
/// of them holds folders itself. Hidden files and folders of the system are skipped, symbolic links
/// followed, images in folders below a class folder belong to its class.
struct ClassFolders {
  private let root: String
  private var report = DatasetReport()
  /// Files of part and class, with the classes as they were found.
  private var found: [(part: DatasetPart, name: String, paths: [String])] = []
  /// Class folders of each part without an image file.
  private var emptyFolders: [DatasetPart: [String]] = [:]
  /// The only class folder's first folder that holds several, where the data set may be that one.
  private var wrapped: String?

  /// The files of a folder.
  ///
  /// - Parameter entries: what lies directly in it.
  static func scan(
    _ folder: String, entries: [FileSystem.Entry]
  ) throws(DatasetError) -> FilesContents {
    var scan = ClassFolders(root: folder)
    try scan.scanRoot(entries)
    let names = scan.found.map { (part: $0.part, name: $0.name) }
    let classNames = FilesContents.classNames(names)
    let numbers = Dictionary(uniqueKeysWithValues: zip(classNames.all, 0...))
    var files: [DatasetPart: [FilesContents.File]] = [:]
    for (part, name, paths) in scan.found {
      guard let label = numbers[name] else { continue }
      files[part, default: []] += paths.map {
        FilesContents.File(path: $0, label: Int32(label))
      }
    }
    guard files.values.contains(where: { !$0.isEmpty }) else { throw .noImages(path: folder) }
    return FilesContents(
      path: folder, classNames: classNames.all, learntClasses: classNames.learnt, files: files,
      emptyFolders: scan.emptyFolders, wrapped: scan.wrapped, report: scan.report)
  }

  private init(root: String) { self.root = root }

  private mutating func scanRoot(_ entries: [FileSystem.Entry]) throws(DatasetError) {
    let system = ((try? FileSystem.names(in: root)) ?? []).filter { FileSystem.isOfSystem($0) }
    if !system.isEmpty {
      report.note(
        "folders of the system, ignored: \(system.sorted().joined(separator: ", "))", isLoss: false)
    }
    let words = PartName.parts(of: entries.filter { $0.kind == .folder }.map(\.name))
    var parts: [(DatasetPart, String, [FileSystem.Entry])] = []
    var others: [FileSystem.Entry] = []
    for entry in entries {
      guard entry.kind == .folder, let part = words[entry.name] else {
        others.append(entry)
        continue
      }
      let path = FileSystem.join(root, entry.name)
      parts.append((part, path, try FileSystem.datasetEntries(of: path)))
    }
    if parts.contains(where: { $0.2.contains { $0.kind == .folder } }) {
      try scanParts(parts, others)
    } else {
      try checkClassLevel(entries)
      try scanClasses(of: .whole, in: root, entries)
    }
  }

  private mutating func scanParts(
    _ parts: [(DatasetPart, String, [FileSystem.Entry])], _ others: [FileSystem.Entry]
  ) throws(DatasetError) {
    let beside = others.filter { $0.kind == .folder }.map { FileSystem.join(root, $0.name) }
    if parts.count == 1, let first = beside.first(where: Self.holdsPictures) {
      let (part, path, _) = parts[0]
      throw .unclear(
        path: root,
        reason: "\(FileSystem.lastComponent(path)) may be the \(part) part or a class beside "
          + "\(FileSystem.lastComponent(first)), which holds pictures, too; give \(path) for the part "
          + "alone, or rename the folder")
    }
    for entry in others {
      let path = FileSystem.join(root, entry.name)
      if entry.kind == .folder { report.ignoredFolders.append(path) }
      if entry.kind == .file { report.ignore(file: path) }
    }
    for (part, path, entries) in parts {
      // Only what is learnt from must have classes.
      if part != .train, !entries.contains(where: { $0.kind == .folder }) {
        let images = entries.count { Self.isPicture($0, in: path) }
        report.note(
          images == 0
            ? "\(path) holds no images; it is left out"
            : "\(path) holds \(images) image\(images == 1 ? "" : "s") in no class; it is left out "
              + "(rowwise classify MODEL \(path) tells their classes)",
          isLoss: images > 0)
        continue
      }
      try scanClasses(of: part, in: path, entries)
    }
  }

  /// Throws where what stands in place of classes is something else; notes the folder that may be
  /// meant where there is only one.
  private mutating func checkClassLevel(_ entries: [FileSystem.Entry]) throws(DatasetError) {
    let folders = entries.filter { $0.kind == .folder }.map { FileSystem.join(root, $0.name) }
    guard let first = folders.first, let below = Self.foldersOnly(first) else { return }
    if folders.count == 1, !entries.contains(where: { Self.isPicture($0, in: root) }) {
      wrapped = Self.unwrapped(first)
    }
    guard folders.count > 1, below.count > 1,
      folders.allSatisfy({ Self.foldersOnly($0) == below })
    else { return }
    let names = folders.prefix(4).map { FileSystem.lastComponent($0) }.joined(separator: ", ")
    throw .unclear(
      path: root,
      reason: "the folders \(names)\(folders.count > 4 ? ", …" : "") all hold the same folders "
        + "(\(NameList.text(below))), so that they are no classes; rename those of the parts to "
        + "train, validation and test, give the path of one, or list the pictures in a CSV manifest"
    )
  }

  /// The names of a folder's folders, where it holds no picture directly; else nil.
  private static func foldersOnly(_ folder: String) -> [String]? {
    guard let names = try? FileSystem.names(in: folder) else { return nil }
    var folders: [String] = []
    for name in names where !FileSystem.isPassedOver(name) {
      let path = FileSystem.join(folder, name)
      switch FileKind(path: path)?.kind {
      case .folder: folders.append(name)
      case .file where PictureCandidate.isPicture(path): return nil
      default: break
      }
    }
    return folders.isEmpty ? nil : NaturalKey.sorted(folders)
  }

  /// The folder itself, or that below it in which there are several.
  private static func unwrapped(_ folder: String) -> String {
    var folder = folder
    for _ in 0..<8 {
      guard let below = foldersOnly(folder), below.count == 1 else { break }
      let next = FileSystem.join(folder, below[0])
      if foldersOnly(next) == nil { break }
      folder = next
    }
    return folder
  }

  /// Whether there is a picture in a folder or in those directly in it.
  private static func holdsPictures(_ folder: String) -> Bool {
    guard let below = foldersOnly(folder) else {
      return (try? FileSystem.names(in: folder))?.contains {
        !FileSystem.isPassedOver($0) && PictureCandidate.isPicture(FileSystem.join(folder, $0))
      } ?? false
    }
    return below.contains { name in
      let path = FileSystem.join(folder, name)
      return foldersOnly(path) == nil && !((try? FileSystem.entries(of: path)) ?? []).isEmpty
    }
  }

  private static func isPicture(_ entry: FileSystem.Entry, in folder: String) -> Bool {
    entry.kind == .file && PictureCandidate.isPicture(FileSystem.join(folder, entry.name))
  }

  private mutating func scanClasses(
    of part: DatasetPart, in folder: String, _ entries: [FileSystem.Entry]
  ) throws(DatasetError) {
    guard entries.contains(where: { $0.kind == .folder }) else {
      let images = entries.count { Self.isPicture($0, in: folder) }
      if images == 0 { throw .noImages(path: folder) }
      throw .noClassFolders(path: folder, images: images)
    }
    var classes: Set<String> = []
    var twins = TwinFolders()
    for entry in entries {
      let path = FileSystem.join(folder, entry.name)
      switch entry.kind {
      case .folder:
        // Names are equal where they are canonically equivalent (Unicode 3.12).
        let (isNew, other) = classes.insert(entry.name)
        guard isNew else {
          throw .equalClassNames(path: folder, first: other, second: entry.name)
        }
        twins.add(entry.name, path)
        let paths = try collect(path, except: [root, folder])
        found.append((part, entry.name, paths))
        if paths.isEmpty { emptyFolders[part, default: []].append(path) }
      case .file:
        if Self.isPicture(entry, in: folder) {
          report.addLoose(path)
        } else {
          report.ignore(file: path)
        }
      case .dangling, .other: break
      }
    }
    for text in twins.notes { report.note("\(folder): \(text)", isLoss: false) }
  }

  /// Image files of a folder and those below it.
  private mutating func collect(
    _ folder: String, except above: [String]
  ) throws(DatasetError) -> [String] {
    let visited = Set(above.compactMap { FileKind(path: $0)?.identity })
    var paths: [String] = []
    var report = report
    do throws(FileError) {
      try FileSystem.forEachFile(below: folder, except: visited) { path, entry in
        switch entry.kind {
        // Let the decoder say that a link leads nowhere. Pipes and the like would only block it.
        case .file where PictureCandidate.isPicture(path),
          .dangling where ImageFormat.hasImageName(entry.name):
          paths.append(path)
        case .file: report.ignore(file: path)
        case .dangling, .other, .folder: break
        }
      }
    } catch {
      throw DatasetError(error)
    }
    self.report = report
    return paths
  }
}

/// Class folders that may be one class by mistake: those whose names differ in capitals, and links to
/// one folder.
struct TwinFolders {
  private(set) var notes: [String] = []
  private var names: [String: String] = [:]
  private var identities: [FileKind.Identity: String] = [:]

  mutating func add(_ name: String, _ path: String) {
    if let other = names.updateValue(name, forKey: name.lowercased()) {
      notes.append("the classes \(other) and \(name) differ in capital letters only")
    }
    guard let identity = FileKind(path: path)?.identity else { return }
    if let other = identities.updateValue(name, forKey: identity) {
      notes.append("the classes \(other) and \(name) are one folder: the same pictures twice")
    }
  }
}
