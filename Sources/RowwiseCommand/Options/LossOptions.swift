import ArgumentParser
import RowwiseLayers
import RowwiseTexts
import RowwiseTraining

/// Options of `train` about what is made small, and about classes of different size.
struct LossOptions: ParsableArguments, Sendable {
  @Option(
    help: "Share of the label that is spread evenly over all classes. (default: by the recipe)")
  var labelSmoothing: Double?

  @Option(help: "Gamma of the focal loss, such as 2; 0 is cross-entropy.")
  var focalGamma = 0.0

  @Option(
    help: ArgumentHelp(
      """
      Share of the loss that predictions before the last row have, so that reading may stop early; \
      0.3 is a good one. For layers that read forwards. (default: by the recipe)
      """, valueName: "share"))
  var earlyLoss: Double?

  @Option(
    help: ArgumentHelp(
      """
      How much the images of each class count: none, balanced (n / (K n_k), so that small classes \
      count as much as large ones), or a number for each class with commas between them.
      """, valueName: "weights"),
    transform: { try ClassWeightsArgument($0) })
  var classWeights = ClassWeightsArgument.none

  @Option(
    help: """
      The images of an epoch: each once, or balanced, the same number from each class, those of \
      small classes several times.
      """)
  var sampling = Sampling.each

  func validate() throws {
    try OptionRange.check("label-smoothing", labelSmoothing)
    try OptionRange.check("focal-gamma", focalGamma)
    try OptionRange.check("early-loss", earlyLoss)
    var options = TrainingOptions()
    apply(to: &options)
    if let problem = options.problem { throw ValidationError(problem) }
  }

  /// Takes from a recipe what is not said.
  mutating func complete(by recipe: RecipeSettings) {
    labelSmoothing = labelSmoothing ?? recipe.training.loss.labelSmoothing
    earlyLoss = earlyLoss ?? recipe.training.loss.early?.weight ?? 0
  }

  /// Adds the options to those of the trainer.
  func apply(to options: inout TrainingOptions) {
    options.loss.labelSmoothing = labelSmoothing ?? 0
    options.loss.focalGamma = focalGamma
    if let earlyLoss, earlyLoss > 0 { options.loss.early = EarlyLoss(weight: earlyLoss) }
    options.sampling = sampling
    switch classWeights {
    case .none: break
    case .balanced: options.classWeighting = .balanced
    case .given(let weights): options.loss.classWeights = weights
    }
  }

  /// Every option with its value, for `config.json`.
  var members: [JSONValue.Member] {
    [
      .init("label_smoothing", labelSmoothing.map { .double($0) } ?? .null),
      .init("focal_gamma", .double(focalGamma)),
      .init("early_loss", earlyLoss.map { .double($0) } ?? .null),
      .init("class_weights", .string(classWeights.description)),
      .init("sampling", .string(sampling.rawValue)),
    ]
  }
}

/// What `--class-weights` takes.
enum ClassWeightsArgument: Sendable, Equatable, CustomStringConvertible {
  case none, balanced
  case given([Double])

  /// - Throws: `ValidationError` where the text is neither a word nor numbers.
  init(_ text: String) throws {
    switch text {
    case "none": self = .none
    case "balanced": self = .balanced
    default:
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      let numbers = parts.compactMap { Double($0) }
      guard numbers.count == parts.count, numbers.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
        throw ValidationError(
          "expected none, balanced, or a number of at least 0 for each class such as 1,2.5,1"
            + NearestWord.question(text, among: ["none", "balanced"]))
      }
      for number in numbers { try OptionRange.check("class-weights", number) }
      guard numbers.contains(where: { $0 > 0 }) else {
        throw ValidationError("expected a weight above 0 for at least one class")
      }
      self = .given(numbers)
    }
  }

  /// As it is written.
  var description: String {
    switch self {
    case .none: "none"
    case .balanced: "balanced"
    case .given(let weights): weights.map { "\($0)" }.joined(separator: ",")
    }
  }
}

extension Sampling: ExpressibleByArgument {}
