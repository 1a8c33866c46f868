import Rowwise
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTraining
import Testing

struct RecipeTests {
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
    #expect(small.stack.depth == 2 && small.stack.readsBothWays && small.stack.units == 128)
    #expect((50...70).contains(small.training.epochs))
    #expect(small.training.batchSize == 32)
    let large = recipe(54_000, 28, 28)
    #expect(large.stack.depth == 1 && large.stack.readsBothWays)
    #expect((9...13).contains(large.training.epochs))
    #expect(large.training.batchSize == 64)
    let huge = recipe(1_000_000, 28, 28)
    #expect(huge.stack.depth == 1 && !huge.stack.readsBothWays)
    #expect(huge.training.epochs == 10)
    #expect(recipe(20, 28, 28).training.epochs == 300)
    #expect(recipe(1_300, 8, 8).stack.units == 64)
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

  @Test func changesFollowTheCheck() {
    #expect(recipe(1_000, 28, 28).training.augmentation == Augmentation(preset: "light"))
    #expect(recipe(1_000, 28, 28, gains: false).training.augmentation.isNone)
    #expect(recipe(1_000, 28, 28, canMirror: true).training.augmentation.text == "light,flip")
    let mirrored = recipe(1_000, 28, 28, canMirror: true, gains: false)
    #expect(mirrored.training.augmentation.text == "flip")
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
