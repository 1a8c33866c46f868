import RowwiseFiles
import RowwiseTexts

/// Reads a CSV file that lists image files and their classes: `path,label[,split]`.
///
/// The first row names the columns, in any order, others are ignored. Fields may be quoted (RFC
/// 4180). Paths are relative to the manifest's folder. `split` is train, validation (val, valid) or
/// test.
enum CSVManifest {
  /// The most bytes of a manifest.
  static let mostBytes = 1 << 30

  static func read(_ path: String) throws(DatasetError) -> FilesContents {
    var rows = CSVRows(bytes: try DataFile(path: path).rest(limit: mostBytes))
    guard let header = try next(&rows, path) else {
      throw .invalidManifest(path: path, row: 1, reason: "empty; expected columns path and label")
    }
    let columns = try Columns(header, path: path)
    let folder = FileSystem.folder(of: path)
    var entries: [(part: DatasetPart, path: String, label: String)] = []
    // Labels as they are first written, with their rows.
    var labels: [String: (spelling: String, row: Int)] = [:]
    while let row = try next(&rows, path) {
      guard row.fields.count == header.fields.count else {
        throw .invalidManifest(
          path: path, row: row.number,
          reason: "\(row.fields.count) fields, expected \(header.fields.count)")
      }
      let file = row.fields[columns.path]
      let label = row.fields[columns.label]
      for (name, value) in [("path", file), ("label", label)] where value.isEmpty {
        throw .invalidManifest(path: path, row: row.number, reason: "\(name) is empty")
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
      let full = file.hasPrefix("/") || folder == "." ? file : FileSystem.join(folder, file)
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
    return FilesContents(
      path: path, classNames: classNames.all, learntClasses: classNames.learnt, files: files,
      report: DatasetReport())
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

  /// Where the columns are.
  private struct Columns {
    let path: Int
    let label: Int
    let split: Int?

    init(_ header: CSVRows.Row, path file: String) throws(DatasetError) {
      let names = header.fields.map { $0.trimmingSpaces().lowercased() }
      for name in ["path", "label", "split"] where names.count(where: { $0 == name }) > 1 {
        throw .invalidManifest(
          path: file, row: header.number, reason: "two columns are called \(name)")
      }
      guard let path = names.firstIndex(of: "path"), let label = names.firstIndex(of: "label")
      else {
        throw .invalidManifest(
          path: file, row: header.number,
          reason: "the columns are \(names.joined(separator: ", ")); expected path and label, "
            + "and maybe split, separated by commas")
      }
      self.path = path
      self.label = label
      split = names.firstIndex(of: "split")
    }
  }
}

extension DatasetError {
  /// A table that is no CSV.
  package init(_ error: CSVSyntaxError, path: String) {
    self = .invalidManifest(path: path, row: error.row, reason: error.reason)
  }
}
