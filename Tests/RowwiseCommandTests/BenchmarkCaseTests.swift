import Testing

@testable import RowwiseCommand

struct BenchmarkCaseTests {
  /// Products counted by hand: 2 (D + H) 4H T, the second layer's D being H.
  @Test(arguments: [
    ("I1_b1", 2 * (28 + 128) * 512 * 28),
    ("T1_b32", 3 * 2 * (28 + 128) * 512 * 28),
    ("T2_b128", 3 * 2 * (28 + 128 + 128 + 128) * 512 * 28),
    ("T3_b128", 3 * 2 * (28 + 256 + 256 + 256) * 1024 * 28),
    ("T4_b128", 3 * 2 * (1 + 128) * 512 * 784),
    ("T5_b128", 3 * 2 * 2 * (28 + 128) * 512 * 28),
  ])
  func operationsAreThoseOfTheProducts(name: String, expected: Int) throws {
    let example = try #require(BenchmarkCase.named(name))
    #expect(example.operationsPerSample == Double(expected))
  }

  @Test func namesAreUniqueAndSayTheBatch() {
    let names = BenchmarkCase.all.map(\.name)
    #expect(Set(names).count == names.count)
    for example in BenchmarkCase.all {
      #expect(example.name.hasSuffix("_b\(example.batch)"))
      #expect(example.name.hasPrefix(example.work == .training ? "T" : "I"))
    }
    #expect(BenchmarkCase.named("T9_b1") == nil)
  }
}
