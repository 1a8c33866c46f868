import RowwiseFiles

/// Files of data that are not read, by their first bytes, and what to do with them.
enum ForeignData {
  private static let kinds: [(start: [UInt8], finding: String)] = [
    (
      Array("PAR1".utf8),
      "a Parquet file, which is not read; in Python, with the packages datasets and pillow: for i, row "
        + "in enumerate(datasets.load_dataset(\"parquet\", data_files=FILE)[\"train\"]): "
        + "os.makedirs(d := f\"out/{row['label']}\", exist_ok=True); row[\"image\"].save(f\"{d}/{i}.png\")"
    ),
    (
      Array("ARROW1".utf8),
      "an Arrow file, which is not read; save its pictures in a folder for each class"
    ),
    (
      [0x89] + Array("HDF".utf8),
      "an HDF5 file, which is not read; in Python: numpy.savez(\"data.npz\", images=file[\"images\"], "
        + "labels=file[\"labels\"]) with the names that h5py.File shows"
    ),
    (
      Array("MATLAB 5.0".utf8),
      "a MATLAB file, which is not read; in Python: numpy.savez(\"data.npz\", images=X, labels=y) with "
        + "what scipy.io.loadmat gives"
    ),
    (Array("7z".utf8) + [0xBC, 0xAF], "a 7-Zip archive, which is not read; unpack it: 7z x"),
    (Array("Rar!".utf8), "a RAR archive, which is not read; unpack it: unrar x"),
    ([0xFD] + Array("7zXZ".utf8), "an xz file, which is not read; unpack it: tar xf, or xz -d"),
    (Array("BZh".utf8), "a bzip2 file, which is not read; unpack it: tar xf, or bzip2 -d"),
    (
      [0x28, 0xB5, 0x2F, 0xFD], "a Zstandard file, which is not read; unpack it: tar xf, or zstd -d"
    ),
    (Array("SQLite format 3".utf8), "a SQLite database, which is not read; expected pictures"),
  ]

  /// What a file is, and what to do; nil where nobody knows.
  static func finding(_ path: String) -> String? {
    guard let start = try? RegularFile(path: path).prefix(16) else { return nil }
    return kinds.first { start.starts(with: $0.start) }?.finding
  }

  /// The first file of a folder, or directly below it, that is such a one.
  static func finding(below folder: String) -> (path: String, finding: String)? {
    for entry in (try? FileSystem.entries(of: folder)) ?? [] {
      let path = FileSystem.join(folder, entry.name)
      if entry.kind == .file, let finding = finding(path) { return (path, finding) }
      guard entry.kind == .folder else { continue }
      for inner in (try? FileSystem.entries(of: path)) ?? [] where inner.kind == .file {
        let path = FileSystem.join(path, inner.name)
        if let finding = finding(path) { return (path, finding) }
      }
    }
    return nil
  }
}
