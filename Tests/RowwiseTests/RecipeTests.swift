import Rowwise
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTraining
import Testing

struct RecipeTests {
  private func stack(_ recipe: Recipe) -> Recipe.Stack? {
    if case .stack(let stack) = recipe.network { stack } else { nil }
  }

  private func recipe(
    _ images: Int, _ timesteps: Int, _ features: Int, canMirror: Bool = false, gains: Bool = true
  ) -> Recipe {
    Recipe.automatic(
      for: DatasetFacts(
        images: images, classes: 10, timesteps: timesteps, features: features,
        canMirror: canMirror, gainsByAugmentation: gains))
  }

  /// Few images get many passes of the deep stack, many get few of a flatter one.
  @Test func networkAndPassesFollowTheNumberOfImages() {
    let small = recipe(1_500, 32, 96)
    #expect(stack(small)?.depth == 2 && stack(small)?.readsBothWays == true)
    #expect(stack(small)?.units == 128)
    #expect((50...70).contains(small.training.epochs))
    #expect(small.training.batchSize == 32)
    let large = recipe(54_000, 28, 28)
    #expect(stack(large)?.depth == 1 && stack(large)?.readsBothWays == true)
    #expect((9...13).contains(large.training.epochs))
    #expect(large.training.batchSize == 64)
    let huge = recipe(1_000_000, 28, 28)
    #expect(stack(huge)?.depth == 1 && stack(huge)?.readsBothWays == false)
    #expect(huge.training.epochs == 10)
    #expect(recipe(20, 28, 28).training.epochs == 300)
    #expect(stack(recipe(1_300, 8, 8))?.units == 64)
  }

  /// More images never get more passes.
  @Test func passesFall() {
    var last = Int.max
    for images in [1, 10, 100, 1_000, 3_000, 10_000, 30_000, 100_000, 1_000_000] {
      let epochs = recipe(images, 28, 28).training.epochs
      #expect(epochs <= last && epochs >= 1, "\(images) images")
      last = epochs
    }
  }

  /// Sweeps suit the grid that pictures of a size make.
  @Test func theBestRecipeReadsPatches() throws {
    func sweeps(_ width: Int, _ height: Int, _ channels: Int = 1) -> [Int]? {
      let recipe = Recipe.best(
        for: DatasetFacts(
          images: 2_000, classes: 10, timesteps: height, features: width * channels,
          channels: channels))
      if case .sweeps(let sweeps) = recipe.network { return sweeps.units } else { return nil }
    }
    #expect(sweeps(32, 32, 3) == [32, 64, 96])
    #expect(sweeps(28, 28) == [32, 64, 96])
    #expect(sweeps(8, 8) == [32, 64])
    #expect(sweeps(3, 200) == [32])
    for (width, height, side) in [(8, 8, 1), (28, 28, 2), (32, 32, 2), (33, 20, 3), (64, 64, 4)] {
      #expect(Recipe.patches(width: width, height: height) == .patches(side))
    }
    let facts = DatasetFacts(images: 1_300, classes: 10, timesteps: 8, features: 8)
    let (best, automatic) = (Recipe.best(for: facts), Recipe.automatic(for: facts))
    #expect(abs(best.training.epochs - 2 * automatic.training.epochs) <= 1)
    #expect(best.training.mixing == .none)
    var things = facts
    things.canMirror = true
    let mixed = Recipe.best(for: things).training
    #expect(abs(mixed.epochs - 4 * automatic.training.epochs) <= 2)
    #expect(mixed.mixing == Mixing(cutmix: 1) && mixed.augmentation.text == "strong,flip")
    #expect(mixed.problem == nil)
    let many = DatasetFacts(images: 10_000_000, classes: 10, timesteps: 28, features: 28)
    #expect(Recipe.best(for: many).training.epochs == 10)
    let classifier = try ImageClassifier(
      hiddenLayers: best.network.layers,
      preprocessing: Preprocessing(width: 8, height: 8, readingOrder: .patches(1)),
      classNames: ["a", "b"])
    #expect(classifier.network.layers.first == .sweep(Sweep(32, columns: 8)))
  }

