import RowwiseDatasetLoading
import RowwiseFiles
import RowwiseTexts

/// A CSV file whose first row names the columns.
struct CSVTable: Sendable, Equatable {
  /// The columns' names.
  let columns: [String]
  /// The other rows, each with a field per column.
  let rows: [[String]]

  /// Reads a file.
  ///
  /// - Throws: `FileError`; `DatasetError.invalidManifest` where a row is no CSV or has another
  ///   number of fields.
  init(path: String) throws {
    var reader = CSVRows(bytes: try InputFile.bytes(path: path))
    var rows: [[String]] = []
    do throws(CSVSyntaxError) {
      columns = try reader.next()?.fields ?? []
      while let row = try reader.next() {
        guard row.fields.count == columns.count else {
          throw CSVSyntaxError(
            row: row.number, reason: "\(row.fields.count) fields, expected \(columns.count)")
        }
        rows.append(row.fields)
      }
    } catch {
      throw DatasetError(error, path: path)
    }
    self.rows = rows
  }

  /// The number of a column; nil where there is none of that name.
  func column(_ name: String) -> Int? { columns.firstIndex(of: name) }
}
