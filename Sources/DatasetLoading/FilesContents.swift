import ImageDecoding
import RowSequencing

/// A data set of image files, each with its class: class folders or a CSV manifest.
struct FilesContents: DatasetContents {
  struct File: Sendable, Equatable {
    let path: String
    let label: Int32
  }

  let path: String
  let classNames: [String]
  /// Files of each part in their order.
  let files: [DatasetPart: [File]]
  /// Class folders of each part without an image file.
  var emptyFolders: [DatasetPart: [String]] = [:]
  let report: DatasetReport
  let namesAreNumbers = false

  var parts: [DatasetPart] { DatasetPart.allCases.filter { files[$0] != nil } }

  /// The longest side of samples where nobody asks for a size.
  static let mostSide = 64
  /// Files to look at for the size and channels.
  static let examples = 256

  /// The most frequent size of up to 256 files spread over the leading part, shrunk so that no side
  /// is above 64; gray where all of them are.
  ///
  /// Of equally frequent sizes the smaller counts. Files that cannot be read do not count.
  func shape(options: DatasetOptions) throws(DatasetError) -> NativeShape {
    let files = files[options.leadingPart(of: parts)] ?? []
    let step = max(1, (files.count + FilesContents.examples - 1) / FilesContents.examples)
    var counts: [NativeShape: Int] = [:]
    var color = ColorMode.gray
    for i in stride(from: 0, to: files.count, by: step) {
      guard let shape = FilesContents.shape(ofFile: files[i].path, options: options) else {
        continue
      }
      if shape.color == .rgb { color = .rgb }
      counts[NativeShape(width: shape.width, height: shape.height, color: .gray), default: 0] += 1
    }
    let best = counts.max { a, b in
      (a.value, -a.key.byteCount, -a.key.width) < (b.value, -b.key.byteCount, -b.key.width)
    }
    // Without a readable example any size will do: loading reports what is wrong.
    guard let native = best?.key else { return NativeShape(width: 28, height: 28, color: .gray) }
    let longest = max(native.width, native.height)
    guard longest > FilesContents.mostSide else {
      return NativeShape(width: native.width, height: native.height, color: color)
    }
    func shrink(_ side: Int) -> Int {
      max(1, (side * FilesContents.mostSide + longest / 2) / longest)
    }
    return NativeShape(width: shrink(native.width), height: shrink(native.height), color: color)
  }

  /// Upright size and channels from a file's header; nil where it cannot be read.
  private static func shape(ofFile path: String, options: DatasetOptions) -> NativeShape? {
    guard let info = try? ImageRowReader(path: path, options: options.decoding).info else {
      return nil
    }
    let color: ColorMode =
      switch info.colorModel {
      case .gray, .grayAlpha: .gray
      case .rgb, .rgba, .palette, .cmyk: .rgb
      }
    return NativeShape(width: info.uprightWidth, height: info.uprightHeight, color: color)
  }

  func load(
    _ part: DatasetPart, as preprocessing: Preprocessing, options: DatasetOptions
  ) throws(DatasetError) -> LoadedPart {
    guard let files = files[part] else {
      throw .missingPart(path: path, part: part, available: parts)
    }
    guard !files.isEmpty else { throw .noImages(path: path) }
    let labels = Set(files.map(\.label))
    if options.classNames == nil, part == .train || part == .whole, labels.count < 2 {
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
    report.emptyClasses = classNames.indices.filter { counts[$0] == 0 }.map { classNames[$0] }
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
      storage: storage, fingerprint: pass.fingerprint, report: report)
  }
}
