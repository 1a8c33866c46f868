import RowwiseRowSequencing

/// What a kind of data set has to know: its parts, its shape, and how to load a part.
protocol DatasetContents: Sendable {
  var path: String { get }
  /// In the order of ``DatasetPart``.
  var parts: [DatasetPart] { get }
  /// What a look at the files, without decoding, found.
  var report: DatasetReport { get }
  /// Class folders of each part without an image file.
  var emptyFolders: [DatasetPart: [String]] { get }
  /// Whether classes are called by their number for want of names.
  var namesAreNumbers: Bool { get }
  /// Whether a class that nothing is learnt about is a mistake: classes are named one by one.
  var refusesEmptyClasses: Bool { get }
  /// The folder that may be meant in place of this one; nil where nothing speaks for that.
  var wrapped: String? { get }

  /// Size and channels that samples have by themselves.
  func shape(options: DatasetOptions) throws(DatasetError) -> NativeShape

  /// What sizes image files have; nil where samples are no files.
  func survey(options: DatasetOptions) -> SizeSurvey?

  /// Loads a part's samples in the size and channels of `preprocessing`.
  func load(
    _ part: DatasetPart, as preprocessing: Preprocessing, options: DatasetOptions
  ) throws(DatasetError) -> LoadedPart
}

extension DatasetContents {
  /// None, where classes are no folders.
  var emptyFolders: [DatasetPart: [String]] { [:] }
  var refusesEmptyClasses: Bool { false }
  var wrapped: String? { nil }

  /// Samples of one data file have one size.
  func survey(options: DatasetOptions) -> SizeSurvey? { nil }
}

/// Samples of one part with the data's own class numbers.
struct LoadedPart: Sendable {
  let classNames: [String]
  let labels: [Int32]
  let samples: SampleNames
  let storage: any SampleStorage
  /// Hash of all samples, where it was made while they were decoded.
  var fingerprint: DataFingerprint.Samples?
  /// Hash of each sample's pixels, likewise.
  var pixelHashes: [UInt64]?
  /// What loading found.
  var report = DatasetReport()
  /// What each sample is like, where it was measured while it was decoded.
  var measures: [PictureMeasure]?
  /// What was chosen for some samples, by their number.
  var choices: [Int: PictureFinding] = [:]
  /// Size that samples have in their file, where they are measured later; nil: the model's.
  var native: NativeShape?
  /// Whether the classes are called 0, 1, 2 and so on, where not all data of the kind are.
  var namesAreNumbers = false
}

/// What samples are called.
enum SampleNames: Sendable {
  /// By their number in the file, from 0.
  case numbered
  /// By the paths of their files.
  case paths([String])

  func name(at index: Int) -> String {
    switch self {
    case .numbered: "\(index)"
    case .paths(let paths): paths[index]
    }
  }
}

/// Size and channels of samples.
struct NativeShape: Sendable, Hashable {
  var width: Int
  var height: Int
  var color: ColorMode

  var byteCount: Int { width * height * color.channels }

  /// With width and height exchanged, if so told.
  func transposed(_ exchange: Bool) -> NativeShape {
    exchange ? NativeShape(width: height, height: width, color: color) : self
  }

  /// Exchanges rows and columns of every picture.
  ///
  /// - Parameter pixels: pictures of this shape, gray, one behind the other.
  func transpose(_ pixels: [UInt8], threads: Int) -> [UInt8] {
    let (width, height) = (width, height)
    return PackedPixels.map(
      count: pixels.count / byteCount, bytesEach: byteCount, threads: threads
    ) { index, target in
      let base = index * width * height
      for y in 0..<height {
        for x in 0..<width { target[x * height + y] = pixels[base + y * width + x] }
      }
    }
  }
}
