import Rowwise
import RowwiseTexts
import RowwiseTraining
import Testing

@testable import RowwiseCommand

struct RecipeSettingsTests {
  private func command(_ arguments: String...) throws -> TrainCommand {
    try TrainCommand.parse(["data"] + arguments)
  }

  private func automatic(_ arguments: String...) throws -> TrainCommand {
    let facts = DatasetFacts(
      images: 1_500, classes: 10, timesteps: 32, features: 96, canMirror: true)
    return try TrainCommand.parse(["data"] + arguments).completed(
      by: RecipeSettings(.auto, for: facts))
  }

  @Test func kerasIsWhat010Did() throws {
    let command = try command("--recipe", "keras").completed(by: .keras)
    #expect(command.layers.description == "lstm:128,lstm:128")
    var expected = TrainingOptions()
    expected.schedule = .cosine
    #expect(command.training == expected)
    #expect(!command.standardizes)
    #expect(command.augmentation.augment?.isNone == true)
  }

  @Test func autoIsTheDefault() throws {
    let command = try automatic()
    let recipe = Recipe.automatic(
      for: DatasetFacts(images: 1_500, classes: 10, timesteps: 32, features: 96, canMirror: true))
    #expect(command.recipe == .auto)
    var expected = recipe.training
    // The run folder has the best weights, not the network.
    expected.restoresBestWeights = false
    #expect(command.training == expected)
    #expect(
      command.layers.stack(peephole: .none).map(\.specification)
        == recipe.network.layers.map(\.specification))
    #expect(command.augmentation.augment == recipe.training.augmentation)
    #expect(command.standardizes)
  }

  /// Who says mixup or CutMix wants that one.
  @Test func mixingFollowsTheRecipe() throws {
    let facts = DatasetFacts(
      images: 1_500, classes: 10, timesteps: 32, features: 96, channels: 3, canMirror: true)
    let settings = RecipeSettings(.best, for: facts)
    func mixing(_ arguments: String...) throws -> Mixing {
      try TrainCommand.parse(["data", "--recipe", "best"] + arguments).completed(by: settings)
        .training.mixing
    }
    #expect(try mixing() == Mixing(cutmix: 1))
    #expect(try mixing("--mixup", "0.2") == Mixing(mixup: 0.2))
    #expect(try mixing("--cutmix", "0") == .none)
    #expect(
      try TrainCommand.parse(["data"]).completed(
        by: RecipeSettings(.auto, for: facts, readsRows: true)
      ).training.mixing == .none)
  }

  /// What is said of the way in which images are read, or of LSTMs' gates, is for rows.
  @Test func sweepsAreForWhatNobodyHasChosen() throws {
    #expect(try !command().readsRows)
    #expect(try !command("--layers", "sweep:8").readsRows)
    #expect(try !command("--peephole", "none").readsRows)
    for line in [
      ["--layers", "lstm:8"], ["--reading-order", "columns"], ["--reading-order", "patches:2"],
      ["--peephole", "full"],
    ] {
      #expect(try TrainCommand.parse(["data"] + line).readsRows, "\(line)")
    }
    let order = try automatic().images.readingOrder
    #expect(order == .patches(12))
    // Layers that are said have the order of layers that are said.
    #expect(try automatic("--layers", "sweep:8").images.readingOrder == nil)
  }

  @Test func everyOptionReplacesItsPart() throws {
    let command = try automatic(
      "--layers", "gru:9", "--epochs", "3", "--batch-size", "7", "--learning-rate", "0.5",
      "--schedule", "constant", "--clip-norm", "none", "--average-decay", "0.9",
      "--label-smoothing", "0", "--augment", "none", "--no-standardize", "--weight-decay", "0.3")
    #expect(command.layers.description == "gru:9")
    let training = command.training
    #expect(training.epochs == 3 && training.batchSize == 7)
    #expect(training.optimizer == .adamw(learningRate: 0.5, weightDecay: 0.3))
    #expect(training.schedule == .constant && training.clipNorm == nil)
    #expect(training.averageDecay == 0.9 && training.loss.labelSmoothing == 0)
    #expect(command.augmentation.augment?.isNone == true)
    #expect(!command.standardizes)
  }

  /// Layers, passes and changes together leave batch and rate to the rules, which look at the data; a
  /// configuration leaves nothing.
  @Test func whatIsNotSaidGoesByTheData() throws {
    let some = try command("--layers", "lstm:8", "--epochs", "3", "--augment", "none")
    #expect(!some.isComplete)
    let many = DatasetFacts(images: 20_000, classes: 10, timesteps: 28, features: 28)
    let training = some.completed(by: RecipeSettings(.auto, for: many)).training
    #expect(training.epochs == 3 && training.batchSize == 64)
    #expect(training.optimizer.learningRate == 0.0042)
    for recipe in RecipeName.allCases {
      let whole = try command("--recipe", recipe.rawValue, "--layers", "lstm:8")
        .completed(by: .example(recipe))
      let file = try ConfigurationFile(
        text: JSONValue.object(whole.members()).pretty, path: "config.json")
      #expect(
        try TrainCommand.parse(ArgumentExpansion.arguments(of: file)).isComplete, "\(recipe)")
    }
  }

  /// The recipe's learning rate is Adam's, and its schedule has no warm-up of its own.
  @Test func whatDoesNotFitIsNotTaken() throws {
    #expect(
      try automatic("--optimizer", "sgd").training.optimizer == .sgd(learningRate: 0.001))
    #expect(try automatic("--optimizer", "adam").training.optimizer == .adam(learningRate: 0.003))
    #expect(try automatic("--warm-up", "1").training.schedule == .cosine)
    #expect(try automatic("--schedule-floor", "0.1").training.schedule == .cosineAbove(floor: 0.1))
  }

  @Test(arguments: [
    (["--momentum", "0.9"], "--momentum and --nesterov go with --optimizer sgd only"),
    (["--recipe", "keras", "--weight-decay", "0.1"], "--weight-decay goes with"),
    (["--schedule-factor", "0.5"], "--schedule-factor goes with"),
    (["--recipe", "finest"], "'finest' is invalid for '--recipe <recipe>'"),
    (["--epochs", "0"], "--epochs must be from 1 to"),
    (["--label-smoothing", "1"], "label smoothing must be"),
  ])
  func whatDoesNotGoTogetherIsSaid(arguments: [String], message: String) {
    let error = #expect(throws: (any Error).self) { try TrainCommand.parse(["data"] + arguments) }
    let text = error.map { CommandFailure($0, arguments: ["train"]).message } ?? ""
    #expect(text.lowercased().contains(message.lowercased()), "\(text)")
  }

  /// Configurations of 0.1.0 know no recipes: theirs was Keras's.
  @Test func oldConfigurationsMeanKeras() throws {
    let file = try ConfigurationFile(
      text: #"{"version": "0.1.0", "data": "x", "clip_norm": null, "standardize": false}"#,
      path: "config.json")
    let arguments = try ArgumentExpansion.arguments(of: file)
    #expect(arguments.contains("--recipe=keras") && arguments.contains("--no-standardize"))
    let own = try ConfigurationFile(text: #"{"data": "x"}"#, path: "own.json")
    #expect(try ArgumentExpansion.arguments(of: own) == ["--data=x"])
  }

  /// What a run writes repeats it, with every part that a recipe could have had otherwise.
  @Test func aConfigurationSaysEverything() throws {
    let command = try automatic("--clip-norm", "none")
    let text = ConfigurationText.object(command)
    let file = try ConfigurationFile(text: text, path: "config.json")
    let again = try TrainCommand.parse(ArgumentExpansion.arguments(of: file))
    #expect(again.members() == command.members())
    #expect(again.completed(by: .keras).members() == command.members())
  }
}

/// A command's options as they stand in a file.
private enum ConfigurationText {
  static func object(_ command: TrainCommand) -> String {
    "{" + command.members().map { "\"\($0.key)\": \($0.value.compact)" }.joined(separator: ", ")
      + "}"
  }
}
