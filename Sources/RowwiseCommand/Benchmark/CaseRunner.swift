import RowwiseCompute
import RowwiseEvaluation
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseTraining
import RowwiseWorkers

/// What a case took.
struct CaseResult: Sendable, Equatable {
  /// The case.
  let example: BenchmarkCase
  /// Sequences a second, median of the repeats.
  let samplesPerSecond: Double
  /// (largest − smallest) / median of the repeats.
  let spread: Double
  /// What the products of LSTM layers were formed in.
  let precision: Precision
  /// GFLOP/s: mean of the float32 peaks measured on as many threads right before and right after
  /// the case, since a processor's clock may change between cases.
  let peak: Double
  /// Arithmetic done as a share of `peak`.
  let shareOfPeak: Double
  /// Median and 99th percentile of single calls, µs; for cases of one sequence.
  let latency: (median: Double, percentile99: Double)?
  /// Most memory resident during the case, 10⁶ bytes.
  let peakMemory: Double

  static func == (a: CaseResult, b: CaseResult) -> Bool {
    a.example == b.example && a.samplesPerSecond == b.samplesPerSecond && a.spread == b.spread
      && a.precision == b.precision && a.peak == b.peak && a.shareOfPeak == b.shareOfPeak
      && a.peakMemory == b.peakMemory
      && a.latency?.median == b.latency?.median
      && a.latency?.percentile99 == b.latency?.percentile99
  }
}

/// Times cases on one kernel set and pool.
struct CaseRunner {
  let kernels: KernelSet<Float>
  let pool: WorkerPool
  let timing: Timing
  /// Of the products of LSTM layers.
  let precision: Precision

  /// Times a case.
  ///
  /// - Throws: `LayerError`.
  func run(_ example: BenchmarkCase) throws -> CaseResult {
    let before = measurePeak()
    PeakMemory.reset()
    let network = try Network<Float>(
      example.layers, timesteps: example.timesteps, features: example.features, seed: 0,
      pool: pool, kernels: kernels, precision: example.precision ?? precision)
    example.scaleWeights(of: network)
    let batch = BenchmarkBatch.make(
      timesteps: example.timesteps, features: example.features, count: example.batch)
    if example.work == .reading {
      return reading(example, try network.makeReader(), batch, peakBefore: before)
    }
    if example.isLatency { return latency(example, network, batch, peakBefore: before) }
    let rates =
      switch example.work {
      case .training: training(network, batch)
      case .inference, .reading: timing.rates { network.withProbabilities(of: batch) { _ in } }
      case .evidence:
        timing.rates {
          _ = network.outputGradients(batch, of: [Int](repeating: 0, count: batch.count))
        }
      }
    return result(
      example, samplesPerSecond: rates.median * Double(example.batch), spread: rates.spread,
      latency: nil, peakBefore: before)
  }

  private func training(
    _ network: Network<Float>, _ batch: SequenceBatch<Float>
  ) -> Measurements {
    let optimizer = OptimizerState(.adam(), network)
    var step: UInt64 = 0
    return timing.rates {
      _ = network.gradients(batch, step: step)
      optimizer.apply(clipNorm: nil)
      step += 1
    }
  }

  /// One sequence at a time, with copying it in and the probabilities out.
  private func latency(
    _ example: BenchmarkCase, _ network: Network<Float>, _ batch: SequenceBatch<Float>,
    peakBefore: Double
  ) -> CaseResult {
    let count = example.timesteps * example.features
    let sequence = Buffer<Float>(count)
    sequence.start.update(from: batch.inputs.start, count: count)
    let probabilities = Buffer<Float>(BenchmarkCase.classCount)
    let repeats = timing.latencies {
      batch.inputs.start.update(from: sequence.start, count: count)
      network.withProbabilities(of: batch) { row in
        for k in row.indices { probabilities.start[k] = row[k] }
      }
    }
    return result(example, repeats, peakBefore: peakBefore)
  }

  /// One timestep after the other, with the probabilities and the rule after each.
  private func reading(
    _ example: BenchmarkCase, _ reader: NetworkReader<Float>, _ batch: SequenceBatch<Float>,
    peakBefore: Double
  ) -> CaseResult {
    let rule = EarlyExitRule(
      slopes: [Double](repeating: 1, count: example.timesteps - 1),
      offsets: [Double](repeating: 0, count: example.timesteps - 1), threshold: 200, patience: 2,
      firstRow: 1)
    var watch = EarlyExitWatch(rule)
    var t = 0
    let repeats = timing.latencies {
      if t == example.timesteps {
        t = 0
        reader.reset()
        watch = EarlyExitWatch(rule)
      }
      reader.step(
        UnsafeBufferPointer(
          start: batch.inputs.start + t * example.features, count: example.features))
      t += 1
      let probabilities = reader.probabilities().span
      let best = ReadingTraces.best(probabilities)
      _ = watch.stops(
        class: best, score: ReadingTraces.logOdds(probabilities, of: best), row: t)
    }
    return result(example, repeats, peakBefore: peakBefore)
  }

  private func result(
    _ example: BenchmarkCase, _ repeats: [Measurements],
    peakBefore: Double
  ) -> CaseResult {
    let medians = Measurements(repeats.map(\.median))
    let percentiles = Measurements(repeats.map(\.percentile99))
    return result(
      example, samplesPerSecond: 1 / medians.median, spread: medians.spread,
      latency: (medians.median * 1e6, percentiles.median * 1e6), peakBefore: peakBefore)
  }

  /// Steady loops need no long repeats.
  private func measurePeak() -> Double {
    MachineLimits.peak(
      kernels, threads: pool.threads, pool, Timing(seconds: min(timing.seconds, 0.05)))
  }

  private func result(
    _ example: BenchmarkCase, samplesPerSecond: Double, spread: Double,
    latency: (median: Double, percentile99: Double)?, peakBefore: Double
  ) -> CaseResult {
    let memory = PeakMemory.megabytes
    let peak = (peakBefore + measurePeak()) / 2
    return CaseResult(
      example: example, samplesPerSecond: samplesPerSecond, spread: spread,
      precision: example.precision ?? precision, peak: peak,
      shareOfPeak: samplesPerSecond * example.operationsPerSample / 1e9 / peak,
      latency: latency, peakMemory: memory)
  }
}
