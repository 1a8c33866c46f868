import ArgumentParser
import RowwiseEvaluation
import RowwiseTexts
import RowwiseTraining

extension Optimizer.Name: ExpressibleByArgument {}
extension LearningRateSchedule.Name: ExpressibleByArgument {}

/// Options of `train` about the steps that the weights take.
struct OptimizerOptions: ParsableArguments, Sendable {
  @Option(help: "How far a step goes, at most. (default: by the recipe)")
  var learningRate: Double?

  @Option(help: "The update rule. (default: by the recipe)")
  var optimizer: Optimizer.Name?

  @Option(help: "Momentum of sgd, from 0 to below 1. (default: 0)")
  var momentum: Double?

  @Flag(help: "Nesterov's momentum for sgd.")
  var nesterov = false

  @Option(help: "Weight decay of adamw and lion, not of biases. (default: 0.01, of lion 0)")
  var weightDecay: Double?

  @Option(
    help: """
      How the learning rate changes: not at all, by steps, down along half a cosine, up and down \
      once, or down whenever the validation loss no longer falls. (default: by the recipe; cosine \
      with --warm-up or --schedule-floor)
      """)
  var schedule: LearningRateSchedule.Name?

  @Option(
    help: "Epochs in which the learning rate first rises to its full height; may be part of one.")
  var warmUp = 0.0

  @Option(help: "Epochs between two steps of the step schedule. (default: 10)")
  var scheduleEpochs: Int?

  @Option(help: "What the step and plateau schedules multiply the learning rate by. (default: 0.1)")
  var scheduleFactor: Double?

  @Option(help: "Epochs without a lower loss that the plateau schedule waits. (default: 5)")
  var schedulePatience: Int?

  @Option(
    help: "Share of the learning rate that cosine and plateau do not go below. (default: 0)")
  var scheduleFloor: Double?

  @Option(
    help: ArgumentHelp(
      "Limit of the gradients' global norm. (default: by the recipe)", valueName: "number"),
    transform: { try OrNone(argument: $0) })
  var clipNorm: OrNone<Double>?

  @Option(
    help: ArgumentHelp(
      "Limit of every single gradient, before that of the norm.", valueName: "number"),
    transform: { try OrNone(argument: $0) })
  var clipValue = OrNone<Double>()

  @Option(
    help: ArgumentHelp(
      """
      Decay of an exponential moving average of the weights, such as 0.999, which is then what is \
      validated and saved. (default: by the recipe)
      """, valueName: "number"),
    transform: { try OrNone(argument: $0) })
  var averageDecay: OrNone<Double>?

  func validate() throws {
    for (name, value) in [
      ("learning-rate", learningRate), ("momentum", momentum), ("weight-decay", weightDecay),
      ("warm-up", warmUp), ("schedule-factor", scheduleFactor), ("schedule-floor", scheduleFloor),
      ("clip-norm", clipNorm?.value), ("clip-value", clipValue.value),
      ("average-decay", averageDecay?.value),
    ] {
      try OptionRange.check(name, value)
    }
    try OptionRange.check("schedule-epochs", scheduleEpochs)
    try OptionRange.check("schedule-patience", schedulePatience)
  }

  /// Takes from a recipe what is not said.
  ///
  /// Its learning rate is one for Adam: another rule gets Keras's.
  mutating func complete(by recipe: RecipeSettings) {
    let training = recipe.training
    let isAdam = [nil, .adam, .adamw].contains(optimizer)
    let source = isAdam ? training : RecipeSettings.keras.training
    learningRate = learningRate ?? source.optimizer.learningRate
    if optimizer == nil {
      optimizer = training.optimizer.name
      if case .adamw(_, _, _, _, let decay) = training.optimizer {
        weightDecay = weightDecay ?? decay
      }
    }
    if schedule == nil {
      schedule = warmUp > 0 || scheduleFloor != nil ? .cosine : training.schedule.name
    }
    clipNorm = clipNorm ?? OrNone(training.clipNorm)
    averageDecay = averageDecay ?? OrNone(training.averageDecay)
  }

