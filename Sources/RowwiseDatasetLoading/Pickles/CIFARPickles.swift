import RowwiseFiles
import RowwiseRowSequencing

/// Finds CIFAR-10 or CIFAR-100 in its Python version: pickles of a dictionary with `data`, an array of N ×
/// 3072 bytes, and `labels` or `fine_labels`.
enum CIFARPickles {
  /// The set whose files lie in a folder; nil where the folder has none.
  static func contents(
    folder: String, _ entries: [FileSystem.Entry]
  ) throws(DatasetError) -> ArraysContents? {
    let names = Set(entries.filter { $0.kind == .file }.map(\.name))
    let batches = entries.map(\.name).filter { names.contains($0) && $0.hasPrefix("data_batch_") }
      .filter { isPickle(FileSystem.join(folder, $0)) }
    let isHundred = names.contains("train") && names.contains("meta")
    let training = batches.isEmpty && isHundred ? ["train"] : batches
    let test = ["test_batch", "test"].first { names.contains($0) }
    func source(_ names: [String]) -> CIFARPickle? {
      let paths = names.map { FileSystem.join(folder, $0) }
      return paths.isEmpty || !paths.allSatisfy(isPickle) ? nil : CIFARPickle(paths: paths)
    }
    var sources: [DatasetPart: any SampleSource] = [:]
    sources[.train] = source(training)
    if !training.isEmpty || names.contains("batches.meta") {
      sources[.test] = source(test.map { [$0] } ?? [])
    }
    guard !sources.isEmpty else { return nil }
    let meta = ["batches.meta", "meta"].first { names.contains($0) }.map {
      FileSystem.join(folder, $0)
    }
    return ArraysContents(
      path: folder, sources: sources, givenNames: try classNames(meta))
  }

  /// The set in one file, with the names beside it; nil where it is no pickle.
  static func contents(file path: String) throws(DatasetError) -> ArraysContents? {
    let name = FileSystem.lastComponent(path)
    guard isPickle(path), !name.contains(".") || name.hasSuffix(".pkl") || name.hasSuffix(".pickle")
    else { return nil }
    let meta = ["batches.meta", "meta"].map { FileSystem.sibling($0, besides: path) }.first {
      FileKind(path: $0)?.kind == .file
    }
    return ArraysContents(
      path: path, sources: [.whole: CIFARPickle(paths: [path])],
      givenNames: try classNames(meta))
  }

  /// Whether a file begins as pickles of protocol 2 and later do.
  private static func isPickle(_ path: String) -> Bool {
    guard let start = try? RegularFile(path: path).prefix(2), start.count == 2 else { return false }
    return start[0] == 0x80 && (2...5).contains(start[1])
  }

  /// The names of the classes; nil where the file has none.
  private static func classNames(_ path: String?) throws(DatasetError) -> [String]? {
    guard let path else { return nil }
    let dictionary = try CIFARPickle.dictionary(path, limit: 1 << 20)
    guard case .list(let items)? = dictionary["label_names"] ?? dictionary["fine_label_names"]
    else {
      return nil
    }
    let names = items.compactMap { PickleReader.string($0) }
    return names.isEmpty || names.count != items.count || Set(names).count != names.count
      ? nil : names
  }
}

/// Files of CIFAR's Python version, one behind the other.
struct CIFARPickle: SampleSource {
  let paths: [String]

  var path: String { paths[0] }
  var isLabelled: Bool { true }

  func shape(limit: Int) throws(DatasetError) -> NativeShape { CIFARContents.shape }

  func labels(limit: Int) throws(DatasetError) -> [String] {
    var labels: [String] = []
    for path in paths { labels += try Self.read(path, limit: limit).labels }
    return labels
  }

  func forEachPortion(
    limit: Int, threads: Int,
    _ body: (_ pixels: [UInt8], _ labels: [String]?) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    for path in paths {
      let (planes, labels) = try Self.read(path, limit: limit)
      try body(CIFARContents.shape.interleave(Array(planes), threads: threads), labels)
    }
  }

  private static func read(
    _ path: String, limit: Int
  ) throws(DatasetError) -> (planes: ArraySlice<UInt8>, labels: [String]) {
    let dictionary = try dictionary(path, limit: limit)
    guard case .array(let array)? = dictionary["data"], array.dimensions.count == 2,
      array.dimensions[1] == 3072, !array.isFortran,
      ["u1", "|u1", "B"].contains(array.type),
      (array.dimensions[0].multipliedReportingOverflow(by: 3072)) == (array.bytes.count, false),
      case .list(let items)? = dictionary["fine_labels"] ?? dictionary["labels"]
    else {
      throw .unclear(
        path: path,
        reason: "a Python pickle, but not of CIFAR: expected data of N × 3072 bytes and a list of "
          + "labels; save other arrays with numpy.savez")
    }
    var labels: [String] = []
    for item in items {
      guard case .int(let label) = item else {
        throw .unclear(path: path, reason: "a label of the pickle is no whole number")
      }
      labels.append("\(label)")
    }
    guard labels.count == array.dimensions[0] else {
      throw .countMismatch(
        images: path, imageCount: array.dimensions[0], labels: path, labelCount: labels.count)
    }
    return (array.bytes, labels)
  }

  static func dictionary(
    _ path: String, limit: Int
  ) throws(DatasetError) -> [String: PickleReader.Entry] {
    let bytes = try DataFile(path: path).rest(limit: limit)
    do throws(PickleReader.Failure) {
      return try PickleReader.read(bytes)
    } catch {
      throw .unclear(
        path: path,
        reason:
          "a Python pickle that is not read: \(error.reason); take CIFAR's binary version, or "
          + "save arrays with numpy.savez")
    }
  }
}
