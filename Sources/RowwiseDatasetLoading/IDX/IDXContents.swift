import RowwiseFiles
import RowwiseRowSequencing
import RowwiseTexts

/// A data set in IDX files: one pair of images and labels for each part.
struct IDXContents: DatasetContents {
  let path: String
  let pairs: [DatasetPart: IDXPair]
  let isTransposed: Bool
  /// Names by label, where something gives them.
  private let givenNames: [Int: String]?

  /// Larger labels are no numbers of classes.
  private static let largestLabel = 65_535

  var parts: [DatasetPart] { DatasetPart.allCases.filter { pairs[$0] != nil } }
  let report = DatasetReport()
  var namesAreNumbers: Bool { givenNames == nil }

  /// The set whose files lie in a folder; nil where the folder has none.
  ///
  /// - Throws: where there are several sets, or one of a pair is missing.
  init?(folder: String, entries: [FileSystem.Entry]) throws(DatasetError) {
    var sets: [String: [DatasetPart: [IDXName.Content: String]]] = [:]
    for entry in entries where entry.kind == .file {
      guard let name = IDXName(entry.name) else { continue }
      let part = name.part ?? .whole
      // Of a plain and a compressed twin take the plain one: it comes first and reads faster.
      if sets[name.prefix]?[part]?[name.content] == nil {
        sets[name.prefix, default: [:]][part, default: [:]][name.content] =
          FileSystem.join(folder, entry.name)
      }
    }
    guard let (prefix, files) = sets.first else { return nil }
    guard sets.count == 1 else {
      let names = NaturalKey.sorted(sets.keys.map { $0.isEmpty ? "(no prefix)" : $0 + "…" })
      throw .ambiguous(path: folder, candidates: names)
    }
    var pairs: [DatasetPart: IDXPair] = [:]
    for (part, contents) in files {
      switch (contents[.images], contents[.labels]) {
      case (let images?, let labels?): pairs[part] = IDXPair(images: images, labels: labels)
      case (let images?, nil):
        throw .missingPartner(path: images, expected: IDXContents.partnerName(of: images))
      case (nil, let labels?):
        throw .missingPartner(path: labels, expected: IDXContents.partnerName(of: labels))
      case (nil, nil): break
      }
    }
    try self.init(path: folder, prefix: prefix, pairs: pairs)
  }

  /// The pair that a single file belongs to, as one undivided set.
  init(file path: String) throws(DatasetError) {
    let name = FileSystem.lastComponent(path)
    guard let parsed = IDXName(name) else {
      throw .unrecognized(
        path: path,
        reason: "an IDX file, but its name does not end as in "
          + "train-images-idx3-ubyte.gz, so that its partner cannot be found")
    }
    let folder = FileSystem.folder(of: path)
    let partner = IDXContents.partnerName(of: name)
    let candidates = try FileSystem.datasetEntries(of: folder).map(\.name)
      .filter { candidate in
        guard let other = IDXName(candidate) else { return false }
        return other.content != parsed.content && other.part == parsed.part
          && other.prefix == parsed.prefix
      }
    guard let found = candidates.first(where: { $0 == partner }) ?? candidates.first else {
      throw .missingPartner(path: path, expected: partner)
    }
    let other = path.contains("/") ? FileSystem.join(folder, found) : found
    let pair =
      parsed.content == .images
      ? IDXPair(images: path, labels: other) : IDXPair(images: other, labels: path)
    try self.init(path: path, prefix: parsed.prefix, pairs: [.whole: pair])
  }

  private init(
    path: String, prefix: String, pairs: [DatasetPart: IDXPair]
  ) throws(DatasetError) {
    self.path = path
    self.pairs = pairs
    isTransposed = prefix.lowercased().hasPrefix("emnist-")
    let folder =
      FileKind(path: path)?.kind == .folder ? path : FileSystem.folder(of: path)
    let mapping = FileSystem.join(folder, prefix + "mapping.txt")
    if FileKind(path: mapping)?.kind == .file {
      givenNames = try IDXClassNames.readMapping(mapping)
    } else if path.lowercased().contains("fashion") {
      givenNames = Dictionary(uniqueKeysWithValues: IDXClassNames.fashion.enumerated().map { $0 })
    } else {
      givenNames = nil
    }
  }

