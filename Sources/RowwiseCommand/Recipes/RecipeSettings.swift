import Rowwise
import RowwiseLayers
import RowwiseTraining

/// What a recipe says where the command line does not.
struct RecipeSettings: Sendable, Equatable {
  /// The network.
  let layers: LayersText
  /// How it is trained, and how training images are changed.
  let training: TrainingOptions

  /// `--recipe keras`.
  static let keras = RecipeSettings(
    layers: LayersText(Recipe.Stack(units: 128, depth: 2, readsBothWays: false)),
    training: {
      var training = TrainingOptions()
      training.schedule = .cosine
      return training
    }())

  /// `--recipe auto` for data of which the facts are known.
  static func automatic(for facts: DatasetFacts) -> RecipeSettings {
    let recipe = Recipe.automatic(for: facts)
    return RecipeSettings(layers: LayersText(recipe.stack), training: recipe.training)
  }

  /// Of any data: what options go together can be checked with it before the data are read.
  static func example(_ name: RecipeName) -> RecipeSettings {
    switch name {
    case .keras: keras
    case .auto:
      automatic(for: DatasetFacts(images: 1000, classes: 10, timesteps: 28, features: 28))
    }
  }
}
