import ArgumentParser
import RowwiseTexts
import RowwiseTraining

/// Options of `train` about how long a run lasts and what it leaves behind.
struct RunOptions: ParsableArguments, Sendable {
  @Option(
    help: """
      What the best epoch is chosen by, and early stopping goes by: \
      \(MonitoredMetric.allCases.map(\.rawValue).joined(separator: ", ")).
      """)
  var metric = MonitoredMetric.validationAccuracy

  @Option(
    help: ArgumentHelp(
      "Stop after this many epochs without a better one.", valueName: "epochs"),
    transform: { try OrNone(argument: $0) })
  var patience = OrNone<Int>()

  @Option(help: "By how much the metric has to be better to count for --patience.")
  var minimumDelta = 0.0

  @Option(
    help: ArgumentHelp(
      """
      How often a checkpoint is written beside that of every epoch: in seconds (60s), minutes \
      (5m) or steps (500).
      """, valueName: "interval"),
    transform: { try CheckpointInterval($0) })
  var checkpointEvery = CheckpointInterval.seconds(60)

  @Flag(
    help: """
      Write the folder tensorboard in the run folder: numbers by batch and epoch, histograms of \
      weights and gradients, the confusion matrix, and the run's options.
      """)
  var tensorboard = false

  func validate() throws {
    try OptionRange.check("patience", patience.value)
    try OptionRange.check("minimum-delta", minimumDelta)
    if minimumDelta != 0, patience.value == nil {
      throw ValidationError("--minimum-delta goes with --patience only")
    }
    var options = TrainingOptions()
    apply(to: &options)
    if let problem = options.problem { throw ValidationError(problem) }
  }

  /// Adds the options to those of the trainer.
  func apply(to options: inout TrainingOptions) {
    options.metric = metric
    options.earlyStopping = patience.value.map {
      EarlyStopping(patience: $0, minimumDelta: minimumDelta)
    }
  }

  /// Every option with its value, for `config.json`.
  var members: [JSONValue.Member] {
    [
      .init("metric", .string(metric.rawValue)),
      .init("patience", patience.value.map { .int($0) } ?? .null),
      .init("minimum_delta", patience.value == nil ? .null : .double(minimumDelta)),
      .init("checkpoint_every", .string(checkpointEvery.description)),
      .init("tensorboard", .bool(tensorboard)),
    ]
  }
}

extension MonitoredMetric: ExpressibleByArgument {}

/// What `--checkpoint-every` takes.
enum CheckpointInterval: Sendable, Equatable, CustomStringConvertible {
  case seconds(Double)
  case steps(Int)

  /// - Throws: `ValidationError` where the text is no positive number with or without a unit.
  init(_ text: String) throws {
    if let seconds = DurationText.seconds(text) {
      try OptionRange.check("checkpoint-every", seconds)
      self = .seconds(seconds)
    } else if let steps = Int(text), steps > 0 {
      try OptionRange.check("checkpoint-every", Double(steps))
      self = .steps(steps)
    } else {
      throw ValidationError("expected seconds such as 60s, minutes such as 5m, or steps")
    }
  }

  /// As it is written.
  var description: String {
    switch self {
    case .seconds(let seconds): "\(seconds)s"
    case .steps(let steps): "\(steps)"
    }
  }
}
