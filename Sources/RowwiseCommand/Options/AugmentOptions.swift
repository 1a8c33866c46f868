import ArgumentParser
import RowwiseRowSequencing
import RowwiseTexts
import RowwiseTraining

/// Options of `train` about random changes of the training images.
struct AugmentOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      """
      Random changes of the training images: \(Augmentation.presetNames.joined(separator: ", ")), \
      and behind it or alone \(Augmentation.settingNames.joined(separator: ", ")) with numbers: \
      digits,rotate:20 or shift:0.1,flip. (default: by the recipe)
      """, valueName: "changes"),
    transform: { try augmentation($0) })
  var augment: Augmentation?

  @Option(
    help: """
      Alpha of mixup, such as 0.2: pairs of images and their labels are blended; 0 for none. \
      (default: by the recipe)
      """)
  var mixup: Double?

  @Option(
    help: """
      Alpha of CutMix, such as 1: pairs of images exchange a box; 0 for none. (default: by the \
      recipe, 0 with --mixup)
      """)
  var cutmix: Double?

  func validate() throws {
    try OptionRange.check("mixup", mixup)
    try OptionRange.check("cutmix", cutmix)
    var options = TrainingOptions()
    apply(to: &options)
    if let problem = options.problem { throw ValidationError(problem) }
  }

  /// Takes from a recipe what is not said.
  mutating func complete(by recipe: RecipeSettings) {
    augment = augment ?? recipe.training.augmentation
    // Who says one of the two wants that one.
    let mixing = mixup == nil && cutmix == nil ? recipe.training.mixing : .none
    mixup = mixup ?? mixing.mixup
    cutmix = cutmix ?? mixing.cutmix
  }

  /// Adds the options to those of the trainer.
  func apply(to options: inout TrainingOptions) {
    options.augmentation = augment ?? Augmentation()
    options.mixing = Mixing(mixup: mixup ?? 0, cutmix: cutmix ?? 0)
  }

  /// Every option with its value, for `config.json`.
  var members: [JSONValue.Member] {
    [
      .init("augment", augment.map { .string($0.text) } ?? .null),
      .init("mixup", mixup.map { .double($0) } ?? .null),
      .init("cutmix", cutmix.map { .double($0) } ?? .null),
    ]
  }

  /// Reads `--augment`.
  static func augmentation(_ text: String) throws -> Augmentation {
    do {
      return try Augmentation(text)
    } catch .unknownWord(let word) where Augmentation.presetNames.contains(word) {
      throw ValidationError(
        "the preset \(word) comes first and has no number; settings follow it, as in "
          + "light,rotate:20")
    } catch .unknownWord(let word) {
      let known = Augmentation.presetNames + Augmentation.settingNames
      throw ValidationError(
        "\(AugmentationError.unknownWord(word))" + NearestWord.question(word, among: known))
    } catch {
      throw ValidationError(error.description)
    }
  }
}
