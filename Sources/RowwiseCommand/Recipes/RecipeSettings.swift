import Rowwise
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTraining

/// What a recipe says where the command line does not.
struct RecipeSettings: Sendable, Equatable {
  /// The network.
  var layers: LayersText
  /// How it is trained, and how training images are changed.
  var training: TrainingOptions
  /// The order in which images are read, where the network needs one.
  var readingOrder: ReadingOrder?

  /// `--recipe keras`.
  static let keras = RecipeSettings(
    layers: LayersText(Recipe.Stack(units: 128, depth: 2, readsBothWays: false)),
    training: {
      var training = TrainingOptions()
      training.schedule = .cosine
      return training
    }())

  /// `--recipe auto`, `fast`, `streaming` or `best` for data of which the facts are known.
  init(_ recipe: Recipe) {
    layers = LayersText(recipe.network)
    training = recipe.training
    readingOrder = recipe.readingOrder == .rows ? nil : recipe.readingOrder
  }

  private init(layers: LayersText, training: TrainingOptions) {
    self.layers = layers
    self.training = training
  }

  /// A recipe for data of which the facts are known.
  ///
  /// - Parameters:
  ///   - readsRows: that only rows will do, as where an order of reading has been chosen.
  ///   - passes: the most that there is time for; nil: those of the rules.
  init(
    _ name: RecipeName, for facts: DatasetFacts, readsRows: Bool = false, passes: Int? = nil
  ) {
    switch name {
    case .keras: self = .keras
    case .auto: self.init(Recipe.automatic(for: facts, readsRows: readsRows, passes: passes))
    case .best: self.init(Recipe.best(for: facts, passes: passes))
    case .fast: self.init(Recipe.fast(for: facts, readsRows: readsRows, passes: passes))
    case .streaming: self.init(Recipe.streaming(for: facts))
    }
  }

  /// Of any data: what options go together can be checked with it before the data are read.
  static func example(_ name: RecipeName) -> RecipeSettings {
    RecipeSettings(
      name, for: DatasetFacts(images: 1000, classes: 10, timesteps: 28, features: 28))
  }
}
