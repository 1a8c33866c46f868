import RowwiseFiles
import RowwiseImageDecoding

/// Finds and opens data sets by path or name.
public enum DatasetLoader {
  /// Where names are looked for: `Datasets` of the current folder, then the system's data sets.
  public static let defaultFolders = ["Datasets", "/usr/share/datasets"]

  /// Looks at a file or folder, or finds a data set by name, and tells what it is.
  ///
  /// A path that exists is taken as it is. Otherwise a name without slash, such as `digits`,
  /// `mnist` or `fashion-mnist`, is looked for in `folders`.
  ///
  /// - Parameters:
  ///   - argument: a path, or a name.
  ///   - folders: searched in this order; the caller adds the user's cache folder.
  ///   - columns: of a CSV list, which the data set must be then; nil where their names say what they hold.
  public static func locate(
    _ argument: String, searching folders: [String] = defaultFolders, columns: ListColumns? = nil
  ) throws(DatasetError) -> DatasetLayout {
    let path =
      argument.count > 1 && argument.hasSuffix("/") ? String(argument.dropLast()) : argument
    if let status = try FileKind(reaching: path) { return try recognize(path, status, columns) }
    if !argument.isEmpty, !argument.contains("/"), argument != ".", argument != ".." {
      for folder in folders {
        let path = FileSystem.join(folder, argument)
        if let status = FileKind(path: path) { return try recognize(path, status, columns) }
      }
      throw .notFound(path: argument, searched: folders)
    }
    throw .notFound(path: argument, searched: [])
  }

  /// Finds a data set and loads all its parts.
  ///
  /// - Parameters:
  ///   - argument: a path, or a name.
  ///   - options: how samples are read.
  ///   - folders: as ``locate(_:searching:columns:)`` takes them.
  ///   - columns: of a CSV list, as it takes them.
  /// - Throws: ``DatasetError``; `PreprocessingError` where the size asked for makes no sense.
  public static func open(
    _ argument: String, options: DatasetOptions = DatasetOptions(),
    searching folders: [String] = defaultFolders, columns: ListColumns? = nil
  ) throws -> DatasetSplits {
    let layout = try locate(argument, searching: folders, columns: columns)
    var report = layout.report
    var parts: [DatasetPart: ImageDataset] = [:]
    if layout.parts.isEmpty { _ = try layout.load(.whole, options: options) }
    for part in layout.parts {
      let dataset = try layout.load(part, options: options)
      report.add(dataset.report)
      parts[part] = dataset
    }
    return DatasetSplits(parts: parts, report: report)
  }

  /// A list whose columns are named.
  private static func list(
    _ path: String, _ status: FileKind, _ columns: ListColumns
  ) throws(DatasetError) -> DatasetLayout {
    guard status.kind == .file, isList(path) else {
      throw .unclear(
        path: path,
        reason: "the columns \(columns) are named, and it is no CSV list; "
          + "give the list's own path, or leave --columns out")
    }
    return DatasetLayout(kind: .manifest, contents: try CSVManifest.read(path, columns: columns))
  }

  /// Whether a path is called like a list.
  package static func isList(_ path: String) -> Bool {
    TableFiles.isNamed(FileSystem.lastComponent(path).lowercased())
  }

  private static func recognize(
    _ path: String, _ status: FileKind, _ columns: ListColumns?
  ) throws(DatasetError) -> DatasetLayout {
    if let columns { return try list(path, status, columns) }
    return switch status.kind {
    // An archive that was opened before is a folder already.
    case .folder where Archives.holds(path): try recognize(mounted: path)
    case .folder: try recognize(folder: path)
    case .file: try recognize(file: path)
    case .other, .dangling: throw .unrecognized(path: path, reason: "neither a file nor a folder")
    }
  }

  /// - Parameter path: in an archive, or its own.
  private static func recognize(mounted path: String) throws(DatasetError) -> DatasetLayout {
    if let layout = try arrays(path) { return layout }
    let note = Archives.leftOut(path)
    do throws(DatasetError) {
      var layout = try recognize(folder: try archive(path) ?? path)
      layout.archiveNote = note
      return layout
    } catch {
      guard case .noImages = error, let note else { throw error }
      throw .unclear(path: path, reason: "no images; \(note)")
    }
  }

