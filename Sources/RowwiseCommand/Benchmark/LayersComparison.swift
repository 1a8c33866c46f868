import Rowwise
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseSystem
import RowwiseTexts
import RowwiseTraining
import RowwiseWorkers

/// Times training steps of several stacks of layers turn by turn: what else goes on in the machine
/// meets all of them alike.
struct LayersComparison {
  /// Sequences a step, timesteps and features.
  static let (batch, timesteps, features) = (128, 28, 28)

  /// What one stack took.
  struct Result: Sendable, Equatable {
    /// As `--layers` spells it.
    let layers: String
    /// Weights.
    let parameters: Int
    /// Processor time of one sequence, µs, median of the turns.
    let microseconds: Double
    /// That of the first stack divided by this, median of the turns: above 1 is faster.
    let speed: Double
  }

  let kernels: KernelSet<Float>
  let pool: WorkerPool
  /// Seconds of one turn of one stack at least.
  let seconds: Double

  /// Checks every stack's results, then times them.
  ///
  /// - Throws: `BenchmarkError`, `LayerError`.
  func run(_ stacks: [LayersText]) throws -> [Result] {
    let batch = BenchmarkBatch.make(
      timesteps: Self.timesteps, features: Self.features, count: Self.batch)
    for stack in stacks { try check(stack) }
    let trainers = try stacks.map { stack in
      let layers = try layers(stack)
      try ReferenceCheck(kernels, pool: pool).run(
        layers, timesteps: Self.timesteps, features: Self.features, isTraining: true,
        name: stack.description)
      return try Stepper(
        Network(
          layers, timesteps: Self.timesteps, features: Self.features, seed: 0, pool: pool,
          kernels: kernels), batch)
    }
    var turns = [[Double]](repeating: [], count: stacks.count)
    for turn in 0...Timing.repeats {
      for (index, trainer) in trainers.enumerated() {
        let time = trainer.secondsPerStep(for: seconds)
        // The first turn warms up.
        if turn > 0 { turns[index].append(time) }
      }
    }
    return zip(stacks, zip(trainers, turns)).map { stack, measured in
      let (trainer, times) = measured
      return Result(
        layers: stack.description, parameters: trainer.network.parameterCount,
        microseconds: Measurements(times).median / Double(Self.batch) * 1e6,
        speed: Measurements(zip(turns[0], times).map { $0 / $1 }).median)
    }
  }

  /// Throws where there is not the memory for a stack, nor for the one in `Double` beside it.
  private func check(_ stack: LayersText) throws {
    let space = try ImageClassifier.workSpace(
      hiddenLayers: stack.stack(peephole: .none),
      preprocessing: Preprocessing(width: Self.features, height: Self.timesteps),
      classCount: BenchmarkCase.classCount)
    try MemoryPlan(
      what: "comparing \(stack)",
      bytes: 3 * space.trainingBytes(batch: Self.batch, activationBudget: 1 << 30),
      advice: "choose fewer units"
    ).check(allowed: nil)
  }

  /// The stack with its output layer, connected as `train` connects it.
  private func layers(_ stack: LayersText) throws -> [any Layer] {
    let classifier = try ImageClassifier(
      hiddenLayers: stack.stack(peephole: .none),
      preprocessing: Preprocessing(width: Self.features, height: Self.timesteps),
      classNames: (0..<BenchmarkCase.classCount).map(String.init), threads: 1)
    return classifier.network.layers
  }

  /// The results for people.
  ///
  /// - Parameter columns: how wide a row may be.
  static func table(_ results: [Result], columns: Int = Console.defaultColumns) -> String {
    func numbers(
      _ title: String, rank: Int, _ cell: (Result) -> String
    ) -> ColumnTable.Column {
      ColumnTable.Column(title, isNumber: true, rank: rank, cells: results.map(cell))
    }
    return ColumnTable([
      ColumnTable.Column(
        "layers", rank: 0, cut: .keepsStart(least: 16), cells: results.map(\.layers)),
      numbers("parameters", rank: 1) { NumberText.grouped($0.parameters) },
      numbers("µs/sequence", rank: 0) { NumberText.fixed($0.microseconds, decimals: 1) },
      numbers("speed", rank: 0) { NumberText.fixed($0.speed, decimals: 3) },
    ]).text(columns: columns).rows
  }

  /// The results for programs.
  static func json(_ results: [Result]) -> JSONValue {
    .array(
      results.map { result in
        .object([
          .init("layers", .string(result.layers)), .init("parameters", .int(result.parameters)),
          .init("us_per_sequence", .double(result.microseconds)),
          .init("speed", .double(result.speed)),
        ])
      })
  }
}

/// Training steps of one network on one batch.
private final class Stepper {
  let network: Network<Float>
  private let batch: SequenceBatch<Float>
  private let optimizer: OptimizerState
  private var step: UInt64 = 0

  init(_ network: Network<Float>, _ batch: SequenceBatch<Float>) {
    self.network = network
    self.batch = batch
    optimizer = OptimizerState(.adam(), network)
  }

  /// Processor time of a step, of all threads, over steps that take `seconds` together at least.
  func secondsPerStep(for seconds: Double) -> Double {
    let start = Self.processorSeconds
    var steps = 0
    var elapsed = 0.0
    repeat {
      _ = network.gradients(batch, step: step)
      optimizer.apply(clipNorm: nil)
      step += 1
      steps += 1
      elapsed = Self.processorSeconds - start
    } while elapsed < seconds
    return elapsed / Double(steps)
  }

  /// Of this process, all threads together.
  private static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
