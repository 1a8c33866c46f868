import RowwiseFiles
import RowwiseTexts

/// Reads a CSV file that lists image files and their classes: `path,label[,split]`.
///
/// The first row names the columns (``ManifestColumns``), in any order, others are ignored; a table of
/// two columns may be without. Fields are separated by commas, semicolons or tabs and may be quoted (RFC
/// 4180). Paths are relative to the manifest's folder (``ManifestPaths``). `split` is train, validation
/// (val, valid, dev) or test.
enum CSVManifest {
  /// The most bytes of a manifest.
  static let mostBytes = 1 << 30

  /// - Parameter given: columns that hold what is needed; nil where their names say it.
  static func read(
    _ path: String, columns given: ListColumns? = nil
  ) throws(DatasetError) -> FilesContents {
    let text = ManifestText.normalized(try DataFile(path: path).rest(limit: mostBytes))
    let separator = ManifestText.separator(text)
    // Files may be called by any bytes; see `checkEncoding`.
    var rows = CSVRows(bytes: text, separator: separator, keepsBytes: true)
    guard let header = try next(&rows, path) else {
      throw .invalidManifest(path: path, row: 1, reason: "empty; expected columns path and label")
    }
    let columns = try ManifestColumns(header, path: path, given: given)
    if columns.isHeaderless {
      rows = CSVRows(bytes: text, separator: separator, keepsBytes: true)
    }
    var paths = ManifestPaths(manifest: path)
    var repeats = ManifestRepeats()
    var entries: [(part: DatasetPart, path: String, label: String)] = []
    // Labels as they are first written, with their rows.
    var labels: [String: (spelling: String, row: Int)] = [:]
    while let row = try next(&rows, path) {
      guard row.fields.count == header.fields.count else {
        throw .invalidManifest(
          path: path, row: row.number,
          reason: "\(row.fields.count) fields, expected \(header.fields.count)")
      }
      let file = row.fields[columns.path].trimmingSpaces()
      let label = PathText.unescaped(row.fields[columns.label].trimmingSpaces())
      for (name, value) in [("path", file), ("label", label)] where value.isEmpty {
        throw .invalidManifest(path: path, row: row.number, reason: "\(name) is empty")
      }
      guard !file.hasPrefix("/") || !Archives.holds(path) else {
        throw .invalidManifest(
          path: path, row: row.number, reason: "\(file) leads out of the archive")
      }
      // Texts are equal where they are canonically equivalent (Unicode 3.12).
      if let first = labels[label] {
        guard first.spelling.utf8.elementsEqual(label.utf8) else {
          throw .equalLabels(path: path, rows: first.row, row.number, first.spelling, label)
        }
      } else {
        labels[label] = (label, row.number)
      }
      var part = DatasetPart.whole
      if let column = columns.split {
        guard let named = DatasetPart(word: row.fields[column].trimmingSpaces()) else {
          throw .invalidManifest(
            path: path, row: row.number,
            reason: "split is “\(row.fields[column])”, expected train, validation or test")
        }
        part = named
      }
      let full = paths.path(file)
      try checkEncoding(row, columns, full, path)
      repeats.add(full, label: label, row: row.number)
      entries.append((part, full, label))
    }
    guard !entries.isEmpty else {
      throw .invalidManifest(
        path: path, row: header.number, reason: "no rows below the columns' names; expected images")
    }
    let classNames = FilesContents.classNames(entries.map { ($0.part, $0.label) })
    let numbers = Dictionary(uniqueKeysWithValues: zip(classNames.all, Int32(0)...))
    var files: [DatasetPart: [FilesContents.File]] = [:]
    for entry in entries {
      guard let label = numbers[entry.label] else { continue }
      files[entry.part, default: []].append(FilesContents.File(path: entry.path, label: label))
    }
    var report = DatasetReport()
    repeats.note(in: &report)
    for text in Self.twins(classNames.all) { report.note(text, isLoss: false) }
    if let missing = paths.missing {
      report.note(
        "the first file, \(missing), is not there; paths are relative to the folder of the list, and "
          + "are looked for in images, train and train_images, too", isLoss: true)
    }
    return FilesContents(
      path: path, classNames: classNames.all, learntClasses: classNames.learnt, files: files,
      report: report)
  }

  /// Throws where text is in another encoding, unless it is the name of a file that is called so.
  private static func checkEncoding(
    _ row: CSVRows.Row, _ columns: ManifestColumns, _ file: String, _ path: String
  ) throws(DatasetError) {
    let others = row.otherBytes.filter { $0 == columns.label || $0 == columns.path }
    guard !others.isEmpty, others != [columns.path] || FileKind(path: file) == nil else { return }
    throw DatasetError(.notUTF8(row: row.number), path: path)
  }

  /// Classes that may be one by mistake.
  private static func twins(_ names: [String]) -> [String] {
    var known: [String: String] = [:]
    return names.compactMap { name in
      known.updateValue(name, forKey: name.lowercased()).map {
        "the classes \($0) and \(name) differ in capital letters only"
      }
    }
  }

  private static func next(
    _ rows: inout CSVRows, _ path: String
  ) throws(DatasetError) -> CSVRows.Row? {
    do throws(CSVSyntaxError) {
      return try rows.next()
    } catch {
      throw DatasetError(error, path: path)
    }
  }
}

extension DatasetError {
  /// A table that is no CSV.
  package init(_ error: CSVSyntaxError, path: String) {
    self = .invalidManifest(path: path, row: error.row, reason: error.reason)
  }
}
