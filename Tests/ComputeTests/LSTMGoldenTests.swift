import RowwiseCompute
import RowwiseKernelInterface
import Testing

/// Kernels against values from PyTorch, ONNX Runtime and NumPy.
@Suite struct LSTMGoldenTests {
  @Test(arguments: Peephole.allCases)
  func referenceAgrees(_ peephole: Peephole) throws {
    let file = try golden(GoldenLSTMFile.self, "lstm-\(peephole.rawValue)")
    #expect(file.cases.count >= 3)
    for golden in file.cases {
      check(golden, oracle, name: "reference", tolerance: 1e-9)
    }
  }

  @Test(arguments: Peephole.allCases, floatKernels)
  func floatKernelsAgree(_ peephole: Peephole, _ set: NamedKernels<Float>) throws {
    for golden in try golden(GoldenLSTMFile.self, "lstm-\(peephole.rawValue)").cases {
      check(golden, set.kernels, name: set.name, tolerance: 1e-5)
    }
  }

  @Test func referenceAgreesWithONNXRuntime() throws {
    for golden in try golden(GoldenLSTMFile.self, "lstm-diagonal").cases {
      let expected = try #require(golden.onnxRuntime)
      var stack = GoldenStack(golden)
      stack.run(oracle)
      let top = stack.runs[0][0]
      #expect(largestDifference(stack.y, expected.y) < 1e-5, "\(golden.name)")
      #expect(largestDifference(top[.lastHidden], expected.lastHidden) < 1e-5, "\(golden.name)")
      #expect(largestDifference(top[.lastCell], expected.lastCell) < 1e-5, "\(golden.name)")
    }
  }

  private func check<Scalar: ComputeScalar>(
    _ golden: GoldenLSTM, _ kernels: KernelSet<Scalar>, name: String, tolerance: Double
  ) {
    var stack = GoldenStack(golden)
    stack.run(kernels)
    func expect(_ actual: [Double], _ expected: [Double], _ quantity: String) {
      let difference = scaledDifference(actual, expected)
      #expect(
        difference < tolerance,
        "\(name), \(golden.peephole), case \(golden.name): \(quantity) is off by \(difference)")
    }
    expect(stack.y, golden.y, "y")
    expect(stack.dx, golden.dx, "dx")
    for (layer, directions) in golden.layers.enumerated() {
      for (direction, values) in directions.enumerated() {
        let run = stack.runs[layer][direction]
        let place = "layer \(layer), direction \(direction)"
        expect(run[.lastHidden], values.lastHidden, "last h of \(place)")
        expect(run[.lastCell], values.lastCell, "last c of \(place)")
        expect(run[.dInput], values.dInput, "dW of \(place)")
        expect(run[.dRecurrent], values.dRecurrent, "dR of \(place)")
        expect(run[.dBias], values.dBias, "db of \(place)")
        expect(run[.dPeephole], values.dPeephole, "dP of \(place)")
        expect(run[.dInitialHidden], values.dh0, "dh0 of \(place)")
        expect(run[.dInitialCell], values.dc0, "dc0 of \(place)")
        #expect(run.isClean, "\(name), case \(golden.name), \(place): wrote outside its arrays")
      }
    }
  }
}

/// Runs a golden case: layers over one another, a second direction on reversed sequences.
private struct GoldenStack {
  let golden: GoldenLSTM
  /// [T, N, directions · H], zero where a row has ended; and the gradient by the case's x.
  var y: [Double] = []
  var dx: [Double] = []
  var runs: [[LSTMRun]] = []

  init(_ golden: GoldenLSTM) {
    self.golden = golden
  }

  /// Forward through all layers, then backward from the top. A run does both at once, so the way
  /// down runs every layer again, now with the gradient that reaches it.
  mutating func run<Scalar: ComputeScalar>(_ kernels: KernelSet<Scalar>) {
    var inputs = [golden.x]
    var width = golden.features
    var widths = [width]
    for layer in golden.layers {
      var outputs: [[Double]] = []
      for (direction, weights) in layer.enumerated() {
        let run = solve(
          kernels, weights, x: inputs[inputs.count - 1], width: width, dy: nil,
          isReversed: direction == 1)
        outputs.append(reversed(run[.y], width: golden.hidden, if: direction == 1))
      }
      width = golden.hidden * layer.count
      widths.append(width)
      inputs.append(masked(interleaved(outputs), width: width))
    }
    y = inputs[inputs.count - 1]
    dx = golden.dy
    for (index, layer) in golden.layers.enumerated().reversed() {
      let dy = deinterleaved(dx, parts: layer.count)
      dx = [Double](repeating: 0, count: inputs[index].count)
      var layerRuns: [LSTMRun] = []
      for (direction, weights) in layer.enumerated() {
        let run = solve(
          kernels, weights, x: inputs[index], width: widths[index], dy: dy[direction],
          isReversed: direction == 1)
        let part = reversed(run[.dx], width: widths[index], if: direction == 1)
        dx = zip(dx, part).map { $0 + $1 }
        layerRuns.append(run)
      }
      runs.insert(layerRuns, at: 0)
    }
  }

  private func solve<Scalar: ComputeScalar>(
    _ kernels: KernelSet<Scalar>, _ weights: GoldenDirection, x: [Double], width: Int,
    dy: [Double]?, isReversed: Bool
  ) -> LSTMRun {
    let problem = LSTMProblem(
      shape: LSTMShape(features: width, hidden: golden.hidden, peephole: golden.peephole),
      timesteps: golden.timesteps, batch: golden.batch, lengths: golden.lengths,
      x: reversed(x, width: width, if: isReversed), input: weights.input,
      recurrent: weights.recurrent, bias: weights.bias, peephole: weights.peephole,
      initialHidden: weights.h0, initialCell: weights.c0,
      outputGradient: dy.map { reversed($0, width: golden.hidden, if: isReversed) },
      lastHiddenGradient: weights.lastHiddenGradient, lastCellGradient: weights.lastCellGradient)
    return LSTMRunner(kernels, problem, .init()).run()
  }

  private func length(_ row: Int) -> Int {
    golden.lengths?[row] ?? golden.timesteps
  }

  /// Each row's valid steps last first; the rest stays where it is.
  private func reversed(_ sequence: [Double], width: Int, if isReversed: Bool) -> [Double] {
    guard isReversed else { return sequence }
    var result = sequence
    for row in 0..<golden.batch {
      for t in 0..<length(row) {
        let from = ((length(row) - 1 - t) * golden.batch + row) * width
        let to = (t * golden.batch + row) * width
        result.replaceSubrange(to..<to + width, with: sequence[from..<from + width])
      }
    }
    return result
  }

  /// Zeros where a row has ended.
  private func masked(_ sequence: [Double], width: Int) -> [Double] {
    sequence.enumerated().map { index, value in
      let position = index / width
      return position / golden.batch < length(position % golden.batch) ? value : 0
    }
  }

  /// Directions side by side.
  private func interleaved(_ parts: [[Double]]) -> [Double] {
    let width = golden.hidden
    return (0..<golden.timesteps * golden.batch).flatMap { position in
      parts.flatMap { $0[position * width..<(position + 1) * width] }
    }
  }

  private func deinterleaved(_ whole: [Double], parts: Int) -> [[Double]] {
    let width = golden.hidden
    return (0..<parts).map { part in
      (0..<golden.timesteps * golden.batch).flatMap { position in
        let start = (position * parts + part) * width
        return whole[start..<start + width]
      }
    }
  }
}
