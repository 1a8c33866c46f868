import ArgumentParser
import Rowwise
import RowwiseImageDecoding
import RowwiseRowSequencing
import RowwiseTexts

/// Options about images that are not as a model's training images: in `train` they are kept in the model,
/// elsewhere they replace what the model says.
struct PictureOptions: ParsableArguments, Sendable {
  @Option(
    help: """
      Whether light and dark change places: no, yes, or auto, for images that look inverted against the \
      training images, such as black ink on white paper where the model has learnt white on black. \
      (default: as in the model, else no)
      """)
  var invert: PictureAdaptation.Inversion?

  @Option(
    help: ArgumentHelp(
      """
      What is behind transparent pixels, and beside images with --fit letterbox: white, black, #RRGGBB, \
      or auto, white or black, whichever leaves an image more contrast. (default: as in the model, else \
      white, and beside images the colour of their border)
      """, valueName: "color"),
    transform: { try background($0) })
  var background: PictureAdaptation.Background?

  @Option(
    help: """
      How images of other proportions than the model's get its size: stretch, letterbox (all of it, with \
      bars), or crop (the middle). (default: as in the model, else stretch)
      """)
  var fit: PictureAdaptation.Fit?

  @Flag(
    inversion: .prefixedNo,
    help: """
      Cut images down to what is on them, which fills 5/7 of the model's size with its centre of mass in \
      the middle, as MNIST's digits were made. (default: as in the model, else no)
      """)
  var trim: Bool?

  @Option(
    help: """
      What is white in 16-bit images: full, 65535, or auto, the greatest value of as many bits as an image \
      needs (8, 10, 12, 14). (default: as in the model, else full)
      """)
  var range: PictureAdaptation.ValueRange?

  func validate() throws {
    if trim == true, let fit, fit != .stretch {
      throw ValidationError(
        "--trim keeps proportions by itself; leave --fit \(fit.rawValue) or --trim out")
    }
  }

  private static func background(_ text: String) throws -> PictureAdaptation.Background {
    guard let background = PictureAdaptation.Background(text) else {
      throw ValidationError(
        "expected \(PictureAdaptation.Background.names.joined(separator: ", ")), such as #ffffe0"
          + NearestWord.question(text, among: ["auto", "white", "black"]))
    }
    return background
  }

  /// What a model says, but for what is given here.
  func replacing(_ model: PictureAdaptation) -> PictureAdaptation {
    var adaptation = model
    adaptation.inversion = invert ?? model.inversion
    adaptation.background = background ?? model.background
    adaptation.fit = fit ?? model.fit
    adaptation.trims = trim ?? model.trims
    adaptation.range = range ?? model.range
    // Proportions that are asked for now count more than those of training.
    if fit != nil, trim == nil { adaptation.trims = false }
    return adaptation
  }

  /// Takes from the model that weights come from what is not said.
  mutating func complete(by model: PictureAdaptation) {
    let all = replacing(model)
    if !all.isNone {
      (invert, fit, trim, range) = (all.inversion, all.fit, all.trims, all.range)
      background = all.background
    }
    if trim == true { fit = nil }
  }

  /// A model that reads images as these options say.
  ///
  /// - Parameter path: the model's.
  /// - Throws: `CommandError.unusableInput` where it cannot tell what is inverted.
  func adapt(
    _ classifier: ImageClassifier, from path: String
  ) throws(CommandError) -> ImageClassifier {
    let preprocessing = classifier.preprocessing
    let adaptation = replacing(preprocessing.adaptation)
    if adaptation.inversion == .auto, preprocessing.pictures == nil {
      throw .unusableInput(
        path: path,
        reason: "the model does not say what its training images were like, so that --invert auto "
          + "cannot tell what is inverted; give --invert yes or no, or train it again from "
          + "\(PictureStatistics.fewestPictures) images on")
    }
    guard adaptation != preprocessing.adaptation else { return classifier }
    return classifier.adapted(to: adaptation)
  }

  /// Every option with its value, for `config.json`.
  var members: [JSONValue.Member] {
    [
      .init("invert", invert.map { .string($0.rawValue) } ?? .null),
      .init("background", background.map { .string($0.description) } ?? .null),
      .init("fit", fit.map { .string($0.rawValue) } ?? .null),
      .init("trim", trim.map { .bool($0) } ?? .null),
      .init("range", range.map { .string($0.rawValue) } ?? .null),
    ]
  }
}

extension PictureAdaptation.Inversion: ExpressibleByArgument {}
extension PictureAdaptation.Fit: ExpressibleByArgument {}
extension PictureAdaptation.ValueRange: ExpressibleByArgument {}

extension PictureAdaptation {
  /// What is done, in the words of the options; empty where nothing is.
  var text: String {
    let none = PictureAdaptation()
    var parts: [String] = []
    if inversion != none.inversion { parts.append("invert \(inversion.rawValue)") }
    if let background { parts.append("background \(background)") }
    if fit != none.fit { parts.append("fit \(fit.rawValue)") }
    if trims { parts.append("trim") }
    if range != none.range { parts.append("range \(range.rawValue)") }
    return parts.joined(separator: ", ")
  }
}
