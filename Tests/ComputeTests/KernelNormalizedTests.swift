import RowwiseKernelInterface
import Testing

/// A step of the layer-normalised LSTM: against its definition, Float against Double, and what must
/// hold bit for bit.
@Suite struct KernelNormalizedTests {
  /// N(x W) of a row by the definition, from W as it is.
  private func normal(_ x: ArraySlice<Double>, _ weight: [Double], _ columns: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: columns)
    for (k, value) in x.enumerated() {
      for j in 0..<columns { sums[j] += value * weight[k * columns + j] }
    }
    let mean = sums.reduce(0, +) / Double(columns)
    let variance = sums.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
    return sums.map { ($0 - mean) / (variance + 1e-5).squareRoot() }
  }

  @Test func referenceNormalises() {
    let problem = NormalizedProblem.random(features: 7, hidden: 5, rows: 4, seed: 3)
    let result = run(oracle, on: problem)
    for row in 0..<problem.rows {
      let exact = normal(problem.x[row * 7..<row * 7 + 7], problem.inputWeight, 20)
      let made = result.inputSums[row * 20..<row * 20 + 20].map { $0 * result.inputScale[row] }
      #expect(largestDifference(made, exact) < 1e-13)
    }
  }

  /// Also where the means are a thousand times the deviations: those of a sum of squares less a
  /// square would be lost. Measured at worst: 8e-7.
  @Test(arguments: floatKernels)
  func meansCostNoAccuracy(_ set: NamedKernels<Float>) {
    for mean in [0.0, 1, 1000] {
      let (features, hidden, rows) = (28, 37, 13)
      let problem = NormalizedProblem.random(
        features: features, hidden: hidden, rows: rows, mean: mean, seed: 7)
      let result = run(set.kernels, on: problem)
      let columns = 4 * hidden
      for row in 0..<rows {
        for (sums, scales, exact) in [
          (
            result.inputSums, result.inputScale,
            normal(
              problem.x[row * features..<(row + 1) * features], problem.inputWeight, columns)
          ),
          (
            result.recurrentSums, result.recurrentScale,
            normal(problem.h[row * hidden..<(row + 1) * hidden], problem.recurrentWeight, columns)
          ),
        ] {
          let made = sums[row * columns..<(row + 1) * columns].map { $0 * scales[row] }
          let error = largestDifference(made, exact)
          #expect(error < 3e-6, "\(set.name), mean \(mean): off by \(error)")
        }
      }
    }
  }

  @Test(arguments: floatKernels)
  func oddShapes(_ set: NamedKernels<Float>) {
    var random = TestRandom(seed: 5)
    for seed in 1...60 {
      var problem = NormalizedProblem.random(
        features: random.integer(1...200), hidden: random.integer(2...40),
        rows: random.integer(1...100), seed: seed)
      if seed % 5 == 0 { problem.ended = Set((0..<problem.rows).filter { $0 % 3 == 1 }) }
      var options = LSTMRunOptions()
      options.misalignment = seed % 17
      options.padding = seed % 4
      let third = problem.rows / 12 * 4
      options.shards = third > 0 ? [0..<third, third..<problem.rows] : nil
      let sharing = [4, 1, 3][seed % 3]
      if sharing == 3 { options.shards = nil }
      let made = run(set.kernels, on: problem, options, parameterRows: sharing)
      let exact = run(oracle, on: problem, options, parameterRows: sharing)
      let name = "\(set.name), \(problem.features), \(problem.hidden), \(problem.rows) rows"
      for (part, path, tolerance) in [
        ("u", \NormalizedRun.inputSums, 5e-6), ("v", \.recurrentSums, 5e-6),
        ("1/σ of u", \.inputScale, 5e-6), ("1/σ of v", \.recurrentScale, 5e-6),
        ("h", \.hidden, 5e-6), ("c", \.cell, 5e-6), ("δu", \.inputGradient, 2e-5),
        ("δv", \.recurrentGradient, 2e-5), ("δh", \.hiddenGradient, 2e-5),
        ("δc", \.cellGradient, 2e-5), ("parameters", \.parameters, 2e-5),
      ] {
        let error = scaledDifference(made[keyPath: path], exact[keyPath: path])
        #expect(error < tolerance, "\(name): \(part) off by \(error)")
      }
      #expect(made.isClean, "\(name): wrote outside its arrays")
    }
  }

  /// A row that has ended keeps its state and adds nothing to any gradient.
  @Test(arguments: floatKernels)
  func endedRowsHaveNoGradients(_ set: NamedKernels<Float>) {
    var problem = NormalizedProblem.random(features: 5, hidden: 11, rows: 9, seed: 2)
    problem.ended = Set(0..<9)
    let result = run(set.kernels, on: problem)
    #expect(result.hidden == problem.h.map { Double(Float($0)) })
    #expect(result.cell == problem.c.map { Double(Float($0)) })
    #expect(result.hiddenGradient == problem.hiddenGradient.map { Double(Float($0)) })
    #expect(result.cellGradient == problem.cellGradient.map { Double(Float($0)) })
    for gradient in [result.inputGradient, result.recurrentGradient, result.parameters] {
      #expect(gradient.allSatisfy { $0 == 0 })
    }
  }

  /// The process stops at whatever touches what lies behind an array.
  @Test(arguments: floatKernels)
  func arraysMayEndWhereMemoryEnds(_ set: NamedKernels<Float>) {
    for (features, hidden) in [(1, 2), (28, 16), (200, 19)] {
      let problem = NormalizedProblem.random(
        features: features, hidden: hidden, rows: 13, seed: hidden)
      var options = LSTMRunOptions()
      options.endsWithMemory = true
      let last = run(set.kernels, on: problem, options)
      #expect(last == run(set.kernels, on: problem), "\(set.name), \(hidden)")
    }
  }

  @Test(arguments: floatKernels)
  func rowsDependOnThemselvesAlone(_ set: NamedKernels<Float>) {
    for (features, hidden) in [(1, 2), (28, 16), (200, 19)] {
      let problem = NormalizedProblem.random(
        features: features, hidden: hidden, rows: 13, seed: hidden)
      let whole = run(set.kernels, on: problem)
      for shards in [[0..<8, 8..<13], [0..<4, 4..<8, 8..<12, 12..<13]] {
        var options = LSTMRunOptions()
        options.shards = shards
        options.misalignment = 3
        #expect(run(set.kernels, on: problem, options) == whole, "\(set.name), \(hidden)")
      }
    }
  }
}
