import RowwiseRowSequencing

/// A data set that was found: its parts and where they lie, nothing of it loaded yet.
public struct DatasetLayout: Sendable {
  /// How a data set is stored.
  public enum Kind: String, Sendable, Equatable {
    /// Images and labels in IDX files, as MNIST's.
    case idx = "IDX files"
    /// Binary records of CIFAR-10 or CIFAR-100.
    case cifar = "CIFAR binary files"
    /// Image files in one folder per class.
    case folders = "class folders"
    /// Image files listed in a CSV file.
    case manifest = "CSV manifest"
    /// Pictures and labels in NumPy arrays.
    case numpy = "NumPy arrays"
    /// Pickles of CIFAR-10 or CIFAR-100.
    case pickles = "CIFAR Python files"
    /// Rows of a label and pixels.
    case table = "pixel table"
  }

  /// How it is stored.
  public let kind: Kind
  let contents: any DatasetContents
  /// What is not read of the archive that it lies in; nil where all is, or where there is none.
  var archiveNote: String?

  init(kind: Kind, contents: any DatasetContents) {
    self.kind = kind
    self.contents = contents
  }

  /// The file or folder.
  public var path: String { contents.path }

  /// The parts there are, in the order train, validation, test, whole.
  public var parts: [DatasetPart] { contents.parts }

  /// What was ignored when the files were looked for.
  public var report: DatasetReport {
    var report = contents.report
    if let archiveNote { report.note("\(path): \(archiveNote)", isLoss: true) }
    return report
  }

  /// The part to train on: the training part, or all of an undivided set.
  public var trainingPart: DatasetPart? { [.train, .whole].first { parts.contains($0) } }

  /// The part to judge a model by: the test part, else the validation part, else all of an
  /// undivided set, and the training part only where there is nothing else.
  public var evaluationPart: DatasetPart? {
    [.test, .validation, .whole, .train].first { parts.contains($0) }
  }

  /// Checks that every folder of a class has an image in it, before a network is given the class.
  ///
  /// - Throws: ``DatasetError/emptyClassFolders(path:folders:)``.
  public func checkClassFolders(of part: DatasetPart) throws(DatasetError) {
    guard let folders = contents.emptyFolders[part] else { return }
    throw .emptyClassFolders(path: path, folders: folders)
  }

  /// Checks that every class has an image that could be read, before a network is given the classes.
  ///
  /// - Throws: ``DatasetError/unreadableClasses(path:classes:)``.
  public func checkClasses(of dataset: ImageDataset) throws(DatasetError) {
    guard contents.refusesEmptyClasses, !dataset.report.emptyClasses.isEmpty else { return }
    throw .unreadableClasses(path: path, classes: dataset.report.emptyClasses)
  }

  /// What sizes the image files have; nil where samples are no files, or none can be read.
  public func sizeSurvey(_ options: DatasetOptions = DatasetOptions()) -> SizeSurvey? {
    contents.survey(options: options)
  }

  /// The size and channels that samples will have, read row by row and without statistics.
  ///
  /// As the options ask; else the data's own. For image files that is the median size of up to 256 of
  /// them (of the training part, where there is one), shrunk as ``DatasetOptions/Sizing`` says; where
  /// only width or height is given, the other follows in proportion. Gray where every example is, else
  /// RGB.
  public func preprocessing(_ options: DatasetOptions = DatasetOptions()) throws
    -> Preprocessing
  {
    func made(_ width: Int, _ height: Int, _ color: ColorMode) throws -> Preprocessing {
      var made = try Preprocessing(width: width, height: height, color: color)
      (made.adaptation, made.pictures) = (options.adaptation, options.pictures)
      return made
    }
    if let width = options.width, let height = options.height, let color = options.color {
      return try made(width, height, color)
    }
    let native = try contents.shape(options: options)
    func proportional(_ side: Int, _ given: Int, _ other: Int) -> Int {
      max(1, (side * given + other / 2) / other)
    }
    let width: Int
    let height: Int
    switch (options.width, options.height) {
    case (let givenWidth?, let givenHeight?): (width, height) = (givenWidth, givenHeight)
    case (let given?, nil):
      (width, height) = (given, proportional(native.height, given, native.width))
    case (nil, let given?):
      (width, height) = (proportional(native.width, given, native.height), given)
    case (nil, nil): (width, height) = (native.width, native.height)
    }
    return try made(width, height, options.color ?? native.color)
  }

  /// Loads one part.
  ///
  /// - Throws: ``DatasetError``; `PreprocessingError` where the size asked for makes no sense.
  public func load(_ part: DatasetPart, options: DatasetOptions = DatasetOptions()) throws
    -> ImageDataset
  {
    precondition(options.threads > 0, "\(options.threads) threads")
    guard parts.contains(part) else {
      // Where nothing can be loaded, it says why.
      if parts.isEmpty { _ = try contents.shape(options: options) }
      throw DatasetError.missingPart(path: path, part: part, available: parts)
    }
    let preprocessing = try preprocessing(options)
    let loaded = try contents.load(part, as: preprocessing, options: options)
    return try ImageDataset(
      loaded, of: contents, part: part, preprocessing: preprocessing, options: options)
  }
}

/// The loaded parts of a data set.
public struct DatasetSplits: Sendable {
  /// Part by part, those that there are.
  public let parts: [DatasetPart: ImageDataset]
  /// What finding and loading the parts turned up.
  public let report: DatasetReport

  /// The training part.
  public var train: ImageDataset? { parts[.train] }
  /// The validation part.
  public var validation: ImageDataset? { parts[.validation] }
  /// The test part.
  public var test: ImageDataset? { parts[.test] }
  /// All of an undivided set.
  public var whole: ImageDataset? { parts[.whole] }
}
