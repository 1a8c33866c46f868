import RowwiseFiles
import RowwiseRowSequencing

/// CIFAR-10 or CIFAR-100 in its binary version: records of labels and 3 × 1024 bytes.
///
/// A record of CIFAR-10 is 1 label and 1024 bytes each of red, green and blue, row by row; one of
/// CIFAR-100 has 2 labels, coarse and fine, of which the fine one counts.
/// (A. Krizhevsky: "The CIFAR-10 dataset", section "Binary version".)
struct CIFARContents: DatasetContents {
  enum Variant: Int {
    case ten = 10
    case hundred = 100

    var labelBytes: Int { self == .ten ? 1 : 2 }
    var recordBytes: Int { labelBytes + 3072 }
    var namesFile: String { self == .ten ? "batches.meta.txt" : "fine_label_names.txt" }
  }

  static let shape = NativeShape(width: 32, height: 32, color: .rgb)

  let path: String
  let variant: Variant
  /// Files of each part, in natural order.
  let files: [DatasetPart: [String]]
  let report: DatasetReport
  private let givenNames: [String]?

  var parts: [DatasetPart] { DatasetPart.allCases.filter { files[$0] != nil } }
  var namesAreNumbers: Bool { givenNames == nil }

  /// The set whose files lie in a folder; nil where the folder has none.
  init?(folder: String, entries: [FileSystem.Entry]) throws(DatasetError) {
    let records = entries.filter { $0.kind == .file && $0.name.lowercased().hasSuffix(".bin") }
    let paths = records.map { FileSystem.join(folder, $0.name) }
    guard !paths.isEmpty, let variant = CIFARContents.variant(of: paths, folder: folder) else {
      return nil
    }
    var files: [DatasetPart: [String]] = [:]
    var report = DatasetReport()
    for (record, path) in zip(records, paths) {
      if let part = CIFARContents.part(ofName: record.name) {
        files[part, default: []].append(path)
      } else {
        report.ignore(file: path)
      }
    }
    if files.isEmpty {
      files = [.whole: paths]
      report = DatasetReport()
    }
    try self.init(path: folder, folder: folder, variant: variant, files: files, report: report)
  }

  /// One file of records, as an undivided set; nil where its size is no multiple of a record's.
  init?(file path: String) throws(DatasetError) {
    let folder = FileSystem.folder(of: path)
    guard let variant = CIFARContents.variant(of: [path], folder: folder) else { return nil }
    try self.init(
      path: path, folder: folder, variant: variant, files: [.whole: [path]],
      report: DatasetReport())
  }

  private init(
    path: String, folder: String, variant: Variant, files: [DatasetPart: [String]],
    report: DatasetReport
  ) throws(DatasetError) {
    self.path = path
    self.variant = variant
    self.files = files
    self.report = report
    let namesFile = FileSystem.join(folder, variant.namesFile)
    givenNames =
      FileKind(path: namesFile)?.kind == .file
      ? try CIFARContents.readNames(namesFile, count: variant.rawValue) : nil
  }

  /// Which records files hold: as the file of class names beside them says, or by their sizes.
  private static func variant(of paths: [String], folder: String) -> Variant? {
    for variant in [Variant.ten, .hundred] {
      let namesFile = FileSystem.join(folder, variant.namesFile)
      if FileKind(path: namesFile)?.kind == .file { return variant }
    }
    let sizes = paths.map { FileKind(path: $0)?.size ?? 0 }
    return [Variant.ten, .hundred].first { variant in
      sizes.allSatisfy { $0 > 0 && $0 % variant.recordBytes == 0 }
    }
  }

  /// The part that a file's name stands for.
  private static func part(ofName name: String) -> DatasetPart? {
    let name = name.lowercased()
    if name.hasPrefix("data_batch") || name.hasPrefix("train") { return .train }
    if name.hasPrefix("test") { return .test }
    if name.hasPrefix("val") { return .validation }
    return nil
  }

  private static func readNames(_ path: String, count: Int) throws(DatasetError) -> [String] {
    let bytes = try DataFile(path: path).rest(limit: 1 << 20)
    let names = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
      .map { $0.trimmingSpaces() }.filter { !$0.isEmpty }
    guard names.count == count else {
      throw .invalidClassNames(
        path: path, row: names.count + 1,
        reason: "\(names.count) class names, expected \(count)")
    }
    for (index, name) in names.enumerated() where names[..<index].contains(name) {
      throw .invalidClassNames(
        path: path, row: index + 1, reason: "the class name “\(name)” is there twice")
    }
    return names
  }

  func shape(options: DatasetOptions) throws(DatasetError) -> NativeShape { CIFARContents.shape }

  func load(
    _ part: DatasetPart, as preprocessing: Preprocessing, options: DatasetOptions
  ) throws(DatasetError) -> LoadedPart {
    guard let paths = files[part] else {
      throw .missingPart(path: path, part: part, available: parts)
    }
    var labels: [Int32] = []
    var pixels: [UInt8] = []
    pixels.reserveCapacity(
      paths.reduce(0) { $0 + min(FileKind(path: $1)?.size ?? 0, options.fileBytes) })
    for path in paths {
      let records = try readRecords(path, limit: options.fileBytes)
      for record in 0..<records.count / variant.recordBytes {
        // The fine label of CIFAR-100 is the second.
        let label = Int(records[record * variant.recordBytes + variant.labelBytes - 1])
        guard label < variant.rawValue else {
          throw .labelOutOfRange(
            path: path, sample: record, label: label, classes: variant.rawValue)
        }
        labels.append(Int32(label))
      }
      pixels += interleave(records, threads: options.threads)
    }
    let packed = PackedPixels(pixels, shape: CIFARContents.shape)
    let names = givenNames ?? (0..<variant.rawValue).map { "\($0)" }
    var report = DatasetReport()
    let present = Set(labels)
    report.emptyClasses = names.indices.filter { !present.contains(Int32($0)) }.map { names[$0] }
    return LoadedPart(
      classNames: names, labels: labels, samples: .numbered,
      storage: packed.converted(to: preprocessing, threads: options.threads),
      report: report, native: CIFARContents.shape)
  }

  private func readRecords(_ path: String, limit: Int) throws(DatasetError) -> [UInt8] {
    let records = try DataFile(path: path).rest(limit: limit)
    let whole = records.count / variant.recordBytes * variant.recordBytes
    guard records.count > 0, whole == records.count else {
      throw .sizeMismatch(
        path: path, expected: max(whole, variant.recordBytes), received: records.count)
    }
    return records
  }

  /// Pixels of records, red, green and blue side by side.
  private func interleave(_ records: [UInt8], threads: Int) -> [UInt8] {
    let variant = variant
    return records.withUnsafeBufferPointer { buffer in
      // SAFETY: only read, and map returns before the buffer goes away; see `CIFARContentsTests`.
      nonisolated(unsafe) let records = buffer
      return PackedPixels.map(
        count: records.count / variant.recordBytes, bytesEach: 3072, threads: threads
      ) { index, target in
        let base = index * variant.recordBytes + variant.labelBytes
        for i in 0..<1024 {
          target[3 * i] = records[base + i]
          target[3 * i + 1] = records[base + 1024 + i]
          target[3 * i + 2] = records[base + 2048 + i]
        }
      }
    }
  }
}

extension StringProtocol {
  /// Without spaces and tabs at both ends.
  func trimmingSpaces() -> String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    guard let start = firstIndex(where: { !isSpace($0) }),
      let last = lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(self[start...last])
  }
}
