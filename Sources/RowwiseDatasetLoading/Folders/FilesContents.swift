import RowwiseImageDecoding
import RowwiseRowSequencing
import RowwiseTexts

/// A data set of image files, each with its class: class folders or a CSV manifest.
struct FilesContents: DatasetContents {
  struct File: Sendable, Equatable {
    let path: String
    let label: Int32
  }

  let path: String
  /// The classes of the training part, in natural order, and then those of other parts only.
  let classNames: [String]
  /// How many of the classes a network learns: those of the training part, where there is one.
  let learntClasses: Int
  /// Files of each part in their order.
  let files: [DatasetPart: [File]]
  /// Class folders of each part without an image file.
  var emptyFolders: [DatasetPart: [String]] = [:]
  /// The folder that may be meant where there is only one class folder, and it holds folders.
  var wrapped: String?
  let report: DatasetReport
  let namesAreNumbers = false
  var refusesEmptyClasses: Bool { true }

  /// All classes in the order of their numbers, and how many of them are learnt.
  static func classNames(
    _ found: [(part: DatasetPart, name: String)]
  ) -> (all: [String], learnt: Int) {
    let trained = Set(found.filter { $0.part == .train || $0.part == .whole }.map(\.name))
    let learnt = NaturalKey.sorted(trained.isEmpty ? Set(found.map(\.name)) : trained)
    let others = NaturalKey.sorted(Set(found.map(\.name)).subtracting(learnt))
    return (learnt + others, learnt.count)
  }

  var parts: [DatasetPart] { DatasetPart.allCases.filter { files[$0] != nil } }

  /// The size by a survey of the leading part's files: see ``DatasetOptions/Sizing``.
  func shape(options: DatasetOptions) throws(DatasetError) -> NativeShape {
    // Without a readable example any size will do: loading reports what is wrong.
    guard let survey = survey(options: options) else {
      return NativeShape(width: 28, height: 28, color: .gray)
    }
    return survey.shape(options.sizing, of: leadingPaths(options), options: options)
  }

  /// What sizes the leading part's files have; nil where none can be read.
  func survey(options: DatasetOptions) -> SizeSurvey? {
    SizeSurvey(SizeSurvey.spread(leadingPaths(options)), options: options)
  }

  private func leadingPaths(_ options: DatasetOptions) -> [String] {
    (files[options.leadingPart(of: parts)] ?? []).map(\.path)
  }

  func load(
    _ part: DatasetPart, as preprocessing: Preprocessing, options: DatasetOptions
  ) throws(DatasetError) -> LoadedPart {
    guard let files = files[part] else {
      throw .missingPart(path: path, part: part, available: parts)
    }
    guard !files.isEmpty else { throw .noImages(path: path) }
    let isLearnt = part == .train || part == .whole
    let classNames = isLearnt ? Array(classNames.prefix(learntClasses)) : classNames
    let labels = Set(files.map(\.label))
    if options.classNames == nil, isLearnt, labels.count < 2 {
      if let wrapped { throw .wrapped(path: path, inner: wrapped) }
      // Known before anything is decoded; bad images may still leave too few.
      throw .tooFewClasses(path: path, classes: labels.map { classNames[Int($0)] })
    }
    let decoder = SampleDecoder(preprocessing: preprocessing, decoding: options.decoding)
    var pass = DecodingPass(decoder: decoder, options: options)
    try pass.decode(files, of: path)
    var report = DatasetReport()
    report.badImages = pass.badImages
    report.damagedImages = pass.damagedImages
    var counts = [Int](repeating: 0, count: classNames.count)
    for file in pass.goodFiles { counts[Int(file.label)] += 1 }
    report.emptyClasses = classNames.indices.filter { counts[$0] == 0 && $0 < learntClasses }.map {
      classNames[$0]
    }
    if pass.several.count > 0 {
      let (count, examples) = pass.several
      report.note(
        "files of several pictures (animated PNG, multi-picture JPEG), of which the first is read: "
          + "\(count) (\(examples.joined(separator: ", "))\(count > examples.count ? ", …" : ""))",
        isLoss: false)
    }
    let paths = pass.goodFiles.map(\.path)
    let shape = NativeShape(
      width: preprocessing.width, height: preprocessing.height, color: preprocessing.color)
    let kept = PackedPixels(pass.pixels, shape: shape)
    let storage: any SampleStorage =
      kept.count == paths.count
      ? kept
      : FileStorage(kept: kept, paths: paths, decoder: decoder, threads: options.threads)
    return LoadedPart(
      classNames: classNames, labels: pass.goodFiles.map(\.label), samples: .paths(paths),
      storage: storage, fingerprint: pass.fingerprint, pixelHashes: pass.pixelHashes,
      report: report, measures: pass.measures,
      choices: pass.choices)
  }
}

extension DatasetLayout {
  /// Pictures without labels, as a test part in which all count as the first of the classes: for what asks a
  /// model about pictures and not about their classes.
  ///
  /// - Parameters:
  ///   - paths: of the image files, in their order.
  ///   - path: what they are called together.
  ///   - classNames: of the model that reads them.
  package init(unlabelled paths: [String], at path: String, classNames: [String]) {
    let files = paths.map { FilesContents.File(path: $0, label: 0) }
    self.init(
      kind: .folders,
      contents: FilesContents(
        path: path, classNames: classNames, learntClasses: 0, files: [.test: files],
        report: DatasetReport()))
  }
}
