public import RowwiseKernelInterface
public import RowwiseLayers
public import RowwiseRowSequencing
public import RowwiseTraining

/// Network, training and changes of the pictures that suit a data set, chosen by rules.
///
/// Training.md has each rule with the experiment that decided it. Nothing measured in the run goes
/// in, so that the same data get the same recipe on every machine.
public struct Recipe: Sendable, Equatable {
  /// A stack of equal LSTMs with dropout between them.
  public struct Stack: Sendable, Equatable {
    /// Hidden units of each LSTM, in each direction.
    public var units: Int
    /// LSTMs above each other.
    public var depth: Int
    /// Whether each reads in both directions.
    public var readsBothWays: Bool
    /// Dropout rate between two LSTMs.
    public var dropout: Double
    /// How the last one's timesteps become one vector; nil: the last timestep counts.
    public var pooling: PoolingKind?
    /// Rows that are read at once, as one timestep.
    public var window: Int

    /// Puts a stack together.
    public init(
      units: Int, depth: Int, readsBothWays: Bool, dropout: Double = 0,
      pooling: PoolingKind? = nil, window: Int = 1
    ) {
      self.units = units
      self.depth = depth
      self.readsBothWays = readsBothWays
      self.dropout = dropout
      self.pooling = pooling
      self.window = window
    }

    /// The layers below the output layer.
    public var layers: [any Layer] {
      let lstm: any Layer = readsBothWays ? Bidirectional(LSTM(units)) : LSTM(units)
      var layers: [any Layer] = [lstm]
      for _ in 1..<max(depth, 1) {
        if dropout > 0 { layers.append(Dropout(dropout)) }
        layers.append(lstm)
      }
      if let pooling { layers.append(Pooling(pooling)) }
      return layers
    }

    /// Multiplications and additions of one step of training with one sequence: three products
    /// (forward, by the inputs, by the weights) of each LSTM's weights in every timestep.
    func operations(_ facts: DatasetFacts) -> Double {
      let directions = readsBothWays ? 2 : 1
      var total = 0.0
      var width = facts.features * window
      for _ in 0..<depth {
        total += Double(directions * 4 * units * (width + units) * 2)
        width = directions * units
      }
      return 3 * total * Double((facts.timesteps + window - 1) / max(window, 1))
    }
  }

  /// What reads the pictures.
  public enum Network: Sendable, Equatable {
    /// Timestep after timestep.
    case stack(Stack)
    /// Patches from all sides.
    case sweeps(Sweeps)

    /// The layers below the output layer.
    public var layers: [any Layer] {
      switch self {
      case .stack(let stack): stack.layers
      case .sweeps(let sweeps): sweeps.layers
      }
    }

    /// Of one step of training with one sequence; see `Stack`.
    func operations(_ facts: DatasetFacts) -> Double {
      switch self {
      case .stack(let stack): stack.operations(facts)
      case .sweeps(let sweeps): sweeps.operations(facts)
      }
    }
  }

  /// The network below its output layer.
  public var network: Network
  /// How it is trained, and how training pictures are changed at random.
  public var training: TrainingOptions
  /// Whether channels are brought to mean 0 and standard deviation 1.
  public var standardizes: Bool

  /// The order in which pictures must be read for the network.
  public var readingOrder: ReadingOrder {
    switch network {
    case .stack(let stack) where stack.window > 1:
      .windows(rows: stack.window, step: stack.window)
    case .stack: .rows
    case .sweeps(let sweeps): .patches(sweeps.patchSide)
    }
  }

  /// The changes of pictures that training makes where they suit the data: `light`.
  public static let changes = Augmentation(preset: "light") ?? Augmentation()

  /// Those that sweeps learn from where pictures may be mirrored.
  private static let strongChanges = Augmentation(preset: "strong") ?? changes

