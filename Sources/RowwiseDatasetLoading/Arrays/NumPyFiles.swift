import RowwiseFiles
import RowwiseTexts

/// Finds pictures and labels among NumPy arrays by their names: `x_train`, `train_images`,
/// `kmnist-train-imgs.npz`.
enum NumPyFiles {
  private enum Content { case images, labels }

  /// What an array's name says.
  private struct Name {
    let part: DatasetPart?
    let content: Content
    /// The words left, which tell data sets apart.
    let set: String

    private static let images: Set<String> = [
      "x", "images", "image", "imgs", "img", "data", "pixels",
    ]
    private static let labels: Set<String> = [
      "y", "labels", "label", "target", "targets", "classes", "class",
    ]

    init?(_ name: String) {
      let words = name.lowercased().split { "_-. ".contains($0) }.map { String($0) }.flatMap {
        word in
        // "xtrain" and "ytest" are two words.
        ["x", "y"].contains(String(word.prefix(1))) && DatasetPart(word: word.dropFirst()) != nil
          ? [String(word.prefix(1)), String(word.dropFirst())] : [word]
      }
      let parts = words.compactMap { DatasetPart(word: $0) }
      let contents = words.compactMap { word in
        Self.images.contains(word) ? Content.images : Self.labels.contains(word) ? .labels : nil
      }
      guard parts.count < 2, contents.count == 1 else { return nil }
      (part, content) = (parts.first, contents[0])
      set = words.filter {
        DatasetPart(word: $0) == nil && !Self.images.contains($0) && !Self.labels.contains($0)
      }.joined(separator: "-")
    }
  }

  /// The data set in one file: an archive of arrays (`.npz`), or one array of pictures.
  static func contents(file path: String) throws(DatasetError) -> ArraysContents? {
    guard let start = try? RegularFile(path: path).prefix(8) else { return nil }
    if start.starts(with: [0x93] + Array("NUMPY".utf8)) {
      return ArraysContents(path: path, sources: try single(path))
    }
    guard path.lowercased().hasSuffix(".npz"), start.starts(with: [0x50, 0x4B]) else { return nil }
    let entries = try arrays(in: path)
    if let sources = try pairs(entries.map { ($0.name, $0.path) }, of: path) {
      return ArraysContents(path: path, sources: sources)
    }
    // What numpy.savez makes of arrays without names.
    let unnamed = ["arr_0", "arr_1"].map { name in entries.first { $0.name == name }?.path }
    guard let images = unnamed[0], entries.count <= 2 else {
      throw .unclear(
        path: path,
        reason:
          "the arrays \(NameList.text(entries.map(\.name))); expected pictures and labels, such "
          + "as x_train and y_train, train_images and train_labels, or images and labels")
    }
    return ArraysContents(
      path: path, sources: [.whole: NumPySource(images: images, labels: unnamed[1])])
  }

  /// An array of pictures, with labels in a file beside it where its name tells which.
  private static func single(_ path: String) throws(DatasetError) -> [DatasetPart: any SampleSource]
  {
    let folder = FileSystem.folder(of: path)
    let name = FileSystem.lastComponent(path)
    let entries = try FileSystem.datasetEntries(of: folder).filter { $0.kind == .file }
    let own = Name(stem(name))
    let partner = entries.first { entry in
      guard let other = Name(stem(entry.name)), let own else { return false }
      return entry.name.lowercased().hasSuffix(".npy") && own.content == .images
        && other.content == .labels && other.part == own.part && other.set == own.set
    }
    let labels = partner.map { path.contains("/") ? FileSystem.join(folder, $0.name) : $0.name }
    return [.whole: NumPySource(images: path, labels: labels)]
  }

  /// The data set whose arrays lie in a folder, in files of one array each; nil where there is none.
  static func contents(
    folder: String, _ entries: [FileSystem.Entry]
  ) throws(DatasetError) -> ArraysContents? {
    var files: [(name: String, path: String)] = []
    for entry in entries where entry.kind == .file {
      let path = FileSystem.join(folder, entry.name)
      guard Name(stem(entry.name)) != nil else { continue }
      if entry.name.lowercased().hasSuffix(".npy") {
        files.append((stem(entry.name), path))
      } else if entry.name.lowercased().hasSuffix(".npz") {
        let arrays = try arrays(in: path)
        if arrays.count == 1 { files.append((stem(entry.name), arrays[0].path)) }
      }
    }
    guard !files.isEmpty else { return nil }
    let sets = Set(files.compactMap { Name($0.name)?.set })
    guard sets.count == 1 else {
      throw .ambiguous(path: folder, candidates: NaturalKey.sorted(sets).map { $0 + "…" })
    }
    return try pairs(files, of: folder).map { ArraysContents(path: folder, sources: $0) }
  }

  private static func stem(_ name: String) -> String {
    let lower = name.lowercased()
    return lower.hasSuffix(".npy") || lower.hasSuffix(".npz") ? String(name.dropLast(4)) : name
  }

  /// The arrays of an `.npz` file, which is a zip file of `.npy` files.
  private static func arrays(
    in path: String
  ) throws(DatasetError) -> [(name: String, path: String)] {
    do throws(FileError) {
      guard try Archives.mount(path) != nil else {
        throw FileError.badArchive(path: path, reason: "not a NumPy file, which is a zip file")
      }
      return try FileSystem.entries(of: path).filter { $0.name.hasSuffix(".npy") }.map {
        (String($0.name.dropLast(4)), FileSystem.join(path, $0.name))
      }
    } catch {
      throw DatasetError(error)
    }
  }

  /// Pictures and labels of each part; nil where no name is one of pictures.
  ///
  /// - Throws: `ambiguous` where several could be meant.
  private static func pairs(
    _ files: [(name: String, path: String)], of whole: String
  ) throws(DatasetError) -> [DatasetPart: any SampleSource]? {
    let named = files.compactMap { file in Name(file.name).map { (name: $0, file: file) } }
    /// The one of some content: called by nothing else, or by the same words, or the only one.
    func one(
      _ content: Content, of part: DatasetPart?, like set: String
    ) throws(DatasetError) -> (name: Name, file: (name: String, path: String))? {
      let all = named.filter { $0.name.content == content && $0.name.part == part }
      let wanted = [set, ""].lazy.map { set in all.filter { $0.name.set == set } }.first {
        !$0.isEmpty
      }
      let found = wanted ?? all
      guard found.count < 2 else {
        throw .ambiguous(path: whole, candidates: found.map(\.file.name))
      }
      return found.first
    }
    var sources: [DatasetPart: any SampleSource] = [:]
    for part in Set(named.filter { $0.name.content == .images }.map(\.name.part)) {
      guard let images = try one(.images, of: part, like: "") else { continue }
      let labels = try one(.labels, of: part, like: images.name.set)
      sources[part ?? .whole] = NumPySource(
        images: images.file.path, labels: labels?.file.path)
    }
    return sources.isEmpty ? nil : sources
  }
}
