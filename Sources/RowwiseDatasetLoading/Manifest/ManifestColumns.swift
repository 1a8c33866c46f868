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

  init(_ header: CSVRows.Row, path file: String) throws(DatasetError) {
    let fields = header.fields.map { $0.trimmingSpaces() }
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
          + "and label (or filename, image, id; class, target, category), and maybe split")
    }
    (self.path, self.label) = (path, label)
    split = names.firstIndex(of: "split")
  }
}
