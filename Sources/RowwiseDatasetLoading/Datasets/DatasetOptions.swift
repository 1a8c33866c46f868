import RowwiseImageDecoding
import RowwiseRowSequencing
import RowwiseWorkers

/// How to open a data set.
public struct DatasetOptions: Sendable {
  /// Size that samples get, in pixels; nil: the data's own (see `DatasetLayout.preprocessing`).
  public var width: Int?
  /// Height likewise.
  public var height: Int?
  /// How image files decide on the size where nobody asks for one.
  public var sizing = Sizing.native

  /// How image files decide on the size of samples: by the median of their widths and of their
  /// heights (``SizeSurvey``).
  public enum Sizing: Sendable {
    /// That size, shrunk so that no side is above 64 pixels.
    case native
    /// That size, shrunk to about 32 × 32 pixels in its proportions, or to 64 × 64 where the smaller
    /// size would lose more than a quarter of the pictures' variance.
    case reading
  }

  /// Channels that samples get; nil: the data's own.
  public var color: ColorMode?
  /// What is done to pictures that are not as the training pictures.
  public var adaptation = PictureAdaptation()
  /// What the pictures that a model was trained on were like: samples are measured against it, see
  /// ``ImageDataset/finding(at:)``; nil: they are not.
  public var pictures: PictureStatistics?
  /// The classes of a model in their order, which labels are to follow; nil: the data's own.
  public var classNames: [String]?
  /// What becomes of samples of classes that ``classNames`` lacks.
  public var unknownClasses = UnknownClasses.error

  /// What becomes of samples of classes that a model does not know.
  public enum UnknownClasses: String, Sendable, CaseIterable {
    /// The data are refused.
    case error
    /// They are left out.
    case skip
    /// They belong to the model's class that is called "other"; without one the data are refused.
    case other
  }

  /// Limits, background and strictness of image decoding; its pixel format is chosen by ``color``.
  public var decoding = DecodingOptions()
  /// Bytes of decoded image files to keep in memory; further ones are decoded whenever asked for.
  public var cacheBytes = 1 << 30
  /// The most bytes of one data file, after decompression.
  public var fileBytes = 1 << 33
  /// Threads that decode, at least 1.
  public var threads = WorkerPool.availableThreads
  /// Called now and then while image files are decoded, with files done and all files, from any
  /// thread.
  public var progress: (@Sendable (_ done: Int, _ total: Int) -> Void)?

  /// The data's own size, channels and classes.
  public init() {}

  /// Samples as a model reads them: size, channels, what is done to pictures and measured of them.
  public mutating func read(as preprocessing: Preprocessing) {
    (width, height, color) = (preprocessing.width, preprocessing.height, preprocessing.color)
    (adaptation, pictures) = (preprocessing.adaptation, preprocessing.pictures)
  }

  /// The part that decides on size and channels: the one to train on, or else the first there is.
  func leadingPart(of parts: [DatasetPart]) -> DatasetPart {
    [.train, .whole, .validation, .test].first { parts.contains($0) } ?? .whole
  }
}
