import ArgumentParser
import RowwiseCompute
import RowwiseEvaluation
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseTexts
import RowwiseWorkers

/// `rowwise benchmark`.
struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Measure this machine's limits and what share of them the engine reaches.",
    discussion: """
      First the arithmetic peak and the memory's bandwidth are measured, then every case's network \
      is compared with the reference in double precision, then it is timed, between two measurements \
      of the float32 peak, whose mean "of peak" is a share of. Cases T… train \
      (forward, backward, weight gradients, Adam), cases I… classify, cases R… read one row (step, \
      output layer, early exit's rule); b… is the batch size. \
      T1: 28 timesteps × 28 features, 128 units. T2: two such layers. T3: two layers of 256. \
      T4: 784 timesteps × 1 feature. T4s: the same from weights of a hundredth, so that gradients \
      vanish; T4's speed where the engine is sound. T5: both directions. T6, T7 and I2, I3: layers of \
      512 and 1,024, of which I3 has two. T8: four layers of 256 in both directions. q: with int8 \
      products, whatever --precision is. Operations are those of \
      the LSTM's products, three times in training. --instruction-set baseline, avx2 or avx512 times other \
      kernels than the fastest that the processor has.

      --layers instead compares training steps of stacks of layers, turn by turn, by the processor \
      time that a sequence takes (28 timesteps × 28 features, batch 128); the speed is that of the \
      first stack as 1.

      Examples:
        rowwise benchmark
        rowwise benchmark --cases T1_b32,I1_b1 --threads 1
        rowwise benchmark --cases I1_b1,I1q_b1,I1_b1024,I1q_b1024
        rowwise benchmark --instruction-set baseline --format json
        rowwise benchmark --layers lstm:128 --layers lstm:128:coupled \\
          --layers gru:128 --threads 1
      """)

  /// How the report is written.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case table, json
  }

  @Option(help: "Cases to run, with commas between. (default: all)")
  var cases: String?

  @Option(
    help: "Layers to compare with others instead; see train --help. Give it several times.",
    transform: { try LayersText($0) })
  var layers: [LayersText] = []

  @Option(help: "Seconds that each of a case's \(Timing.repeats) repeats lasts at least.")
  var seconds = 0.5

  @Option(help: "How to write the report.")
  var format = Format.table

  @OptionGroup var engine: EngineOptions
  @OptionGroup var consoleOptions: ConsoleOptions

  func validate() throws {
    guard seconds > 0, seconds <= 3600 else {
      throw ValidationError("--seconds must be more than 0 and at most 3600, got \(seconds)")
    }
    if cases != nil, !layers.isEmpty {
      throw ValidationError("--cases and --layers exclude each other")
    }
    if engine.precision != .float32, !layers.isEmpty {
      throw ValidationError("--layers compares in float32; --precision goes with --cases")
    }
    _ = try selectedCases()
    _ = try kernels()
  }

  func run() throws {
    let console = consoleOptions.console
    guard layers.isEmpty else {
      let comparison = LayersComparison(
        kernels: try kernels(), pool: WorkerPool(threads: engine.threadCount), seconds: seconds)
      let results = try comparison.run(layers)
      try console.write(
        format == .table
          ? LayersComparison.table(results, columns: console.outputColumns)
          : LayersComparison.json(results).pretty)
      return
    }
    let report = try measure { console.log($0) }
    try console.write(
      format == .table ? report.table(columns: console.outputColumns) : report.json.pretty)
  }

  /// Runs the benchmark.
  ///
  /// - Parameter log: told what is going on.
  /// - Throws: `BenchmarkError`, `ValidationError`.
  func measure(log: (String) -> Void) throws -> BenchmarkReport {
    let examples = try selectedCases()
    let kernels = try kernels()
    let pool = WorkerPool(threads: engine.threadCount)
    let timing = Timing(seconds: seconds)
    log("checking the results of \(examples.count) cases")
    let check = ReferenceCheck(kernels, pool: pool)
    for example in examples { try check.run(example) }
    log("measuring the machine")
    // Steady loops need no long repeats.
    let limits = MachineLimits.measure(
      kernels, pool: pool, timing: Timing(seconds: min(seconds, 0.2)))
    let runner = CaseRunner(
      kernels: kernels, pool: pool, timing: timing, precision: engine.precision)
    let results = try examples.map { example in
      log("timing \(example.name)")
      return try runner.run(example)
    }
    return BenchmarkReport(
      machine: MachineDescription.text, instructionSet: kernels.instructionSet,
      threads: pool.threads, limits: limits, cases: results)
  }

  private func selectedCases() throws -> [BenchmarkCase] {
    guard let cases else {
      return BenchmarkCase.all.filter { engine.precision.trains || !$0.hasGradients }
    }
    let names = cases.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    return try names.map { name in
      guard let example = BenchmarkCase.named(name) else {
        let known = BenchmarkCase.all.map(\.name).joined(separator: ", ")
        throw ValidationError("--cases: there is no case '\(name)'; the cases are \(known)")
      }
      if example.hasGradients { try engine.checkTrains("\(name), a case with gradients,") }
      return example
    }
  }

  private func kernels() throws -> KernelSet<Float> {
    let kernels = Float.kernels(upTo: engine.instructionSet)
    if let instructionSet = engine.instructionSet, kernels.instructionSet != instructionSet {
      let known = Float.availableKernels.map(\.instructionSet.rawValue).joined(separator: ", ")
      throw ValidationError(
        "--instruction-set: this processor has no \(instructionSet.rawValue), only \(known)")
    }
    return kernels
  }
}
