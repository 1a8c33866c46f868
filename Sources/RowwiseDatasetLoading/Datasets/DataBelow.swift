import RowwiseFiles
import RowwiseTexts

/// Looks for files of data in the folders below one that holds none itself.
struct DataBelow {
  private let folder: String
  /// Folders in which a data set was found.
  private var found: [String] = []
  /// IDX files that lie apart.
  private var scattered: [String] = []
  private var seen = 0

  /// Folders to look at, and how far down.
  private static let (most, depth) = (200, 3)

  init(_ folder: String) {
    self.folder = folder
    look(in: folder, Self.depth)
  }

  private mutating func look(in folder: String, _ depth: Int) {
    guard depth > 0, let entries = try? FileSystem.entries(of: folder) else { return }
    for entry in entries where entry.kind == .folder {
      let path = FileSystem.join(folder, entry.name)
      seen += 1
      guard seen <= Self.most, let below = try? FileSystem.entries(of: path) else { return }
      if ((try? DatasetLoader.dataFiles(in: path, below)) ?? nil) != nil {
        found.append(path)
        continue
      }
      scattered += below.filter { $0.kind == .file && IDXName($0.name) != nil }.map {
        FileSystem.join(path, $0.name)
      }
      look(in: path, depth - 1)
    }
  }

  /// Throws an error that says where data were found.
  func check() throws(DatasetError) {
    if found.count == 1 { throw .wrapped(path: folder, inner: found[0]) }
    if found.count > 1 { throw .ambiguous(path: folder, candidates: found) }
    guard scattered.isEmpty else {
      throw .unclear(
        path: folder,
        reason: "IDX files lie in folders of their own (\(NameList.text(scattered, most: 4))); put "
          + "images and labels together in one folder")
    }
    if let other = ForeignData.finding(below: folder) {
      throw .unclear(path: other.path, reason: other.finding)
    }
  }
}