  /// In seconds there is time for two rows at once and few passes, and for changes from five on.
  @Test func theFastRecipeReadsTwoRowsAtOnce() {
    func facts(_ images: Int, _ timesteps: Int, _ features: Int) -> DatasetFacts {
      DatasetFacts(images: images, classes: 10, timesteps: timesteps, features: features)
    }
    let digits = Recipe.fast(for: facts(54_000, 28, 28))
    #expect(stack(digits)?.units == 112 && stack(digits)?.readsBothWays == false)
    #expect(digits.readingOrder == .windows(rows: 2, step: 2) && digits.training.epochs == 5)
    #expect(digits.training.augmentation == Recipe.changes)
    #expect(digits.training.optimizer == .adamw(learningRate: 0.0042, weightDecay: 0.01))
    let hurried = Recipe.fast(for: facts(54_000, 28, 28), isHurried: true, passes: 3)
    #expect(stack(hurried)?.units == 96 && hurried.training.epochs == 3)
    #expect(hurried.training.augmentation.isNone)
    #expect(hurried.training.optimizer == .adamw(learningRate: 0.006, weightDecay: 0.01))
    #expect(Recipe.fast(for: facts(54_000, 28, 28), passes: .max).training.epochs == 13)
    #expect(Recipe.fast(for: facts(5_000_000, 28, 28)).training.epochs == 2)
    #expect(Recipe.fast(for: facts(5_000_000, 28, 28), passes: 0).training.epochs == 1)
    // Few images get their passes in seconds.
    let few = Recipe.fast(for: facts(1_300, 8, 8))
    #expect(few.readingOrder == .rows)
    #expect(few.training.epochs == recipe(1_300, 8, 8).training.epochs)
    #expect(Recipe.fast(for: facts(54_000, 784, 1), readsRows: true).readingOrder == .rows)
  }

  @Test func changesFollowTheCheck() {
    #expect(recipe(1_000, 28, 28).training.augmentation == Augmentation(preset: "light"))
    #expect(recipe(1_000, 28, 28, gains: false).training.augmentation.isNone)
    #expect(recipe(100_000, 28, 28, canMirror: true).training.augmentation.text == "light,flip")
    let mirrored = recipe(1_000, 28, 28, canMirror: true, gains: false)
    #expect(mirrored.training.augmentation.text == "flip")
  }

  /// Pictures of things are read in patches where enough passes fit, others and orders that are said by
  /// timesteps.
  @Test func thingsAreReadInPatches() throws {
    func facts(_ images: Int, canMirror: Bool = true) -> DatasetFacts {
      DatasetFacts(
        images: images, classes: 10, timesteps: 32, features: 96, channels: 3, canMirror: canMirror)
    }
    func units(_ recipe: Recipe) -> [Int]? {
      if case .sweeps(let sweeps) = recipe.network { sweeps.units } else { nil }
    }
    let things = Recipe.automatic(for: facts(2_000))
    #expect(units(things) == [64, 96] && things.readingOrder == .patches(4))
    #expect(things.training.mixing == Mixing(cutmix: 1))
    #expect(things.training.augmentation.text == "strong,flip")
    #expect(things.training.problem == nil)
    let many = Recipe.automatic(for: facts(30_000))
    #expect(units(many) == [32, 48] && many.training.epochs < 30)
    #expect(many.training.mixing == .none && many.training.augmentation.text == "light,flip")
    #expect(Recipe.automatic(for: facts(2_000), passes: 29).training.mixing == .none)
    #expect(Recipe.automatic(for: facts(2_000), passes: 30).training.mixing == Mixing(cutmix: 1))
    let hurried = Recipe.best(for: facts(2_000), passes: 12)
    #expect(hurried.training.epochs == 12 && hurried.training.mixing == .none)
    #expect(hurried.readingOrder == .patches(2))
    #expect(Recipe.automatic(for: facts(2_000), readsRows: true, passes: 7).training.epochs == 7)
    for rows in [
      Recipe.automatic(for: facts(2_000, canMirror: false)),
      Recipe.automatic(for: facts(2_000), readsRows: true), Recipe.automatic(for: facts(1_000_000)),
      Recipe.streaming(for: facts(2_000)),
    ] {
      #expect(stack(rows) != nil && rows.readingOrder == .rows)
      #expect(rows.training.mixing == .none)
    }
    let small = Recipe.automatic(
      for: DatasetFacts(images: 1_000, classes: 3, timesteps: 8, features: 8, canMirror: true))
    #expect(small.readingOrder == .patches(1))
    let wide = Recipe.automatic(
      for: DatasetFacts(images: 1_000, classes: 3, timesteps: 20, features: 64, canMirror: true))
    #expect(wide.readingOrder == .patches(8) && units(wide) == [64])
  }

  @Test func trainingOptionsAreThoseOfTheRecipe() {
    let facts = DatasetFacts(images: 700, classes: 3, timesteps: 30, features: 90)
    let training = TrainingOptions.automatic(for: facts)
    #expect(training == Recipe.automatic(for: facts).training)
    #expect(training.problem == nil)
    #expect(training != TrainingOptions(), "the plain defaults stay Keras's")
  }

  @Test func layersAreThoseOfTheStack() throws {
    let stack = Recipe.Stack(
      units: 5, depth: 2, readsBothWays: true, dropout: 0.25, pooling: .max)
    let specifications = stack.layers.map(\.specification)
    #expect(specifications.count == 4)
    #expect(specifications[0] == Bidirectional(LSTM(5)).specification)
    #expect(specifications[1] == Dropout(0.25).specification)
    #expect(specifications[3] == Pooling(.max).specification)
    let plain = Recipe.Stack(units: 7, depth: 1, readsBothWays: false).layers
    #expect(plain.map(\.specification) == [LSTM(7).specification])
  }
}
