import RowwiseFiles
import RowwiseImageDecoding
import RowwiseTexts

/// Finds the image files of a folder with one sub-folder per class.
///
/// With `train`, `test`, `val` (or `validation`) folders above the class folders, where one of them
/// holds folders itself. Hidden files are skipped, symbolic links followed, images in folders below
/// a class folder belong to its class.
struct ClassFolders {
  private let root: String
  private var report = DatasetReport()
  /// Files of part and class, with the classes as they were found.
  private var found: [(part: DatasetPart, name: String, paths: [String])] = []
  /// Class folders of each part without an image file.
  private var emptyFolders: [DatasetPart: [String]] = [:]

  /// The files of a folder.
  ///
  /// - Parameter entries: what lies directly in it.
  static func scan(
    _ folder: String, entries: [FileSystem.Entry]
  ) throws(DatasetError) -> FilesContents {
    var scan = ClassFolders(root: folder)
    try scan.scanRoot(entries)
    let classNames = NaturalKey.sorted(Set(scan.found.map(\.name)))
    let numbers = Dictionary(uniqueKeysWithValues: zip(classNames, 0...))
    var files: [DatasetPart: [FilesContents.File]] = [:]
    for (part, name, paths) in scan.found {
      guard let label = numbers[name] else { continue }
      files[part, default: []] += paths.map {
        FilesContents.File(path: $0, label: Int32(label))
      }
    }
    guard files.values.contains(where: { !$0.isEmpty }) else { throw .noImages(path: folder) }
    return FilesContents(
      path: folder, classNames: classNames, files: files, emptyFolders: scan.emptyFolders,
      report: scan.report)
  }

  private init(root: String) { self.root = root }

  private mutating func scanRoot(_ entries: [FileSystem.Entry]) throws(DatasetError) {
    var parts: [(DatasetPart, String, [FileSystem.Entry])] = []
    var others: [FileSystem.Entry] = []
    for entry in entries {
      guard entry.kind == .folder, let part = DatasetPart(word: entry.name) else {
        others.append(entry)
        continue
      }
      let path = FileSystem.join(root, entry.name)
      parts.append((part, path, try FileSystem.datasetEntries(of: path)))
    }
    if parts.contains(where: { $0.2.contains { $0.kind == .folder } }) {
      for entry in others {
        let path = FileSystem.join(root, entry.name)
        if entry.kind == .folder { report.ignoredFolders.append(path) }
        if entry.kind == .file { report.ignore(file: path) }
      }
      for (part, path, entries) in parts { try scanClasses(of: part, in: path, entries) }
    } else {
      try scanClasses(of: .whole, in: root, entries)
    }
  }

  private mutating func scanClasses(
    of part: DatasetPart, in folder: String, _ entries: [FileSystem.Entry]
  ) throws(DatasetError) {
    let images = entries.filter { $0.kind == .file && ImageFormat.hasImageName($0.name) }
    guard entries.contains(where: { $0.kind == .folder }) else {
      if images.isEmpty { throw .noImages(path: folder) }
      throw .noClassFolders(path: folder, images: images.count)
    }
    var classes: Set<String> = []
    for entry in entries {
      let path = FileSystem.join(folder, entry.name)
      switch entry.kind {
      case .folder:
        // Names are equal where they are canonically equivalent (Unicode 3.12).
        let (isNew, other) = classes.insert(entry.name)
        guard isNew else {
          throw .equalClassNames(path: folder, first: other, second: entry.name)
        }
        let paths = try collect(path, except: [root, folder])
        found.append((part, entry.name, paths))
        if paths.isEmpty { emptyFolders[part, default: []].append(path) }
      case .file: report.ignore(file: path)
      case .dangling, .other: break
      }
    }
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
        case .file where ImageFormat.hasImageName(entry.name),
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
