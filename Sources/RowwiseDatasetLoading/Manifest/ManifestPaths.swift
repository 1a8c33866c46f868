import RowwiseFiles
import RowwiseImageDecoding
import RowwiseTexts

/// Where the files of a manifest are: as they are written, or as somebody with another system or only
/// their names wrote them.
struct ManifestPaths {
  private let folder: String
  /// Between the manifest's folder and a file's path, and behind it.
  private var (before, behind) = ("", "")
  private var isFirst = true
  /// The first file, where it is nowhere.
  private(set) var missing: String?

  /// Folders in which Kaggle and others put the pictures of a table.
  private static let folders = ["", "images", "train", "train_images", "imgs", "data"]
  private static let endings = [
    "", ".jpg", ".png", ".jpeg", ".JPG", ".PNG", ".bmp", ".pgm", ".ppm",
  ]

  init(manifest: String) { folder = FileSystem.folder(of: manifest) }

  /// The path of a file by what stands in its row.
  mutating func path(_ written: String) -> String {
    var forms = [written] + PathText.otherForms(of: written)
    // A backslash may be part of a name, but hardly is.
    if written.contains("\\") { forms.append(written.replacing("\\", with: "/")) }
    if isFirst {
      isFirst = false
      if !forms.contains(where: { FileKind(path: full($0)) != nil }) { find(forms) }
    }
    let paths = forms.map { full(before + $0 + behind) }
    guard paths.count > 1 else { return paths[0] }
    return paths.first { FileKind(path: $0) != nil } ?? paths[paths.count - 1]
  }

  private func full(_ path: String) -> String {
    path.hasPrefix("/") || folder == "." ? path : FileSystem.join(folder, path)
  }

  /// Looks where the first file is, with an ending where its name has none.
  private mutating func find(_ forms: [String]) {
    for written in forms where !written.hasPrefix("/") {
      let endings = ImageFormat.hasImageName(written) ? [""] : Self.endings
      for folder in Self.folders {
        for ending in endings {
          let before = folder.isEmpty ? "" : folder + "/"
          guard FileKind(path: full(before + written + ending))?.kind == .file else { continue }
          (self.before, behind) = (before, ending)
          return
        }
      }
    }
    missing = forms[forms.count - 1]
  }
}
