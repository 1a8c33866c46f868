import RowwiseFiles
import RowwiseTexts

/// Finds tables of pixels among the files of a folder: `mnist_train.csv` and `mnist_test.csv`.
enum TableFiles {
  /// Endings of names of tables, in lower case.
  private static let endings = [".csv", ".tsv", ".csv.gz", ".tsv.gz"]

  /// Whether a file's name is one of tables.
  static func isNamed(_ name: String) -> Bool {
    let name = name.lowercased()
    return endings.contains { name.hasSuffix($0) }
  }

  /// The data set in one file; nil where it is no table of pixels.
  static func contents(file path: String) throws(DatasetError) -> ArraysContents? {
    guard let table = try PixelTable(path: path) else { return nil }
    return ArraysContents(path: path, sources: [.whole: table])
  }

  /// The data set whose tables lie in a folder, one for each part; nil where there are none.
  static func contents(
    folder: String, _ entries: [FileSystem.Entry]
  ) throws(DatasetError) -> ArraysContents? {
    let named = entries.filter { $0.kind == .file && isNamed($0.name) }
    let parts = PartName.parts(of: named.map { stem($0.name) })
    var sources: [DatasetPart: any SampleSource] = [:]
    for entry in named {
      guard let part = parts[stem(entry.name)] else { continue }
      let path = FileSystem.join(folder, entry.name)
      guard let table = try PixelTable(path: path) else { continue }
      if let other = sources[part] {
        throw .ambiguous(path: folder, candidates: [other.path, path])
      }
      sources[part] = table
    }
    guard sources.values.contains(where: { $0.isLabelled }) else { return nil }
    return ArraysContents(path: folder, sources: sources)
  }

  private static func stem(_ name: String) -> String {
    String(name.prefix { $0 != "." })
  }
}
