import RowwiseDatasetLoading
import RowwiseRowSequencing
import RowwiseTexts

/// What a network is trained on and what it is judged by meanwhile.
struct TrainingData {
  /// How images become timesteps.
  var preprocessing: Preprocessing
  /// Size and channels that the pictures have by themselves.
  let pictures: Preprocessing
  /// To learn from.
  let training: ImageDataset
  /// To choose the best epoch by; nil where everything is trained on.
  let validation: ImageDataset?
  /// To judge the trained network by; nil where the data have no such part.
  let test: TestPart?
  /// What sizes the image files have, where that decided on the size; else nil.
  let sizeSurvey: SizeSurvey?
  /// Whether images had to be left out because they cannot be read.
  let lacksImages: Bool

  /// Share of the training images that is held back where the data have no validation part.
  static let standardShare = 0.1

  /// Where validation images come from.
  enum Validation: Sendable, Equatable {
    /// The data's own validation part, or else the standard share of the training part.
    case standard
    /// A share of the training part; 0 for none.
    case share(Double)
    /// Another data set.
    case data(String)
    /// A part of so many, counted from 1; the others are learnt from.
    case fold(Int, of: Int)
  }

  /// Finds and loads the data.
  ///
  /// - Parameters:
  ///   - argument: path or name of a data set.
  ///   - images: how images become timesteps.
  ///   - model: of the model that weights come from; its means and deviations are used for images
  ///     of the same channels, so that the weights see what they have learnt from.
  ///   - seed: decides what is held back.
  ///   - shared: told of everything that is left out; with the images that other runs have read.
  /// - Throws: `DatasetError`, such as where a class folder is empty; `PreprocessingError`.
  init(
    _ argument: String, validation: Validation, images: ImageOptions, options: DatasetOptions,
    like model: Preprocessing? = nil, seed: UInt64, shared: SharedImages
  ) throws {
    let warnings = shared.warnings
    let folders = DatasetFolders.ofProcess
    let layout = try DatasetLoader.locate(
      argument, searching: folders, columns: images.list.columns)
    var lacksImages = false
    func tell(_ report: DatasetReport) {
      warnings.tell(report)
      lacksImages = lacksImages || !report.badImages.isEmpty
    }
    let part = layout.trainingPart ?? .train
    try layout.checkClassFolders(of: part)
    tell(layout.report)
    let shape = try layout.preprocessing(options)
    pictures = try layout.preprocessing()
    var plain = try Preprocessing(
      width: shape.width, height: shape.height, color: shape.color,
      readingOrder: images.readingOrder ?? .rows)
    plain.adaptation = options.adaptation
    var options = options
    (options.width, options.height, options.color) = (shape.width, shape.height, shape.color)
    let whole = try shared.load(layout, part, options)
    tell(whole.report)
    try layout.checkClasses(of: whole)
    options.classNames = whole.classNames
    // A class that only another part has is nothing to learn.
    options.unknownClasses = .skip

    func held(_ layout: DatasetLayout, _ part: DatasetPart) throws -> ImageDataset {
      let dataset = try layout.load(part, options: options)
      tell(dataset.report)
      return dataset
    }
    var share = 0.0
    var validationSet: ImageDataset?
    switch validation {
    case .data(let argument):
      // Beside a list, it may be a data set of another kind.
      let other = try DatasetLoader.locate(
        argument, searching: folders,
        columns: DatasetLoader.isList(argument) ? images.list.columns : nil)
      tell(other.report)
      validationSet = try held(other, other.evaluationPart ?? .test)
    case .standard where layout.parts.contains(.validation):
      validationSet = try held(layout, .validation)
    case .standard: share = Self.standardShare
    case .share(let fraction): share = fraction
    case .fold: break
    }
    var training = whole
    if case .fold(let number, let count) = validation {
      let fold = try whole.stratifiedFolds(count, seed: seed)[number - 1]
      (training, validationSet) = (fold.training, fold.heldOut)
    }
    if share > 0 {
      let (kept, heldBack) = try whole.stratifiedSplit(holdingBack: share, seed: seed)
      (training, validationSet) = (kept, heldBack)
    }
    let measures = try training.pictureMeasures(threads: options.threads)
    plain.pictures = PictureStatistics(measures)
    if plain.pictures == nil, plain.adaptation.inversion == .auto {
      throw CommandError.unusableInput(
        path: layout.path,
        reason:
          "\(training.count) images to train on are too few to tell what is inverted against them; "
          + "--invert auto takes \(PictureStatistics.fewestPictures), else give --invert yes or no")
    }
    options.pictures = plain.pictures
    if let text = Self.textOfConstants(measures) { warnings.console.caution(text) }
    self.training = training
    self.validation = validationSet
    self.lacksImages = lacksImages
    test = TestPart(layout, options)
    sizeSurvey = images.size == nil ? layout.sizeSurvey(options) : nil
    guard images.standardize ?? false else {
      preprocessing = plain
      return
    }
    guard let model, model.color == plain.color, model.mean != nil else {
      preprocessing = try plain.normalized(by: training.statistics(threads: options.threads))
      return
    }
    var standardized = try Preprocessing(
      width: plain.width, height: plain.height, color: plain.color,
      readingOrder: plain.readingOrder, mean: model.mean,
      standardDeviation: model.standardDeviation)
    (standardized.adaptation, standardized.pictures) = (plain.adaptation, plain.pictures)
    preprocessing = standardized
  }

  /// What to say of images on which there is nothing; nil where these are few.
  private static func textOfConstants(_ measures: [PictureMeasure]) -> String? {
    let constant = measures.filter(\.isConstant)
    guard 100 * constant.count >= measures.count, !constant.isEmpty else { return nil }
    let share = NumberText.percent(Double(constant.count) / Double(measures.count), decimals: 0)
    let isTransparent = constant.contains { $0.source.hasAlpha }
    return "\(share) of the training images are of one colour, such as nothing can be learnt from"
      + (isTransparent
        ? "; some are transparent: --background auto shows what is on them, or give its colour"
        : "")
  }

  /// The same with a share of the training images held back as validation images.
  ///
  /// - Throws: `DatasetError.invalidSplit`.
  func holdingBack(_ share: Double, seed: UInt64) throws(DatasetError) -> TrainingData {
    let (kept, heldBack) = try training.stratifiedSplit(holdingBack: share, seed: seed)
    return TrainingData(
      preprocessing: preprocessing, pictures: pictures, training: kept, validation: heldBack,
      lacksImages: lacksImages)
  }

  private init(
    preprocessing: Preprocessing, pictures: Preprocessing, training: ImageDataset,
    validation: ImageDataset, lacksImages: Bool
  ) {
    self.pictures = pictures
    self.lacksImages = lacksImages
    self.preprocessing = preprocessing
    self.training = training
    self.validation = validation
    test = nil
    sizeSurvey = nil
  }
}
