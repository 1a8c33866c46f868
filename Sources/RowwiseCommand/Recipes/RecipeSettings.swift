import Rowwise
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTraining

/// What a recipe says where the command line does not.
struct RecipeSettings: Sendable, Equatable {
  /// The network.
  let layers: LayersText
  /// How it is trained.
  let training: TrainingOptions
  /// How training images are changed.
  let augmentation: Augmentation

  /// `--recipe keras`.
  static let keras = RecipeSettings(
    layers: LayersText(Recipe.Stack(units: 128, depth: 2, readsBothWays: false)),
    training: {
      var training = TrainingOptions()
      training.schedule = .cosine
      return training
    }(),
    augmentation: Augmentation())

  /// `--recipe auto` or `streaming` for data of which the facts are known.
  init(_ recipe: Recipe) {
    layers = LayersText(recipe.stack)
    training = recipe.training
    augmentation = recipe.augmentation
  }

  private init(layers: LayersText, training: TrainingOptions, augmentation: Augmentation) {
    self.layers = layers
    self.training = training
    self.augmentation = augmentation
  }

  /// A recipe for data of which the facts are known.
  init(_ name: RecipeName, for facts: DatasetFacts) {
    switch name {
    case .keras: self = .keras
    case .auto: self.init(Recipe.automatic(for: facts))
    case .streaming: self.init(Recipe.streaming(for: facts))
    }
  }

  /// Of any data: what options go together can be checked with it before the data are read.
  static func example(_ name: RecipeName) -> RecipeSettings {
    RecipeSettings(
      name, for: DatasetFacts(images: 1000, classes: 10, timesteps: 28, features: 28))
  }
}

extension OptimizerOptions.Name {
  /// The name of a rule.
  init(_ optimizer: Optimizer) {
    self =
      switch optimizer {
      case .sgd: .sgd
      case .rmsprop: .rmsprop
      case .adam: .adam
      case .adamw: .adamw
      case .lion: .lion
      }
  }
}

extension OptimizerOptions.Schedule {
  /// The name of a schedule.
  init(_ schedule: LearningRateSchedule) {
    self =
      switch schedule {
      case .constant: .constant
      case .step: .step
      case .cosine, .cosineAbove: .cosine
      case .oneCycle: .oneCycle
      case .plateau: .plateau
      }
  }
}
