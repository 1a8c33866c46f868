import Rowwise
import RowwiseLayers
import RowwiseRowSequencing

/// The strongest recipe that fits into a time, by a measured step of training.
struct BudgetedRecipe {
  /// What was chosen, with as many epochs as fit.
  let command: TrainCommand
  let preprocessing: Preprocessing
  /// Epochs that the recipe has where there is time for all.
  let wanted: Int
  /// About what its epochs take.
  let seconds: Double

  /// The share of the time that is planned with: measured steps are the fastest ones, and scoring, files
  /// and what else the machine does come on top.
  private static let plannedShare = 0.8

  /// - Parameters:
  ///   - command: with all that was said.
  ///   - seconds: what is left of the time.
  /// - Throws: as making a classifier does; `DatasetError` where an image can no longer be read.
  init(_ command: TrainCommand, _ data: TrainingData, seconds available: Double) throws {
    let facts = try DatasetFacts(
      of: data.training, preprocessing: data.preprocessing, threads: command.engine.threadCount)
    var candidates = Self.candidates(command, facts)
    while true {
      let (name, settings) = candidates.removeFirst()
      func completed(by settings: RecipeSettings) -> TrainCommand {
        var candidate = command
        candidate.recipe = name
        return candidate.completed(by: settings)
      }
      var candidate = completed(by: settings)
      let preprocessing = try candidate.chooseOrder(for: data.preprocessing)
      let wanted = settings.training.epochs
      var data = data
      data.preprocessing = preprocessing
      let each = try Self.secondsOfEpoch(candidate, data)
      let affordable = Int(min(available * Self.plannedShare / each, 1e6))
      // With fewer passes a weaker network that is trained to its end is better.
      guard affordable >= min(wanted, max(8, wanted / 3)) || candidates.isEmpty else { continue }
      let epochs = max(1, min(wanted, affordable))
      if settings.training.mixing != .none {
        // With few passes, pictures are not mixed.
        candidate = completed(
          by: RecipeSettings(name, for: facts, readsRows: command.readsRows, passes: epochs))
        _ = try candidate.chooseOrder(for: preprocessing)
      }
      candidate.options.epochs = epochs
      candidate.budget = nil
      self.command = candidate
      self.preprocessing = preprocessing
      self.wanted = wanted
      self.seconds = each * Double(epochs)
      return
    }
  }

  /// Strongest first.
  private static func candidates(
    _ command: TrainCommand, _ facts: DatasetFacts
  ) -> [(RecipeName, RecipeSettings)] {
    // Layers or a recipe that were chosen stay.
    guard command.options.layers == nil, command.recipe == .auto else {
      let settings = RecipeSettings(command.recipe, for: facts, readsRows: command.readsRows)
      return [(command.recipe, settings)]
    }
    let automatic = RecipeSettings(.auto, for: facts, readsRows: command.readsRows)
    var flat = RecipeSettings(.auto, for: facts, readsRows: true)
    flat.layers = LayersText(Recipe.Stack(units: 128, depth: 1, readsBothWays: false))
    let all = [
      (.best, RecipeSettings(.best, for: facts)), (RecipeName.auto, automatic), (.auto, flat),
    ]
    // An order that was chosen may have no patches for sweeps, and these have no peepholes.
    let allowsSweeps =
      (command.images.readingOrder?.isOfPatches ?? true)
      && command.options.peephole ?? Peephole.none == Peephole.none
    return all.filter { !$0.1.layers.readPatches || allowsSweeps }
  }

  private static func secondsOfEpoch(
    _ command: TrainCommand, _ data: TrainingData
  ) throws -> Double {
    let estimate = TimeEstimate(
      try command.makeClassifier(data), training: data.training,
      validationCount: data.validation?.count ?? 0,
      options: command.training)
    return estimate.seconds / Double(max(command.training.epochs, 1))
  }
}

extension TrainCommand {
  /// Gives layers that read patches some where no order is said; the preprocessing in the order.
  ///
  /// - Throws: `PreprocessingError`.
  mutating func chooseOrder(
    for preprocessing: Preprocessing
  ) throws(PreprocessingError) -> Preprocessing {
    guard layers.readPatches else { return preprocessing }
    let order =
      images.readingOrder
      ?? Recipe.patches(width: preprocessing.width, height: preprocessing.height)
    images.readingOrder = order
    return try preprocessing.reading(order)
  }
}
