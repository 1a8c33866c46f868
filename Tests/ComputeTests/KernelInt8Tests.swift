import RowwiseCompute
import RowwiseKernelInterface
import Testing

/// Products of whole numbers: the same bits whatever multiplies them, and those of plain loops.
@Suite struct KernelInt8Tests {
  /// Every kernel set, with products of bytes where the processor has them and without.
  static let sets: [NamedKernels<Float>] =
    floatKernels
    + Float.availableKernels(multiplyingBytes: false).filter { $0.instructionSet >= .avx512 }.map {
      NamedKernels(name: "\($0.instructionSet.rawValue) without products of bytes", kernels: $0)
    }

  /// Those with fused multiply-adds, which give all functions the same bits.
  static let fused = sets.filter { set in
    #if arch(arm64)
      set.name != "reference"
    #else
      set.name != "reference" && set.kernels.instructionSet != .baseline
    #endif
  }

  private static let sizes = [(4, 3), (5, 16), (9, 19), (33, 40), (28, 67), (131, 128)]

  private func problems(
    timesteps: Int = 6, batch: Int = 13, lengths: LSTMProblem.Lengths = .full
  ) -> [LSTMProblem] {
    Self.sizes.flatMap { features, hidden in
      Peephole.allCases.map { peephole in
        LSTMProblem.random(
          LSTMShape(features: features, hidden: hidden, peephole: peephole, precision: .int8),
          timesteps: timesteps, batch: batch, lengths: lengths, outputGradient: false,
          seed: features + hidden)
      }
    }
  }

  /// How predictions run kernels.
  private var options: LSTMRunOptions {
    var options = LSTMRunOptions()
    options.trains = false
    return options
  }

  @Test(arguments: Self.fused)
  func bitsAreThoseOfPlainLoops(_ set: NamedKernels<Float>) {
    for problem in problems(batch: 7) {
      let states = run(set.kernels, on: problem, options)[.y]
      let expected = PlainWholeLSTM(problem).states()
      let different = zip(states, expected).count { $0 != Double($1) }
      #expect(different == 0, "\(set.name), \(problem.shape): \(different) of \(states.count)")
    }
  }

  /// A state that is learned may be larger than every other.
  @Test(arguments: Self.fused)
  func aLargeFirstStateHasItsOwnScale(_ set: NamedKernels<Float>) {
    var problem = problems(batch: 2)[3]
    problem.initialHidden = problem.initialHidden.map { 5 * $0 }
    let states = run(set.kernels, on: problem, options)[.y]
    #expect(states == PlainWholeLSTM(problem).states().map { Double($0) }, "\(set.name)")
  }

  /// Sums are exact at their largest: nothing saturates.
  @Test(arguments: Self.sets)
  func sumsDoNotSaturate(_ set: NamedKernels<Float>) {
    for (x, weight) in [(1.0, 1.0), (1, -1), (-1, 1), (-1, -1)] {
      let shape = LSTMShape(features: 300, hidden: 4, peephole: .none, precision: .int8)
      var problem = LSTMProblem.random(
        shape, timesteps: 1, batch: 6, lengths: .full, outputGradient: false, seed: 1)
      problem.x = problem.x.map { _ in x }
      problem.input = problem.input.map { _ in weight / 300 }
      problem.recurrent = problem.recurrent.map { _ in 0 }
      problem.bias = problem.bias.map { _ in 0 }
      problem.initialCell = problem.initialCell.map { _ in 0 }
      var plain = problem
      plain.shape.precision = .float32
      let difference = scaledDifference(
        run(set.kernels, on: problem, options)[.lastCell],
        run(oracle, on: plain, options)[.lastCell])
      #expect(difference < 1e-5, "\(set.name), \(x) × \(weight): \(difference)")
    }
  }

  /// Over one timestep c follows from the same whole numbers, but where one lies between two.
  @Test(arguments: Self.sets)
  func oneTimestepIsTheReference(_ set: NamedKernels<Float>) {
    for problem in problems(timesteps: 1) {
      let actual = run(set.kernels, on: problem, options)
      let difference = scaledDifference(
        actual[.lastCell], run(oracle, on: problem, options)[.lastCell])
      #expect(difference < 2e-3, "\(set.name), \(problem.shape): \(difference)")
      #expect(actual.isClean, "\(set.name), \(problem.shape): wrote outside its arrays")
    }
  }

  /// It is near float32, and it is not that.
  @Test(arguments: Self.sets)
  func differsFromFloatByRounding(_ set: NamedKernels<Float>) {
    for problem in problems() {
      var plain = problem
      plain.shape.precision = .float32
      let difference = scaledDifference(
        run(set.kernels, on: problem, options)[.y], run(set.kernels, on: plain, options)[.y])
      #expect(1e-5 < difference && difference < 0.1, "\(set.name), \(problem.shape): \(difference)")
    }
  }

