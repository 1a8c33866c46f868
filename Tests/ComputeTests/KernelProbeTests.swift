import RowwiseKernelInterface
import Testing

/// The yardsticks compute what they say, so that no part of them was optimised away.
@Suite struct KernelProbeTests {
  /// x after n rounds is 1 + (x₀ − 1) 0.999ⁿ; x₀ is 0.05, 0.15, …, the same in all lanes.
  @Test(arguments: floatKernels)
  func chainsFollowTheirFormula(_ set: NamedKernels<Float>) {
    for rounds in [0, 1, 2, 7, 1000, 5000] {
      var decay = 1.0
      for _ in 0..<rounds { decay *= 0.999 }
      // Chains times lanes; the chains of a lane are as many for all sets of an architecture.
      let operations = set.kernels.multiplyAddOperations
      #if arch(arm64)
        let chains = set.name == "reference" ? 12 : 16
      #else
        let chains = 12
      #endif
      let lanes = operations / chains / 2
      #expect(lanes * chains * 2 == operations)
      var expected = 0.0
      for chain in 0..<chains {
        expected += Double(lanes) * (1 + (Double(2 * chain + 1) / 20 - 1) * decay)
      }
      let sum = Double(set.kernels.multiplyAddChains(rounds))
      #expect(abs(sum - expected) < 1e-4 * expected, "\(set.name), \(rounds) rounds")
    }
  }

  /// Every lane and chain adds 0.5 a round; sets without such products have no operations.
  @Test(arguments: floatKernels)
  func bfloat16ChainsFollowTheirFormula(_ set: NamedKernels<Float>) {
    for rounds in [0, 1, 2, 7, 1000] {
      let operations = set.kernels.bfloat16Operations
      #expect((operations > 0) == (set.name == "avx512bf16"))
      let expected = Double(rounds) * 0.5 * Double(operations / 4)
      #expect(Double(set.kernels.bfloat16Chains(rounds)) == expected, "\(set.name), \(rounds)")
    }
  }

  @Test(arguments: floatKernels)
  func triadAddsThreeTimesTheThird(_ set: NamedKernels<Float>) {
    for count in 0...67 {
      let arena = Arena<Float>(misalignment: count % 17)
      let b = (0..<count).map { Double($0) }
      let c = (0..<count).map { Double(100 - $0) }
      let a = arena.array([Double](repeating: 0, count: count))
      set.kernels.triad(a, arena.array(b), arena.array(c), count)
      #expect(values(a, count: count) == zip(b, c).map { $0 + 3 * $1 }, "\(set.name), \(count)")
      #expect(arena.isIntact())
    }
  }
}