  /// The recipe for a data set: rows, or patches of pictures of things, which a row tells little of.
  ///
  /// - Parameters:
  ///   - facts: of the data set, as read by rows.
  ///   - readsRows: that only rows will do, as where an order of reading has been chosen.
  ///   - passes: the most that there is time for; nil: those of the rules.
  public static func automatic(
    for facts: DatasetFacts, readsRows: Bool = false, passes: Int? = nil
  ) -> Recipe {
    let sweeps = Sweeps.Kind.automatic.map { Network.sweeps(Sweeps($0, for: facts)) }
    guard facts.canMirror, !readsRows,
      let network = sweeps.first(where: { affordablePasses(facts, $0) >= leastPasses })
    else {
      return recipe(for: facts, .stack(stack(for: facts, readsBothWays: true))).limited(to: passes)
    }
    return recipe(for: facts, network).limited(to: passes).mixed(facts)
  }

  /// The recipe for a network that is to answer while rows still arrive: as the automatic one, but
  /// all layers read forwards, none is pooled, and the answer is wanted early, too (``EarlyLoss``).
  public static func streaming(for facts: DatasetFacts) -> Recipe {
    var recipe = recipe(for: facts, .stack(stack(for: facts, readsBothWays: false)))
    recipe.training.loss.early = EarlyLoss(weight: 0.3)
    return recipe
  }

  /// The recipe for seconds instead of minutes: one LSTM that reads two rows at once, for few passes.
  ///
  /// - Parameters:
  ///   - facts: of the data set, as read by rows, or in the order that has been chosen.
  ///   - readsRows: that timesteps stay as they are, as where an order of reading has been chosen.
  ///   - isHurried: whether not even a few passes of its usual LSTM fit, and a smaller one is wanted, of
  ///     pictures as they are.
  ///   - passes: the most that there is time for; nil: those of the rules.
  public static func fast(
    for facts: DatasetFacts, readsRows: Bool = false, isHurried: Bool = false, passes: Int? = nil
  ) -> Recipe {
    // Half of so few timesteps would be no sequence.
    let window = readsRows || facts.timesteps < 2 * fewTimesteps ? 1 : 2
    let stack = Stack(
      units: min(isHurried ? 96 : 112, units(for: facts)), depth: 1, readsBothWays: false,
      window: window)
    var recipe = recipe(for: facts, .stack(stack))
    let affordable =
      passes.map { Double($0) }
      ?? max(2, affordablePasses(facts, recipe.network, within: fastBudget))
    recipe.training.epochs = Int(max(1, min(wantedPasses(facts.images), affordable)).rounded())
    if isHurried || recipe.training.epochs < leastChangedPasses {
      recipe.training.augmentation = Augmentation()
      recipe.training.optimizer = adamW(
        batchSize: recipe.training.batchSize, rate: firstRate * 2.squareRoot())
    }
    return recipe
  }

  /// The strongest recipe, for up to twenty times the automatic one's time: sweeps over finer patches,
  /// and more passes over training pictures that are changed more.
  ///
  /// - Parameters:
  ///   - facts: of the data set, as read by rows.
  ///   - passes: the most that there is time for; nil: those of the rules.
  public static func best(for facts: DatasetFacts, passes: Int? = nil) -> Recipe {
    var recipe = recipe(for: facts, .sweeps(Sweeps(.best, for: facts)))
    let wanted = wantedPasses(facts.images) * (facts.canMirror ? 4 : 2)
    let affordable = affordablePasses(facts, recipe.network, within: 20 * budget)
    recipe.training.epochs = Int(min(wanted, max(affordable, leastPasses)).rounded())
    return recipe.limited(to: passes).mixed(facts)
  }

  /// The order in which sweeps read pictures where nothing is said: that of ``best(for:passes:)``.
  public static func patches(width: Int, height: Int) -> ReadingOrder {
    .patches(Sweeps.Kind.best.patchSide(width: width, height: height))
  }

  private func limited(to passes: Int?) -> Recipe {
    var recipe = self
    recipe.training.epochs = min(training.epochs, passes ?? training.epochs)
    return recipe
  }

