import ArgumentParser
import Evaluation
import Training

/// Options of `train` about the steps that the weights take.
struct OptimizerOptions: ParsableArguments, Sendable {
  /// The update rules by name.
  enum Name: String, CaseIterable, ExpressibleByArgument {
    case adam, adamw, lion, rmsprop, sgd
  }

  /// The schedules by name.
  enum Schedule: String, CaseIterable, ExpressibleByArgument {
    case constant, step, cosine, plateau
    case oneCycle = "one-cycle"
  }

  @Option(help: "How far a step goes, at most.")
  var learningRate = 0.001

  @Option(help: "The update rule.")
  var optimizer = Name.adam

  @Option(help: "Momentum of sgd, from 0 to below 1. (default: 0)")
  var momentum: Double?

  @Flag(help: "Nesterov's momentum for sgd.")
  var nesterov = false

  @Option(help: "Weight decay of adamw and lion, not of biases. (default: 0.01, of lion 0)")
  var weightDecay: Double?

  @Option(
    help: """
      How the learning rate changes: not at all, by steps, down along half a cosine, up and down \
      once, or down whenever the validation loss no longer falls.
      """)
  var schedule = Schedule.cosine

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
    help: ArgumentHelp("Limit of the gradients' global norm.", valueName: "number"),
    transform: { try OrNone(argument: $0) })
  var clipNorm = OrNone<Double>()

  @Option(
    help: ArgumentHelp(
      "Limit of every single gradient, before that of the norm.", valueName: "number"),
    transform: { try OrNone(argument: $0) })
  var clipValue = OrNone<Double>()

  @Option(
    help: ArgumentHelp(
      """
      Decay of an exponential moving average of the weights, such as 0.999, which is then what is \
      validated and saved.
      """, valueName: "number"),
    transform: { try OrNone(argument: $0) })
  var averageDecay = OrNone<Double>()

  func validate() throws {
    if momentum != nil || nesterov, optimizer != .sgd {
      throw ValidationError("--momentum and --nesterov go with --optimizer sgd only")
    }
    if nesterov, (momentum ?? 0) == 0 {
      throw ValidationError("--nesterov needs --momentum above 0")
    }
    if weightDecay != nil, optimizer != .adamw, optimizer != .lion {
      throw ValidationError("--weight-decay goes with --optimizer adamw or lion only")
    }
    func check(_ name: String, _ isGiven: Bool, _ schedules: [Schedule]) throws {
      guard isGiven, !schedules.contains(schedule) else { return }
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
    options.epochs = .max
    if let problem = options.problem { throw ValidationError(problem) }
  }

  /// Adds the options to those of the trainer.
  func apply(to options: inout TrainingOptions) {
    options.optimizer = rule
    options.schedule = rates
    options.warmUp = warmUp
    options.clipNorm = clipNorm.value
    options.clipValue = clipValue.value
    options.averageDecay = averageDecay.value
  }

  private var rule: Optimizer {
    switch optimizer {
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
    case .adam, .rmsprop, .sgd: nil
    }
  }

  private var rates: LearningRateSchedule {
    switch schedule {
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
    let (isStep, isPlateau) = (schedule == .step, schedule == .plateau)
    return [
      .init("learning_rate", .double(learningRate)),
      .init("optimizer", .string(optimizer.rawValue)),
      .init("momentum", number(momentum ?? 0, where: optimizer == .sgd)),
      .init("nesterov", .bool(nesterov)), .init("weight_decay", number(decay)),
      .init("schedule", .string(schedule.rawValue)), .init("warm_up", .double(warmUp)),
      .init("schedule_epochs", isStep ? .int(scheduleEpochs ?? 10) : .null),
      .init("schedule_factor", number(scheduleFactor ?? 0.1, where: isStep || isPlateau)),
      .init("schedule_patience", isPlateau ? .int(schedulePatience ?? 5) : .null),
      .init("schedule_floor", number(scheduleFloor ?? 0, where: isPlateau || schedule == .cosine)),
      .init("clip_norm", number(clipNorm.value)), .init("clip_value", number(clipValue.value)),
      .init("average_decay", number(averageDecay.value)),
    ]
  }
}
