import RowwiseFiles

extension FileSystem {
  /// Entries of a folder of a data set, as `entries(of:)`.
  static func datasetEntries(of folder: String) throws(DatasetError) -> [Entry] {
    do throws(FileError) {
      return try entries(of: folder)
    } catch {
      throw DatasetError(error)
    }
  }
}

extension DatasetError {
  /// A file or folder that the system does not read.
  init(_ error: FileError) {
    if case .badArchive(let path, let reason) = error {
      self = .badArchive(path: path, reason: reason)
    } else {
      self = .unreadable(path: error.path, reason: error.reason)
    }
  }
}