  /// Checks what goes together, once a recipe has completed it.
  ///
  /// - Throws: `ValidationError`.
  func check() throws {
    if momentum != nil || nesterov, optimizer != .sgd {
      throw ValidationError("--momentum and --nesterov go with --optimizer sgd only")
    }
    if nesterov, (momentum ?? 0) == 0 {
      throw ValidationError("--nesterov needs --momentum above 0")
    }
    if weightDecay != nil, optimizer != .adamw, optimizer != .lion {
      throw ValidationError("--weight-decay goes with --optimizer adamw or lion only")
    }
    func check(_ name: String, _ isGiven: Bool, _ schedules: [LearningRateSchedule.Name]) throws {
      guard isGiven, schedule.map({ !schedules.contains($0) }) ?? false else { return }
      let names = schedules.map(\.rawValue).joined(separator: " or ")
      throw ValidationError("--\(name) goes with --schedule \(names) only")
    }
    try check("schedule-epochs", scheduleEpochs != nil, [.step])
    try check("schedule-factor", scheduleFactor != nil, [.step, .plateau])
    try check("schedule-patience", schedulePatience != nil, [.plateau])
    try check("schedule-floor", scheduleFloor != nil, [.cosine, .plateau])
    var options = TrainingOptions()
    apply(to: &options)
    // How long the run is, other options say.
    options.epochs = 1_000_000_000
    if let problem = options.problem { throw ValidationError(problem) }
  }

  /// Adds the options to those of the trainer.
  func apply(to options: inout TrainingOptions) {
    options.optimizer = rule
    options.schedule = rates
    options.warmUp = warmUp
    options.clipNorm = clipNorm?.value
    options.clipValue = clipValue.value
    options.averageDecay = averageDecay?.value
  }

  private var rule: Optimizer {
    let learningRate = learningRate ?? RecipeSettings.keras.training.optimizer.learningRate
    return switch optimizer ?? .adam {
    case .adam: .adam(learningRate: learningRate)
    case .adamw: .adamw(learningRate: learningRate, weightDecay: decay ?? 0)
    case .lion: .lion(learningRate: learningRate, weightDecay: decay ?? 0)
    case .rmsprop: .rmsprop(learningRate: learningRate)
    case .sgd: .sgd(learningRate: learningRate, momentum: momentum ?? 0, nesterov: nesterov)
    }
  }

  /// With what the rule has by itself; nil for rules without.
  private var decay: Double? {
    switch optimizer {
    case .adamw: weightDecay ?? 0.01
    case .lion: weightDecay ?? 0
    case .adam, .rmsprop, .sgd, nil: nil
    }
  }

  private var rates: LearningRateSchedule {
    switch schedule ?? .cosine {
    case .constant: .constant
    case .step: .step(epochs: scheduleEpochs ?? 10, factor: scheduleFactor ?? 0.1)
    case .cosine: scheduleFloor ?? 0 == 0 ? .cosine : .cosineAbove(floor: scheduleFloor ?? 0)
    case .oneCycle: .oneCycle()
    case .plateau:
      .plateau(
        factor: scheduleFactor ?? 0.1, patience: schedulePatience ?? 5,
        floor: scheduleFloor ?? 0)
    }
  }

  /// Every option with its value, for `config.json`; null where it does not apply.
  var members: [JSONValue.Member] {
    func number(_ value: Double?, where applies: Bool = true) -> JSONValue {
      applies ? value.map { .double($0) } ?? .null : .null
    }
    // In words where a recipe might have another: null says nothing.
    func text(_ value: OrNone<Double>?) -> JSONValue {
      value.map { $0.value.map { .double($0) } ?? .string("none") } ?? .null
    }
    let (isStep, isPlateau) = (schedule == .step, schedule == .plateau)
    return [
      .init("learning_rate", number(learningRate)),
      .init("optimizer", optimizer.map { .string($0.rawValue) } ?? .null),
      .init("momentum", number(momentum ?? 0, where: optimizer == .sgd)),
      .init("nesterov", .bool(nesterov)), .init("weight_decay", number(decay)),
      .init("schedule", schedule.map { .string($0.rawValue) } ?? .null),
      .init("warm_up", .double(warmUp)),
      .init("schedule_epochs", isStep ? .int(scheduleEpochs ?? 10) : .null),
      .init("schedule_factor", number(scheduleFactor ?? 0.1, where: isStep || isPlateau)),
      .init("schedule_patience", isPlateau ? .int(schedulePatience ?? 5) : .null),
      .init("schedule_floor", number(scheduleFloor ?? 0, where: isPlateau || schedule == .cosine)),
      .init("clip_norm", text(clipNorm)), .init("clip_value", number(clipValue.value)),
      .init("average_decay", text(averageDecay)),
    ]
  }
}