  /// The same for pictures of things that are seen often: a box of another one in them is one more picture, as
  /// for the eye. With few passes there is more to learn from pictures as they are.
  private func mixed(_ facts: DatasetFacts) -> Recipe {
    guard facts.canMirror, training.epochs >= Self.leastMixedPasses else { return self }
    var recipe = self
    if facts.gainsByAugmentation { recipe.training.augmentation = Self.strongChanges }
    recipe.training.augmentation.flip = true
    recipe.training.mixing = Mixing(cutmix: 1)
    return recipe
  }

  private static func recipe(for facts: DatasetFacts, _ network: Network) -> Recipe {
    var training = TrainingOptions()
    training.epochs = epochs(for: facts, network)
    training.batchSize = facts.images < 10_000 ? 32 : 64
    training.optimizer = adamW(batchSize: training.batchSize, rate: firstRate)
    training.schedule = .oneCycle()
    training.clipNorm = 1
    training.loss.labelSmoothing = 0.05
    training.restoresBestWeights = true
    training.augmentation = facts.gainsByAugmentation ? changes : Augmentation()
    training.augmentation.flip = facts.canMirror
    return Recipe(network: network, training: training, standardizes: true)
  }

  /// The rate of batches of 32.
  private static let firstRate = 0.003

  /// - Parameter rate: of batches of 32; steps of a batch k times as large may be √k times as long (Malladi et
  ///   al. 2022).
  private static func adamW(batchSize: Int, rate: Double) -> Optimizer {
    let rate = rate * (Double(batchSize) / 32).squareRoot()
    return .adamw(learningRate: (rate * 10_000).rounded() / 10_000, weightDecay: 0.01)
  }

  /// Passes that learn a data set of this size: those of few images see each more often.
  private static func wantedPasses(_ images: Int) -> Double {
    min(300, 12 + 70_000 / Double(max(images, 1)))
  }

  /// Operations that training may take while there is a choice: two minutes on two cores with AVX2.
  private static let budget = 15e12
  /// Those of the quickest recipe: a quarter of a minute.
  private static let fastBudget = 1.8e12
  /// Its passes from which on pictures are changed; with fewer, steps are √2 times as long.
  private static let leastChangedPasses = 5
  /// Timesteps that it leaves at least.
  private static let fewTimesteps = 8
  /// Passes that have to fit into it.
  private static let leastPasses = 10.0
  /// Passes from which on pictures of things are mixed.
  private static let leastMixedPasses = 30
  /// Values of a picture up to which smaller LSTMs do.
  private static let fewValues = 256

  private static func affordablePasses(
    _ facts: DatasetFacts, _ network: Network, within budget: Double = Recipe.budget
  ) -> Double {
    budget / (network.operations(facts) * Double(max(facts.images, 1)))
  }

  private static func units(for facts: DatasetFacts) -> Int {
    facts.timesteps * facts.features <= fewValues ? 64 : 128
  }

  /// The strongest stack of which enough passes fit into the budget, or else the cheapest.
  private static func stack(for facts: DatasetFacts, readsBothWays: Bool) -> Stack {
    let units = units(for: facts)
    let pooling = readsBothWays ? PoolingKind.max : nil
    let stacks = [
      Stack(
        units: units, depth: 2, readsBothWays: readsBothWays, dropout: 0.2, pooling: pooling),
      Stack(units: units, depth: 1, readsBothWays: readsBothWays, pooling: pooling),
    ]
    return stacks.first { affordablePasses(facts, .stack($0)) >= leastPasses }
      ?? Stack(units: units, depth: 1, readsBothWays: false)
  }

  private static func epochs(for facts: DatasetFacts, _ network: Network) -> Int {
    let affordable = max(affordablePasses(facts, network), leastPasses)
    return Int(min(wantedPasses(facts.images), affordable).rounded())
  }
}

extension TrainingOptions {
  /// The training of ``Recipe/automatic(for:readsRows:passes:)`` for networks that read rows, as `rowwise train` does
  /// with layers that are said.
  ///
  /// `TrainingOptions()` is Keras's plain training instead: Adam at 0.001, ten epochs, no schedule.
  public static func automatic(for facts: DatasetFacts) -> TrainingOptions {
    Recipe.automatic(for: facts, readsRows: true).training
  }
}