  /// Shards, slots, alignment, the end of memory and other rows of the batch change no bit.
  @Test(arguments: Self.sets)
  func aRowDependsOnItselfAlone(_ set: NamedKernels<Float>) {
    for lengths in LSTMProblem.Lengths.allCases {
      for problem in problems(lengths: lengths) {
        let whole = run(set.kernels, on: problem, options)
        func expectSame(_ what: String, _ change: (inout LSTMRunOptions) -> Void) {
          var options = self.options
          change(&options)
          let other = run(set.kernels, on: problem, options)
          #expect(
            other.differences(from: whole).isEmpty && other.isClean,
            "\(set.name), \(problem.shape): \(what)")
        }
        for shards in [[0..<7, 7..<13], [0..<1, 1..<6, 6..<13], (0..<13).map { $0..<$0 + 1 }] {
          expectSame("shards \(shards)") { $0.shards = shards.reversed() }
        }
        expectSame("two slots") { ($0.hiddenSlotMask, $0.cellSlotMask) = (1, 1) }
        expectSame("the end of memory") { $0.endsWithMemory = true }
        expectSame("alignment") { ($0.misalignment, $0.padding, $0.reversesTasks) = (3, 2, true) }
        let width = problem.shape.hidden
        for rows in [0..<1, 5..<9] {
          let part = run(set.kernels, on: problem.selecting(rows), options)
          #expect(
            part[.y] == problem.select(whole[.y], rows, width: width),
            "\(set.name), \(problem.shape): rows \(rows) alone")
        }
      }
    }
  }

  @Test(arguments: Self.sets)
  func stepByStepGivesTheBitsOfTheSequence(_ set: NamedKernels<Float>) {
    for problem in problems() {
      let whole = run(set.kernels, on: problem, options)
      var step = problem
      step.timesteps = 1
      let width = problem.batch * problem.shape.features
      for t in 0..<problem.timesteps {
        step.x = Array(problem.x[t * width..<(t + 1) * width])
        let run = run(set.kernels, on: step, options)
        step.initialHidden = run[.lastHidden]
        step.initialCell = run[.lastCell]
      }
      #expect(step.initialHidden == whole[.lastHidden], "\(set.name), \(problem.shape)")
      #expect(step.initialCell == whole[.lastCell], "\(set.name), \(problem.shape)")
    }
  }

  /// What is left out of the first timestep is nothing but zeros; zeros and what is no number as x.
  @Test(arguments: Self.sets)
  func zerosAndNumbersThatAreNone(_ set: NamedKernels<Float>) {
    for problem in problems(batch: 3) {
      var problem = problem
      let zeros = [Double](repeating: 0, count: problem.initialHidden.count)
      (problem.initialHidden, problem.initialCell) = (zeros, zeros)
      for index in 0..<problem.shape.features { problem.x[index] = 0 }
      var left = options
      left.startsFromZero = true
      let plain = run(set.kernels, on: problem, options)
      #expect(plain[.y].allSatisfy { $0.isFinite }, "\(set.name), \(problem.shape)")
      #expect(run(set.kernels, on: problem, left).differences(from: plain).isEmpty)
      guard set.name != "reference" else { continue }
      problem.x[0] = .nan
      let bad = run(set.kernels, on: problem, options)[.y]
      #expect(bad[..<problem.shape.hidden].allSatisfy { $0.isNaN }, "\(set.name), \(problem.shape)")
      #expect(
        bad[problem.shape.hidden..<3 * problem.shape.hidden]
          == plain[.y][problem.shape.hidden..<3 * problem.shape.hidden])
    }
  }

  /// The weights of a file of int8 weights, number · scale, are taken for the same numbers; a scale may
  /// differ in its last bit.
  @Test(arguments: Self.sets)
  func weightsOfWholeNumbersStayTheseNumbers(_ set: NamedKernels<Float>) {
    for problem in problems() {
      var stored = problem
      for path in [\LSTMProblem.input, \LSTMProblem.recurrent] {
        let columns = 4 * problem.shape.hidden
        let (numbers, scales) = whole(problem[keyPath: path], columns: columns)
        let values = numbers.indices.map { numbers[$0] * scales[$0 % columns] }
        stored[keyPath: path] = values.map { Double($0) }
        #expect(whole(stored[keyPath: path], columns: columns).numbers == numbers)
      }
      let difference = scaledDifference(
        run(set.kernels, on: stored, options)[.y], run(set.kernels, on: problem, options)[.y])
      #expect(difference < 1e-3, "\(set.name), \(problem.shape): \(difference)")
    }
  }

  /// Whole numbers and a scale for each column, as `Int8Matrix` has them.
  private func whole(_ values: [Double], columns: Int) -> (numbers: [Float], scales: [Float]) {
    var largest = [Float](repeating: 0, count: columns)
    for (index, value) in values.enumerated() {
      largest[index % columns] = max(largest[index % columns], abs(Float(value)))
    }
    let scales = largest.map { $0 / 127 }
    let numbers = values.enumerated().map { index, value in
      (Float(value) / scales[index % columns]).rounded(.toNearestOrEven)
    }
    return (numbers, scales)
  }

  /// NumPy's numbers; Scripts/goldens/golden_int8.py.
  @Test(arguments: Self.sets)
  func agreesWithNumPy(_ set: NamedKernels<Float>) throws {
    for golden in try golden([GoldenInt8].self, "lstm-int8") {
      var problem = LSTMProblem.random(
        LSTMShape(
          features: golden.features, hidden: golden.hidden, peephole: golden.peepholeKind,
          precision: .int8),
        timesteps: golden.timesteps, batch: golden.batch, lengths: .full, outputGradient: false,
        seed: 0)
      (problem.x, problem.input, problem.recurrent) = (golden.x, golden.input, golden.recurrent)
      (problem.bias, problem.peephole) = (golden.bias, golden.peephole)
      (problem.initialHidden, problem.initialCell) = (golden.h0, golden.c0)
      let difference = scaledDifference(run(set.kernels, on: problem, options)[.y], golden.y)
      #expect(difference < 2e-6, "\(set.name), \(golden.peepholeKind): \(difference)")
    }
  }
}

/// A case of Fixtures/lstm-int8.json.
private struct GoldenInt8: Decodable {
  var peepholeKind: Peephole
  var timesteps: Int
  var batch: Int
  var features: Int
  var hidden: Int
  var x: [Double]
  var input: [Double]
  var recurrent: [Double]
  var bias: [Double]
  var peephole: [Double]
  var h0: [Double]
  var c0: [Double]
  var y: [Double]
}
