import Benchmark
import RowwiseCompute
import RowwiseKernelInterface

// Every kernel on one thread, for every instruction set that the processor has. Shapes are those
// of `rowwise benchmark`'s first case: 28 timesteps of 28 features, 128 units, 32 sequences.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .throughput], warmupIterations: 3, maxDuration: .seconds(1),
    maxIterations: 10_000)
  for kernels in Float.availableKernels {
    let set = kernels.instructionSet.rawValue
    for peephole in Peephole.allCases {
      lstm("\(set), LSTM", kernels, LSTMShape(features: 28, hidden: 128, peephole: peephole))
    }
    lstm(
      "\(set), LSTM bfloat16", kernels,
      LSTMShape(features: 28, hidden: 128, peephole: .none, precision: .bfloat16))
    dense(set, kernels, inputs: 128, outputs: 10)
    dense(set, kernels, inputs: 784, outputs: 128)
    pointwise(set, kernels)
    optimizers(set, kernels)
  }
}

private func lstm(_ name: String, _ kernels: KernelSet<Float>, _ shape: LSTMShape) {
  let suffix = shape.peephole == .none ? "" : ", peephole \(shape.peephole)"
  let example = LSTMExample(kernels, shape, timesteps: 28, batch: 32)
  Benchmark("\(name) pack\(suffix)") { benchmark in
    for _ in benchmark.scaledIterations { example.pack() }
  }
  Benchmark("\(name) forward\(suffix)") { benchmark in
    for _ in benchmark.scaledIterations { example.forward() }
  }
  Benchmark("\(name) forward and backward\(suffix)") { benchmark in
    // Backward turns the gates into their gradients in place, so it needs a forward each time.
    for _ in benchmark.scaledIterations {
      example.forward()
      example.backward()
    }
  }
  Benchmark("\(name) weight gradient\(suffix)") { benchmark in
    example.forward()
    example.backward()
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations { example.gradient() }
  }
}

private func dense(_ set: String, _ kernels: KernelSet<Float>, inputs: Int, outputs: Int) {
  let example = DenseExample(kernels, inputs: inputs, outputs: outputs, rows: 128)
  let name = "\(set), Dense \(inputs) → \(outputs), 128 rows"
  Benchmark("\(name) forward") { benchmark in
    for _ in benchmark.scaledIterations { example.forward() }
  }
  Benchmark("\(name) backward") { benchmark in
    for _ in benchmark.scaledIterations { example.backward() }
  }
  Benchmark("\(name) weight gradient") { benchmark in
    for _ in benchmark.scaledIterations { example.gradient() }
  }
}

private func pointwise(_ set: String, _ kernels: KernelSet<Float>) {
  let count = 4096
  let x = randomBuffer(count, seed: 1)
  let y = Buffer<Float>(count)
  for kind in [Activation.relu, .tanh, .sigmoid] {
    Benchmark("\(set), \(kind), \(count) elements") { benchmark in
      for _ in benchmark.scaledIterations {
        y.start.update(from: x.start, count: count)
        kernels.activate(kind, y.start, count)
      }
    }
  }
  Benchmark("\(set), softmax, 400 rows of 10") { benchmark in
    for _ in benchmark.scaledIterations {
      y.start.update(from: x.start, count: count)
      for row in 0..<400 { blackHole(kernels.softmax(y.start + row * 10, 10)) }
    }
  }
}

private func optimizers(_ set: String, _ kernels: KernelSet<Float>) {
  let count = 80_384
  let example = OptimizerExample(kernels, count: count)
  let rules: [(String, OptimizerRule<Float>)] = [
    ("SGD", .sgd(learningRate: 1e-6, momentum: 0.9, nesterov: false)),
    ("RMSprop", .rmsprop(learningRate: 1e-6, decay: 0.9, epsilon: 1e-7)),
    ("Adam", .adam(stepSize: 1e-6, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, decay: 0)),
  ]
  for (name, rule) in rules {
    Benchmark("\(set), \(name), \(count) weights") { benchmark in
      for _ in benchmark.scaledIterations { example.step(rule) }
    }
  }
}
