import RowwiseRandomness
import Testing

@Suite struct SplitMix64Tests {
  @Test func givesThePublishedNumbers() {
    // The first numbers of seed 1234567, as listed for the authors' C program.
    var random = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<3).map { _ in random.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      ])
  }

  @Test func numbersBelowABoundAreInRangeAndEvenlySpread() {
    var random = SplitMix64(seed: 3)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[random.next(below: 7)] += 1 }
    // Standard deviation about 93.
    #expect(counts.allSatisfy { abs($0 - 10_000) < 500 }, "\(counts)")
    #expect(random.next(below: 1) == 0)
  }
}
