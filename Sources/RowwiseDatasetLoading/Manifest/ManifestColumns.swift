import RowwiseImageDecoding
import RowwiseTexts

/// Where a manifest's columns are.
struct ManifestColumns {
  let path: Int
  let label: Int
  let split: Int?
  /// Whether the first row is a picture already.
  let isHeaderless: Bool

  /// Names of the column of files, the usual one first.
  private static let pathNames = [
    "path", "filename", "file_name", "filepath", "file_path", "image_path", "file", "image", "img",
    "image_id", "id", "name",
  ]
  /// Names of the column of classes.
  private static let labelNames = [
    "label", "class", "target", "category", "class_name", "label_name", "labels",
  ]

  /// - Parameter given: those that hold what is needed; nil where their names say it.
  init(
    _ header: CSVRows.Row, path file: String, given: ListColumns?
  ) throws(DatasetError) {
    let fields = header.fields.map { $0.trimmingSpaces() }
    if let given {
      self = try Self.named(given, among: fields, row: header.number, path: file)
      return
    }
    if fields.count == 2, ImageFormat.hasImageName(fields[0]) {
      (path, label, split, isHeaderless) = (0, 1, nil, true)
      return
    }
    isHeaderless = false
    let names = fields.map { $0.lowercased() }
    for name in ["path", "label", "split"] where names.count(where: { $0 == name }) > 1 {
      throw .invalidManifest(
        path: file, row: header.number, reason: "two columns are called \(name)")
    }
    func column(_ known: [String]) -> Int? {
      known.lazy.compactMap { names.firstIndex(of: $0) }.first
    }
    var (path, label) = (column(Self.pathNames), column(Self.labelNames))
    // Of two columns the other one.
    if names.count == 2 {
      if label == nil { label = path.map { 1 - $0 } }
      if path == nil { path = label.map { 1 - $0 } }
    }
    guard let path, let label else {
      throw .invalidManifest(
        path: file, row: header.number,
        reason:
          "the columns are \(NameList.text(names.map { String($0.prefix(40)) })); expected path "
          + "and label (or filename, image, id; class, target, category), and maybe split; --columns says "
          + "which are meant")
    }
    (self.path, self.label) = (path, label)
    split = names.firstIndex(of: "split")
  }

  private init(path: Int, label: Int, split: Int?) {
    (self.path, self.label, self.split, isHeaderless) = (path, label, split, false)
  }

  /// The columns of given names.
  private static func named(
    _ given: ListColumns, among fields: [String], row: Int, path file: String
  ) throws(DatasetError) -> ManifestColumns {
    func column(_ name: String) throws(DatasetError) -> Int {
      let found = fields.indices.filter { fields[$0].lowercased() == name.lowercased() }
      guard found.count < 2 else {
        throw .invalidManifest(path: file, row: row, reason: "two columns are called \(name)")
      }
      guard let index = found.first else {
        throw .invalidManifest(
          path: file, row: row,
          reason:
            "no column is called \(name) (--columns); they are "
            + NameList.text(fields.map { String($0.prefix(40)) }))
      }
      return index
    }
    let (path, label) = (try column(given.path), try column(given.label))
    guard path != label else {
      throw .invalidManifest(
        path: file, row: row, reason: "the column \(given.path) cannot hold both files and classes")
    }
    var split: Int?
    if let name = given.split { split = try column(name) }
    return ManifestColumns(path: path, label: label, split: split)
  }
}
