import RowwiseKernelInterface
import Testing

/// What must hold bit for bit of one kernel set, whatever its arithmetic.
@Suite struct KernelLSTMPropertyTests {
  static let sizes = [(4, 3), (5, 16), (9, 19), (33, 40), (28, 67)]

  /// Problems over sizes, peephole kinds and lengths, and those with lengths in bfloat16 too.
  private func problems(batch: Int = 13) -> [LSTMProblem] {
    Self.sizes.flatMap { features, hidden in
      Peephole.allCases.flatMap { peephole in
        [
          (LSTMProblem.Lengths.full, Precision.float32), (.mixed, .float32), (.mixed, .bfloat16),
        ].map { lengths, precision in
          LSTMProblem.random(
            LSTMShape(
              features: features, hidden: hidden, peephole: peephole, precision: precision),
            timesteps: 6, batch: batch, lengths: lengths, outputGradient: true,
            seed: features + hidden)
        }
      }
    }
  }

  private func expectSame(
    _ a: LSTMRun, _ b: LSTMRun, _ set: NamedKernels<Float>, _ problem: LSTMProblem, _ what: String
  ) {
    let differences = a.differences(from: b)
    #expect(
      differences.isEmpty,
      "\(set.name), \(problem.shape), lengths \(problem.lengths ?? []): \(what) changed \(differences)"
    )
    #expect(a.isClean && b.isClean, "\(set.name), \(problem.shape): wrote outside its arrays")
  }

  @Test(arguments: floatKernels)
  func shardsGiveTheBitsOfTheWhole(_ set: NamedKernels<Float>) {
    for problem in problems() {
      let whole = run(set.kernels, on: problem)
      for shards in [[0..<7, 7..<13], [0..<1, 1..<6, 6..<13], (0..<13).map { $0..<$0 + 1 }] {
        var options = LSTMRunOptions()
        options.shards = shards.reversed()
        expectSame(run(set.kernels, on: problem, options), whole, set, problem, "\(shards)")
      }
    }
  }

  /// The process stops at whatever touches what lies behind an array.
  @Test(arguments: floatKernels)
  func arraysMayEndWhereMemoryEnds(_ set: NamedKernels<Float>) {
    for problem in problems() {
      var options = LSTMRunOptions()
      options.endsWithMemory = true
      expectSame(
        run(set.kernels, on: problem, options), run(set.kernels, on: problem), set, problem,
        "the end of memory")
    }
  }

  @Test(arguments: floatKernels)
  func aRowDependsOnItselfAlone(_ set: NamedKernels<Float>) {
    for problem in problems() {
      let whole = run(set.kernels, on: problem)
      for rows in [0..<1, 12..<13, 5..<9, 2..<13] {
        let part = run(set.kernels, on: problem.selecting(rows))
        let width = problem.shape.hidden
        for (quantity, columns) in [
          (LSTMQuantity.y, width), (.lastHidden, width), (.lastCell, width),
          (.dx, problem.shape.features), (.dInitialHidden, width), (.dInitialCell, width),
        ] {
          let expected = problem.select(whole[quantity], rows, width: columns)
          #expect(
            part[quantity].map(\.bitPattern) == expected.map(\.bitPattern),
            "\(set.name), \(problem.shape): \(quantity) of rows \(rows) alone differs")
        }
      }
    }
  }

  @Test(arguments: floatKernels)
  func alignmentStrideAndTaskOrderChangeNothing(_ set: NamedKernels<Float>) {
    for problem in problems() {
      let plain = run(set.kernels, on: problem)
      for misalignment in [1, 3, 7, 13] {
        var options = LSTMRunOptions()
        options.misalignment = misalignment
        options.padding = misalignment % 5
        options.reversesTasks = true
        expectSame(
          run(set.kernels, on: problem, options), plain, set, problem, "offset \(misalignment)")
      }
    }
  }

  @Test(arguments: floatKernels)
  func twoSlotsGiveTheBitsOfAll(_ set: NamedKernels<Float>) {
    for problem in problems() {
      var options = LSTMRunOptions()
      options.trains = false
      let whole = run(set.kernels, on: problem)
      for (hiddenMask, cellMask) in [(-1, -1), (-1, 1), (1, -1), (1, 1)] {
        options.hiddenSlotMask = hiddenMask
        options.cellSlotMask = cellMask
        expectSame(
          run(set.kernels, on: problem, options), whole, set, problem,
          "masks \(hiddenMask), \(cellMask)")
      }
    }
  }

  /// What is left out of the first timestep is nothing but zeros.
  @Test(arguments: floatKernels)
  func leavingTheFirstStateOutChangesNothing(_ set: NamedKernels<Float>) {
    for batch in [1, 13, 150] {
      for problem in problems(batch: batch) {
        var problem = problem
        let zeros = [Double](repeating: 0, count: problem.initialHidden.count)
        (problem.initialHidden, problem.initialCell) = (zeros, zeros)
        var options = LSTMRunOptions()
        options.startsFromZero = true
        options.accumulatesOnto = 0.5
        var plain = options
        plain.startsFromZero = false
        expectSame(
          run(set.kernels, on: problem, options), run(set.kernels, on: problem, plain), set,
          problem, "leaving it out")
      }
    }
  }

  @Test(arguments: floatKernels)
  func stepByStepGivesTheBitsOfTheSequence(_ set: NamedKernels<Float>) {
    for problem in problems() where problem.lengths == nil {
      let whole = run(set.kernels, on: problem)
      var step = problem
      step.timesteps = 1
      var options = LSTMRunOptions()
      options.trains = false
      options.hiddenSlotMask = 1
      options.cellSlotMask = 1
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

  @Test(arguments: floatKernels)
  func paddingChangesNoBit(_ set: NamedKernels<Float>) {
    for problem in problems() {
      let short = run(set.kernels, on: problem)
      for value in [0.0, 1e30] {
        let long = run(set.kernels, on: problem.padded(by: 3, with: value))
        var cut = long
        let positions = problem.timesteps * problem.batch
        cut.arrays[.y] = Array(long[.y].prefix(positions * problem.shape.hidden))
        cut.arrays[.dx] = Array(long[.dx].prefix(positions * problem.shape.features))
        expectSame(cut, short, set, problem, "padding with \(value)")
        #expect(long[.dx].dropFirst(cut[.dx].count).allSatisfy { $0 == 0 })
      }
    }
  }

  @Test(arguments: floatKernels)
  func endedRowsCarryOnAndHaveNoInputGradient(_ set: NamedKernels<Float>) {
    for problem in problems() where problem.lengths != nil {
      let run = run(set.kernels, on: problem)
      let hidden = problem.shape.hidden
      let features = problem.shape.features
      for row in 0..<problem.batch {
        let length = problem.length(row)
        for t in length..<problem.timesteps {
          let position = t * problem.batch + row
          let before =
            t == 0
            ? problem.initialHidden[row * hidden..<(row + 1) * hidden]
            : run[.y][(position - problem.batch) * hidden..<(position - problem.batch + 1) * hidden]
          #expect(Array(run[.y][position * hidden..<(position + 1) * hidden]) == Array(before))
          #expect(
            run[.dx][position * features..<(position + 1) * features].allSatisfy { $0 == 0 })
        }
        guard length == 0 else { continue }
        let own = row * hidden..<(row + 1) * hidden
        #expect(run[.dInitialHidden][own] == problem.lastHiddenGradient[own])
        #expect(run[.dInitialCell][own] == problem.lastCellGradient[own])
      }
    }
  }

  @Test(arguments: floatKernels)
  func outputGradientOfEndedRowsIsIgnored(_ set: NamedKernels<Float>) {
    for problem in problems() where problem.lengths != nil {
      var other = problem
      for t in 0..<problem.timesteps {
        for row in 0..<problem.batch where t >= problem.length(row) {
          let start = (t * problem.batch + row) * problem.shape.hidden
          for index in start..<start + problem.shape.hidden {
            other.outputGradient?[index] = 1e30
          }
        }
      }
      expectSame(
        run(set.kernels, on: other), run(set.kernels, on: problem), set, problem, "dy after the end"
      )
    }
  }

  @Test(arguments: floatKernels)
  func otherRowsAreNeitherReadNorWritten(_ set: NamedKernels<Float>) {
    for problem in problems() {
      let whole = run(set.kernels, on: problem)
      let rows = 4..<9
      var others = problem
      poisonRows(of: &others, outside: rows)
      var options = LSTMRunOptions()
      options.shards = [rows]
      let part = run(set.kernels, on: others, options)
      let hidden = problem.shape.hidden
      for (quantity, width) in [(LSTMQuantity.y, hidden), (.dx, problem.shape.features)] {
        let expected = problem.select(whole[quantity], rows, width: width)
        #expect(problem.select(part[quantity], rows, width: width) == expected)
        for outside in [0..<rows.lowerBound, rows.upperBound..<problem.batch] {
          // They hold what they held before the run.
          #expect(problem.select(part[quantity], outside, width: width).allSatisfy { $0.isNaN })
        }
      }
      for outside in [0..<rows.lowerBound, rows.upperBound..<problem.batch] {
        let own = outside.lowerBound * hidden..<outside.upperBound * hidden
        #expect(part[.dInitialHidden][own].allSatisfy { $0.isNaN })
        #expect(part[.dInitialCell][own].allSatisfy { $0.isNaN })
      }
    }
  }

  /// Everything of the rows outside becomes NaN.
  private func poisonRows(of problem: inout LSTMProblem, outside rows: Range<Int>) {
    func poison(_ array: inout [Double], width: Int) {
      for index in array.indices where !rows.contains(index / width % problem.batch) {
        array[index] = .nan
      }
    }
    let hidden = problem.shape.hidden
    let paths: [WritableKeyPath<LSTMProblem, [Double]>] = [
      \.initialHidden, \.initialCell, \.lastHiddenGradient, \.lastCellGradient,
    ]
    for path in paths {
      var array = problem[keyPath: path]
      poison(&array, width: hidden)
      problem[keyPath: path] = array
    }
    var x = problem.x
    poison(&x, width: problem.shape.features)
    problem.x = x
    if var dy = problem.outputGradient {
      poison(&dy, width: hidden)
      problem.outputGradient = dy
    }
  }

  @Test(arguments: floatKernels)
  func withoutInputGradientTheRestIsTheSame(_ set: NamedKernels<Float>) {
    for problem in problems() {
      var options = LSTMRunOptions()
      options.wantsInputGradient = false
      expectSame(
        run(set.kernels, on: problem, options), run(set.kernels, on: problem), set, problem, "no dx"
      )
    }
  }

  @Test(arguments: floatKernels)
  func gradientsAddUp(_ set: NamedKernels<Float>) {
    for problem in problems() {
      var options = LSTMRunOptions()
      options.accumulatesOnto = 0.5
      let sum = run(set.kernels, on: problem, options)
      let alone = run(set.kernels, on: problem)
      for quantity in [LSTMQuantity.dInput, .dRecurrent, .dBias, .dPeephole] {
        let difference = scaledDifference(sum[quantity], alone[quantity].map { $0 + 0.5 })
        #expect(difference < 2e-6, "\(set.name), \(problem.shape): \(quantity), \(difference)")
      }
    }
  }

  @Test(arguments: floatKernels)
  func zeroPeepholesGiveThePlainCell(_ set: NamedKernels<Float>) {
    for plain in problems() where plain.shape.peephole == .none {
      let expected = run(set.kernels, on: plain)
      for peephole in [Peephole.diagonal, .full] {
        var problem = plain
        problem.shape.peephole = peephole
        problem.peephole = Array(repeating: 0, count: problem.shape.peepholeCount)
        let actual = run(set.kernels, on: problem)
        for quantity in LSTMQuantity.allCases where quantity != .dPeephole {
          let difference = scaledDifference(actual[quantity], expected[quantity])
          #expect(difference < 2e-6, "\(set.name), \(peephole): \(quantity), \(difference)")
        }
      }
    }
  }
}
