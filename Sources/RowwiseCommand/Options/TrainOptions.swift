import ArgumentParser
import Evaluation
import KernelInterface
import RowSequencing
import Training

/// Options of `train` about the network and the way it learns.
struct TrainOptions: ParsableArguments, Sendable {
  /// The update rules by name.
  enum OptimizerName: String, CaseIterable, ExpressibleByArgument {
    case adam, adamw, rmsprop, sgd
  }

  @Option(
    help: ArgumentHelp(LayersArgument.help, valueName: "layers"),
    transform: { try LayersArgument($0) })
  var layers = LayersArgument.standard

  @Option(help: "Which weights let the gates of every lstm see the cell state.")
  var peephole = Peephole.none

  @Option(help: "Passes over the training data.")
  var epochs = 10

  @Option(help: "Images a step.")
  var batchSize = 32

  @Option(help: "How far a step goes, at the start.")
  var learningRate = 0.001

  @Option(
    help: "How the learning rate changes over the run: not at all, or down along half a cosine.")
  var schedule = LearningRateSchedule.cosine

  @Option(help: "The update rule.")
  var optimizer = OptimizerName.adam

  @Option(help: "Momentum of sgd, from 0 to below 1. (default: 0)")
  var momentum: Double?

  @Flag(help: "Nesterov's momentum for sgd.")
  var nesterov = false

  @Option(help: "Weight decay of adamw. (default: 0.01)")
  var weightDecay: Double?

  @Option(help: "Limit of the gradients' global norm. (default: none)")
  var clipNorm: Double?

  @Option(
    help: ArgumentHelp(
      """
      Memory that one LSTM layer may use for a batch's activations. Where long sequences need \
      more, parts of them are computed twice.
      """, valueName: "MiB"))
  var activationMemory = 1024

  @Option(help: "Decides the first weights, the order of images and what is held back.")
  var seed: UInt64 = 0

  func validate() throws {
    guard (1...(1 << 24)).contains(activationMemory) else {
      throw ValidationError(
        "--activation-memory must be from 1 to 16777216 MiB, got \(activationMemory)")
    }
    if momentum != nil || nesterov, optimizer != .sgd {
      throw ValidationError("--momentum and --nesterov go with --optimizer sgd only")
    }
    if nesterov, (momentum ?? 0) == 0 {
      throw ValidationError("--nesterov needs --momentum above 0")
    }
    if weightDecay != nil, optimizer != .adamw {
      throw ValidationError("--weight-decay goes with --optimizer adamw only")
    }
    if let problem = training.problem { throw ValidationError(problem) }
  }

  /// The options as the trainer takes them.
  var training: TrainingOptions {
    var options = TrainingOptions()
    options.epochs = epochs
    options.batchSize = batchSize
    options.clipNorm = clipNorm
    options.schedule = schedule
    options.seed = seed
    options.optimizer =
      switch optimizer {
      case .adam: .adam(learningRate: learningRate)
      case .adamw: .adamw(learningRate: learningRate, weightDecay: weightDecay ?? 0.01)
      case .rmsprop: .rmsprop(learningRate: learningRate)
      case .sgd: .sgd(learningRate: learningRate, momentum: momentum ?? 0, nesterov: nesterov)
      }
    return options
  }

  /// Every option with its value, for `config.json`.
  var members: [JSONValue.Member] {
    [
      .init("layers", .string(layers.description)),
      .init("peephole", .string(peephole.rawValue)), .init("epochs", .int(epochs)),
      .init("batch_size", .int(batchSize)), .init("learning_rate", .double(learningRate)),
      .init("schedule", .string(schedule.rawValue)),
      .init("optimizer", .string(optimizer.rawValue)),
      .init("momentum", optimizer == .sgd ? .double(momentum ?? 0) : .null),
      .init("nesterov", .bool(nesterov)),
      .init("weight_decay", optimizer == .adamw ? .double(weightDecay ?? 0.01) : .null),
      .init("clip_norm", clipNorm.map { .double($0) } ?? .null),
      // As text: a JSON number need not keep 64 bits.
      .init("seed", .string(String(seed))),
    ]
  }
}

extension Peephole: ExpressibleByArgument {}

extension LearningRateSchedule: ExpressibleByArgument {}
