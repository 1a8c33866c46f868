public import KernelInterface
public import Layers
public import RowSequencing
public import Training

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

    /// Puts a stack together.
    public init(
      units: Int, depth: Int, readsBothWays: Bool, dropout: Double = 0, pooling: PoolingKind? = nil
    ) {
      self.units = units
      self.depth = depth
      self.readsBothWays = readsBothWays
      self.dropout = dropout
      self.pooling = pooling
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
      var width = facts.features
      for _ in 0..<depth {
        total += Double(directions * 4 * units * (width + units) * 2)
        width = directions * units
      }
      return 3 * total * Double(facts.timesteps)
    }
  }

  /// The network below its output layer.
  public var stack: Stack
  /// How it is trained.
  public var training: TrainingOptions
  /// How training pictures are changed at random.
  public var augmentation: Augmentation
  /// Whether channels are brought to mean 0 and standard deviation 1.
  public var standardizes: Bool

  /// The recipe for a data set.
  public static func automatic(for facts: DatasetFacts) -> Recipe {
    let stack = stack(for: facts)
    var augmentation = Augmentation(preset: "light") ?? Augmentation()
    augmentation.flip = facts.canMirror
    var training = TrainingOptions()
    training.epochs = epochs(for: facts, stack)
    training.batchSize = 32
    training.optimizer = .adamw(learningRate: 0.003, weightDecay: 0.01)
    training.schedule = .oneCycle()
    training.restoresBestWeights = true
    return Recipe(
      stack: stack, training: training, augmentation: augmentation, standardizes: true)
  }

  /// Passes that learn a data set of this size: those of few images see each more often.
  private static func passes(_ images: Int) -> Double { 12 + 90_000 / Double(max(images, 1)) }

  /// Operations that training may take: two to three minutes on two cores of 2021.
  private static let budget = 16e12

  private static func stack(for facts: DatasetFacts) -> Stack {
    let deep = Stack(units: 128, depth: 2, readsBothWays: true, dropout: 0.2, pooling: .max)
    let plain = Stack(units: 128, depth: 1, readsBothWays: false)
    let cost = deep.operations(facts) * Double(facts.images) * passes(facts.images)
    return cost <= 2 * budget ? deep : plain
  }

  private static func epochs(for facts: DatasetFacts, _ stack: Stack) -> Int {
    let affordable = budget / (stack.operations(facts) * Double(max(facts.images, 1)))
    return max(2, Int(min(passes(facts.images), affordable, 300).rounded()))
  }
}

extension TrainingOptions {
  /// The training of ``Recipe/automatic(for:)``, as `rowwise train` does where nothing is said.
  ///
  /// `TrainingOptions()` is Keras's plain training instead: Adam at 0.001, ten epochs, no schedule.
  public static func automatic(for facts: DatasetFacts) -> TrainingOptions {
    Recipe.automatic(for: facts).training
  }
}