  /// The name of a file's other half.
  private static func partnerName(of path: String) -> String {
    let name = FileSystem.lastComponent(path)
    let isImages = IDXName(name)?.content == .images
    var partner =
      isImages
      ? name.replacing("images", with: "labels") : name.replacing("labels", with: "images")
    for rank in 1...4 {
      partner = partner.replacing("idx\(rank)", with: isImages ? "idx1" : "idx3")
    }
    return partner
  }

  /// Labels as they stand in the file.
  private func labels(of pair: IDXPair, limit: Int) throws(DatasetError) -> [Int] {
    try IDXFile(path: pair.labels, rank: 1, limit: limit).labels()
  }

  /// Names of the classes by label; the first label is 0, or 1 where no part has a 0 (EMNIST
  /// letters).
  private func classes(limit: Int) throws(DatasetError) -> (first: Int, names: [String]) {
    if let givenNames, let first = givenNames.keys.min(), let last = givenNames.keys.max() {
      return (first, (first...last).map { givenNames[$0] ?? "\($0)" })
    }
    var smallest = Int.max
    var largest = 0
    for part in parts {
      guard let pair = pairs[part] else { continue }
      for label in try labels(of: pair, limit: limit) {
        smallest = min(smallest, label)
        largest = max(largest, label)
      }
    }
    let first = smallest == 1 ? 1 : 0
    guard smallest >= 0, largest <= Self.largestLabel else {
      throw .labelOutOfRange(
        path: path, sample: 0, label: smallest < 0 ? smallest : largest,
        classes: Self.largestLabel + 1)
    }
    return (first, (first...largest).map { "\($0)" })
  }

  func shape(options: DatasetOptions) throws(DatasetError) -> NativeShape {
    let part = options.leadingPart(of: parts)
    guard let pair = pairs[part] else { throw .noImages(path: path) }
    let images = try IDXFile(path: pair.images, rank: 3, limit: options.fileBytes)
    return try images.pictures().shape.transposed(isTransposed)
  }

  func load(
    _ part: DatasetPart, as preprocessing: Preprocessing, options: DatasetOptions
  ) throws(DatasetError) -> LoadedPart {
    guard let pair = pairs[part] else {
      throw .missingPart(path: path, part: part, available: parts)
    }
    // Both headers before the first value, so that a mismatch costs nothing.
    let images = try IDXFile(path: pair.images, rank: 3, limit: options.fileBytes)
    let labels = try IDXFile(path: pair.labels, rank: 1, limit: options.fileBytes)
    guard images.count == labels.count else {
      throw .countMismatch(
        images: pair.images, imageCount: images.count, labels: pair.labels,
        labelCount: labels.count)
    }
    let (first, names) = try classes(limit: options.fileBytes)
    let classIndices = try labels.labels().enumerated().map {
      (sample, label) throws(DatasetError) in
      let index = label - first
      guard names.indices.contains(index) else {
        throw DatasetError.labelOutOfRange(
          path: pair.labels, sample: sample, label: label, classes: names.count)
      }
      return Int32(index)
    }
    let (stored, arePlanes) = try images.pictures()
    let conversion = IDXImages(
      count: images.count, stored: stored, arePlanes: arePlanes,
      isTransposed: isTransposed && stored.color == .gray, preprocessing: preprocessing)
    let storage = try conversion.storage(of: images, options: options)
    var report = DatasetReport()
    let present = Set(classIndices)
    report.emptyClasses = names.indices.filter { !present.contains(Int32($0)) }.map { names[$0] }
    return LoadedPart(
      classNames: names, labels: classIndices, samples: .numbered, storage: storage,
      report: report, native: try shape(options: options))
  }
}
