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

  /// The share of the time that is planned with: scoring, files and what else the machine does come
  /// on top of measured steps.
  private static let plannedShare = 0.8

  /// - Parameters:
  ///   - command: with all that was said.
  ///   - teacher: whose answers are learned from; nil for labels alone.
  ///   - seconds: what is left of the time.
  /// - Throws: as making a classifier does; `DatasetError` where an image can no longer be read.
  init(
    _ command: TrainCommand, _ data: TrainingData, teacher: ImageEnsemble?,
    seconds available: Double
  ) throws {
    let facts = try DatasetFacts(
      of: data.training, preprocessing: data.preprocessing, threads: command.engine.threadCount)
    var candidates = Self.candidates(command, facts)
    while true {
      let next = candidates.removeFirst()
      func completed(within passes: Int?) -> TrainCommand {
        var candidate = command
        candidate.recipe = next.name
        return candidate.completed(by: next.settings(passes))
      }
      var candidate = completed(within: nil)
      let preprocessing = try candidate.chooseOrder(for: data.preprocessing)
      let wanted = next.settings(nil).training.epochs
      var data = data
      data.preprocessing = preprocessing
      let each = try Self.secondsOfEpoch(candidate, data, teacher)
      let affordable = Int(min(available * Self.plannedShare / each, 1e6))
      // With fewer passes a weaker network that is trained to its end is better.
      guard affordable >= min(wanted, next.leastPasses(wanted)) || candidates.isEmpty else {
        continue
      }
      let epochs = max(1, min(wanted, affordable))
      // With few passes, pictures are changed less.
      candidate = completed(within: epochs)
      _ = try candidate.chooseOrder(for: data.preprocessing)
      candidate.options.epochs = epochs
      candidate.budget = nil
      self.command = candidate
      self.preprocessing = preprocessing
      self.wanted = wanted
      self.seconds = each * Double(epochs)
      return
    }
  }

  /// One that may be chosen.
  private struct Candidate {
    let name: RecipeName
    /// Passes that must fit, of so many that are wanted.
    var leastPasses: (_ wanted: Int) -> Int = { max(8, $0 / 3) }
    /// What it says where there is time for so many passes; nil: for all.
    let settings: (_ passes: Int?) -> RecipeSettings
  }

  /// Strongest first.
  private static func candidates(_ command: TrainCommand, _ facts: DatasetFacts) -> [Candidate] {
    let readsRows = command.readsRows
    func fast(isHurried: Bool) -> Candidate {
      Candidate(name: .fast, leastPasses: { _ in 3 }) {
        RecipeSettings(
          Recipe.fast(
            for: facts, readsRows: command.images.readingOrder != nil, isHurried: isHurried,
            passes: $0 ?? .max))
      }
    }
    let quick = [fast(isHurried: false), fast(isHurried: true)]
    // Layers or a recipe that were chosen stay.
    guard command.options.layers == nil, command.recipe == .auto else {
      if command.options.layers == nil, command.recipe == .fast { return quick }
      return [
        Candidate(name: command.recipe) {
          RecipeSettings(command.recipe, for: facts, readsRows: readsRows, passes: $0)
        }
      ]
    }
    let all =
      [
        Candidate(name: .best) { RecipeSettings(.best, for: facts, passes: $0) },
        Candidate(name: .auto) {
          RecipeSettings(.auto, for: facts, readsRows: readsRows, passes: $0)
        },
        Candidate(name: .auto) {
          var flat = RecipeSettings(.auto, for: facts, readsRows: true, passes: $0)
          flat.layers = LayersText(Recipe.Stack(units: 128, depth: 1, readsBothWays: false))
          return flat
        },
      ] + quick
    // An order that was chosen may have no patches for sweeps, and these have no peepholes.
    let allowsSweeps =
      (command.images.readingOrder?.isOfPatches ?? true)
      && command.options.peephole ?? Peephole.none == Peephole.none
    return all.filter { !$0.settings(nil).layers.readPatches || allowsSweeps }
  }

  private static func secondsOfEpoch(
    _ command: TrainCommand, _ data: TrainingData, _ teacher: ImageEnsemble?
  ) throws -> Double {
    let estimate = TimeEstimate(
      try command.makeClassifier(data, teacher: teacher), training: data.training,
      validationCount: data.validation?.count ?? 0,
      teacher: teacher, options: command.training)
    return estimate.seconds / Double(max(command.training.epochs, 1))
  }
}

extension TrainCommand {
  /// Gives layers that read patches some where no order is said; the preprocessing in the order that the recipe
  /// or somebody has said.
  ///
  /// - Throws: `PreprocessingError`.
  mutating func chooseOrder(
    for preprocessing: Preprocessing
  ) throws(PreprocessingError) -> Preprocessing {
    if images.readingOrder == nil, layers.readPatches {
      images.readingOrder = Recipe.patches(
        width: preprocessing.width, height: preprocessing.height)
    }
    guard let order = images.readingOrder, order != preprocessing.readingOrder else {
      return preprocessing
    }
    return try preprocessing.reading(order)
  }
}
