import RowwiseKernelInterface
import Testing

/// Products in bfloat16: what is rounded, and that nothing else is.
@Suite struct KernelBFloat16Tests {
  /// Every 251st bit pattern of Float, and the ties.
  @Test(arguments: floatKernels)
  func roundsToNearestTiesToEven(_ set: NamedKernels<Float>) {
    var values = stride(from: UInt64(0), through: UInt64(UInt32.max), by: 251).map {
      Float(bitPattern: UInt32($0))
    }
    values += (UInt32(0x3F80)..<0x4000).map { Float(bitPattern: $0 << 16 | 0x8000) }
    var rounded = values
    let count = values.count
    rounded.withUnsafeMutableBufferPointer { target in
      guard let start = target.baseAddress else { return }
      set.kernels.roundToBFloat16(start, start, count)
    }
    var wrong: [Float] = []
    for (x, y) in zip(values, rounded) {
      guard x.isFinite else { continue }
      // Beyond the largest number comes infinity, as in any rounding.
      let expected = nearestBFloat16(Double(x))
      let limit = Double(Float.greatestFiniteMagnitude)
      if abs(expected) > limit ? !y.isInfinite : Double(y) != expected { wrong.append(x) }
    }
    #expect(wrong.isEmpty, "\(set.name): \(wrong.prefix(5)) of \(wrong.count)")
  }

  @Test(arguments: floatKernels)
  func specialValues(_ set: NamedKernels<Float>) {
    let x: [Float] = [.infinity, -.infinity, 0, -0.0, .nan, .infinity - .infinity]
    var y = x
    y.withUnsafeMutableBufferPointer { target in
      guard let start = target.baseAddress else { return }
      set.kernels.roundToBFloat16(start, start, x.count)
    }
    #expect(Array(y[..<4]) == Array(x[..<4]))
    #expect(y[3].sign == .minus)
    #expect(y[4].isNaN && y[5].isNaN)
  }

  private func problem(
    _ peephole: Peephole, _ precision: Precision, timesteps: Int, batch: Int = 13, seed: Int
  ) -> LSTMProblem {
    let sizes = [(4, 3), (5, 16), (9, 19), (33, 40), (28, 67)]
    let (features, hidden) = sizes[seed % sizes.count]
    return .random(
      LSTMShape(features: features, hidden: hidden, peephole: peephole, precision: precision),
      timesteps: timesteps, batch: batch, lengths: .full, outputGradient: true, seed: seed)
  }

  /// Over one timestep c follows from rounded factors alone, so that it is as near to the reference
  /// as in float32; what is rounded afterwards may go the other way, one unit of 2^-8.
  @Test(arguments: floatKernels, Peephole.allCases)
  func oneTimestepIsTheReference(_ set: NamedKernels<Float>, _ peephole: Peephole) {
    // Batches of one block of the weights' gradients, and of three with an odd row at the end.
    for seed in 0..<10 {
      let problem = problem(
        peephole, .bfloat16, timesteps: 1, batch: seed < 7 ? 13 : 305, seed: seed)
      let actual = run(set.kernels, on: problem)
      let expected = run(oracle, on: problem)
      let cell = scaledDifference(actual[.lastCell], expected[.lastCell])
      #expect(cell < 4e-6, "\(set.name), \(problem.shape): c off by \(cell)")
      for quantity in LSTMQuantity.allCases {
        let difference = scaledDifference(actual[quantity], expected[quantity])
        #expect(
          difference < 1.0 / 128,
          "\(set.name), \(problem.shape): \(quantity) off by \(difference)")
      }
      #expect(actual[.y].allSatisfy { $0 == nearestBFloat16($0) }, "\(set.name): h not rounded")
      #expect(actual.isClean, "\(set.name), \(problem.shape): wrote outside its arrays")
    }
  }

  /// The rounding is there, in every quantity, and it is small.
  @Test(arguments: floatKernels, Peephole.allCases)
  func differsFromFloatByRounding(_ set: NamedKernels<Float>, _ peephole: Peephole) {
    for seed in 0..<5 {
      let rounded = run(set.kernels, on: problem(peephole, .bfloat16, timesteps: 9, seed: seed))
      let exact = run(set.kernels, on: problem(peephole, .float32, timesteps: 9, seed: seed))
      for quantity in LSTMQuantity.allCases where !exact[quantity].isEmpty {
        let difference = scaledDifference(rounded[quantity], exact[quantity])
        #expect(
          1e-5 < difference && difference < 0.05,
          "\(set.name), \(peephole): \(quantity) differs by \(difference)")
      }
    }
  }
}