  private static func recognize(folder: String) throws(DatasetError) -> DatasetLayout {
    let entries = try FileSystem.datasetEntries(of: folder)
    if let layout = try dataFiles(in: folder, entries) { return layout }
    do throws(DatasetError) {
      return DatasetLayout(
        kind: .folders, contents: try ClassFolders.scan(folder, entries: entries))
    } catch {
      // Not pictures: perhaps the folder holds the one that is meant.
      if case .noImages = error { try DataBelow(folder).check() }
      throw error
    }
  }

  /// The data set whose files, of a kind that holds many samples each, lie in a folder; nil where
  /// there are none.
  static func dataFiles(
    in folder: String, _ entries: [FileSystem.Entry]
  ) throws(DatasetError) -> DatasetLayout? {
    if let contents = try IDXContents(folder: folder, entries: entries) {
      return DatasetLayout(kind: .idx, contents: contents)
    }
    if let contents = try CIFARContents(folder: folder, entries: entries) {
      return DatasetLayout(kind: .cifar, contents: contents)
    }
    if let contents = try CIFARPickles.contents(folder: folder, entries) {
      return DatasetLayout(kind: .pickles, contents: contents)
    }
    if let contents = try NumPyFiles.contents(folder: folder, entries) {
      return DatasetLayout(kind: .numpy, contents: contents)
    }
    if let contents = try TableFiles.contents(folder: folder, entries) {
      return DatasetLayout(kind: .table, contents: contents)
    }
    // A folder, or an archive, with nothing but one such file.
    let files = entries.filter { $0.kind == .file }
    if files.count == 1, files.count == entries.count {
      return try arrays(FileSystem.join(folder, files[0].name))
    }
    return nil
  }

  private static func recognize(file path: String) throws(DatasetError) -> DatasetLayout {
    let name = FileSystem.lastComponent(path).lowercased()
    if let layout = try arrays(path) { return layout }
    if TableFiles.isNamed(name) {
      return DatasetLayout(kind: .manifest, contents: try CSVManifest.read(path))
    }
    if IDXName(name) != nil {
      return DatasetLayout(kind: .idx, contents: try IDXContents(file: path))
    }
    if name.hasSuffix(".bin") {
      guard let contents = try CIFARContents(file: path) else {
        throw .unrecognized(
          path: path, reason: "its size is no multiple of a CIFAR record's 3073 or 3074 bytes")
      }
      return DatasetLayout(kind: .cifar, contents: contents)
    }
    if try archive(path) != nil { return try recognize(mounted: path) }
    if PictureCandidate.isPicture(path) {
      throw .unrecognized(path: path, reason: "a single picture")
    }
    if let reason = ForeignData.finding(path) { throw .unclear(path: path, reason: reason) }
    throw .unrecognized(path: path, reason: "a file of unknown kind")
  }

  /// The data set in one file of arrays; nil where it is another kind of file.
  static func arrays(_ path: String) throws(DatasetError) -> DatasetLayout? {
    if let contents = try NumPyFiles.contents(file: path) {
      return DatasetLayout(kind: .numpy, contents: contents)
    }
    if let contents = try CIFARPickles.contents(file: path) {
      return DatasetLayout(kind: .pickles, contents: contents)
    }
    if TableFiles.isNamed(path), let contents = try TableFiles.contents(file: path) {
      return DatasetLayout(kind: .table, contents: contents)
    }
    return nil
  }

  /// The folder in a zip or tar file that holds the data, read in place: the first in which there is not
  /// only one other; nil where the file is no archive.
  private static func archive(_ path: String) throws(DatasetError) -> String? {
    do throws(FileError) {
      if !Archives.holds(path) { guard try Archives.mount(path) != nil else { return nil } }
      var folder = path
      for _ in 0..<8 {
        let entries = try FileSystem.entries(of: folder)
        guard entries.count == 1, entries[0].kind == .folder else { break }
        folder = FileSystem.join(folder, entries[0].name)
      }
      return folder
    } catch {
      throw DatasetError(error)
    }
  }
}

extension FileKind {
  /// What a path leads to, also in an archive that nobody has opened yet.
  ///
  /// - Throws: `DatasetError` where the archive is damaged.
  init?(reaching path: String) throws(DatasetError) {
    if FileKind(path: path) == nil {
      do throws(FileError) {
        guard try Archives.reach(path) else { return nil }
      } catch {
        throw DatasetError(error)
      }
    }
    self.init(path: path)
  }
}
