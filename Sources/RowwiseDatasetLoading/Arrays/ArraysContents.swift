import RowwiseRowSequencing
import RowwiseTexts

/// A data set whose samples lie in arrays, one source for each part.
struct ArraysContents: DatasetContents {
  let path: String
  let sources: [DatasetPart: any SampleSource]
  /// Names of the classes by their numbers, where something gives them.
  var givenNames: [String]?
  var report = DatasetReport()

  /// Labels are the classes' names.
  var namesAreNumbers: Bool { false }

  var parts: [DatasetPart] { DatasetPart.allCases.filter { sources[$0]?.isLabelled == true } }

  /// - Parameter sources: parts without labels are left out, with a note.
  init(path: String, sources: [DatasetPart: any SampleSource], givenNames: [String]? = nil) {
    self.path = path
    self.givenNames = givenNames
    self.sources = sources
    let isAnyLabelled = sources.values.contains { $0.isLabelled }
    for part in DatasetPart.allCases where isAnyLabelled {
      guard let source = sources[part], !source.isLabelled else { continue }
      report.note(
        "\(source.path) has no labels; it is left out (rowwise classify MODEL \(source.path) tells "
          + "its classes)", isLoss: true)
    }
  }

  /// The source to take where somebody asks for pictures without labels.
  var unlabelled: (any SampleSource)? {
    [.test, .whole, .validation, .train].compactMap { sources[$0] }.first
  }

  private func source(_ part: DatasetPart) throws(DatasetError) -> any SampleSource {
    if let source = sources[part], source.isLabelled { return source }
    if let any = sources.values.first(where: { _ in parts.isEmpty }) {
      throw .unlabelled(path: any.path)
    }
    throw .missingPart(path: path, part: part, available: parts)
  }

  func shape(options: DatasetOptions) throws(DatasetError) -> NativeShape {
    try source(options.leadingPart(of: parts)).shape(limit: options.fileBytes)
  }

  func load(
    _ part: DatasetPart, as preprocessing: Preprocessing, options: DatasetOptions
  ) throws(DatasetError) -> LoadedPart {
    let source = try source(part)
    var labels: [String] = []
    let pixels = try Self.pixels(of: source, as: preprocessing, options: options) {
      labels += $0 ?? []
    }
    if labels.isEmpty { labels = try source.labels(limit: options.fileBytes) }
    let target = NativeShape(
      width: preprocessing.width, height: preprocessing.height, color: preprocessing.color)
    guard labels.count * target.byteCount == pixels.count else {
      throw .countMismatch(
        images: source.path, imageCount: pixels.count / target.byteCount,
        labels: "its labels", labelCount: labels.count)
    }
    let (names, learnt) = try classNames(part, labels, options)
    let isLearnt = part == .train || part == .whole
    let shown = isLearnt ? Array(names.prefix(learnt)) : names
    let classes = try numbers(of: labels, names, source)
    var report = DatasetReport()
    let present = Set(classes)
    report.emptyClasses = names.indices.filter { $0 < learnt && !present.contains(Int32($0)) }.map {
      names[$0]
    }
    return LoadedPart(
      classNames: shown, labels: classes, samples: .numbered,
      storage: PackedPixels(pixels, shape: target), report: report,
      native: try source.shape(limit: options.fileBytes),
      namesAreNumbers: givenNames == nil && shown == shown.indices.map { "\($0)" })
  }

  /// The number of each label's class: where something names the classes, the label itself.
  private func numbers(
    of labels: [String], _ names: [String], _ source: any SampleSource
  ) throws(DatasetError) -> [Int32] {
    if givenNames == nil {
      let numbers = Dictionary(zip(names, Int32(0)...), uniquingKeysWith: { first, _ in first })
      return labels.map { numbers[$0] ?? 0 }
    }
    var numbers: [Int32] = []
    for (sample, label) in labels.enumerated() {
      guard let number = Int32(label), names.indices.contains(Int(number)) else {
        throw .labelOutOfRange(
          path: source.path, sample: sample, label: Int(label) ?? -1, classes: names.count)
      }
      numbers.append(number)
    }
    return numbers
  }

  /// The classes: those that are named, or all labels of the training part and then those of others.
  private func classNames(
    _ part: DatasetPart, _ own: [String], _ options: DatasetOptions
  ) throws(DatasetError) -> (all: [String], learnt: Int) {
    if let givenNames { return (givenNames, givenNames.count) }
    var found = Set(own).map { (part: part, name: $0) }
    for other in parts where other != part {
      let labels = try source(other).labels(limit: options.fileBytes)
      found += Set(labels).map { (part: other, name: $0) }
    }
    return FilesContents.classNames(found)
  }

  /// The pixels of a source in a model's size and channels.
  ///
  /// - Parameter labels: called with those of each portion, where they come with the pixels.
  static func pixels(
    of source: any SampleSource, as preprocessing: Preprocessing, options: DatasetOptions,
    labels: ([String]?) -> Void = { _ in }
  ) throws(DatasetError) -> [UInt8] {
    let shape = try source.shape(limit: options.fileBytes)
    var pixels: [UInt8] = []
    try source.forEachPortion(limit: options.fileBytes, threads: options.threads) {
      (portion, own) throws(DatasetError) in
      labels(own)
      if pixels.isEmpty {
        pixels.reserveCapacity(
          min(
            source.expectedBytes(preprocessing.byteCount, of: shape.byteCount), options.cacheBytes))
      }
      pixels +=
        PackedPixels(portion, shape: shape)
        .converted(to: preprocessing, threads: options.threads).pixels
      guard pixels.count <= options.cacheBytes else {
        throw DatasetError.tooLarge(
          path: source.path, bytes: pixels.count, limit: options.cacheBytes)
      }
    }
    guard !pixels.isEmpty else { throw .noImages(path: source.path) }
    return pixels
  }
}

extension SampleSource {
  func check(limit: Int) throws(DatasetError) {}
  func expectedBytes(_ each: Int, of native: Int) -> Int { 0 }
}
