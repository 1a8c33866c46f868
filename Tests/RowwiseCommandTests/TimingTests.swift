import Testing

@testable import RowwiseCommand

struct TimingTests {
  @Test func mediansPercentilesAndSpread() {
    let odd = Measurements([3, 1, 2])
    #expect(odd.median == 2 && odd.spread == 1 && odd.percentile99 == 3)
    #expect(Measurements([4, 1, 2, 3]).median == 2.5)
    let many = Measurements((1...200).map { Double($0) })
    #expect(many.percentile99 == 199)
  }

  @Test func ratesCountTheCalls() {
    var calls = 0
    let rates = Timing(seconds: 0.01).rates {
      calls += 1
      let end = Timing.now + 0.002
      while Timing.now < end {}
    }
    // 2 ms a call: not more than 500 a second, on a busy machine less.
    #expect(rates.sorted.count == Timing.repeats)
    #expect(calls >= 1 + 2 * Timing.repeats)
    #expect(rates.sorted.allSatisfy { 0 < $0 && $0 <= 500.0001 })
  }

  @Test func latenciesAreOfSingleCalls() {
    let repeats = Timing(seconds: 0.001).latencies {
      let end = Timing.now + 0.000_1
      while Timing.now < end {}
    }
    #expect(repeats.count == Timing.repeats)
    #expect(repeats.allSatisfy { $0.sorted.count >= 100 && $0.sorted[0] >= 0.000_1 })
  }
}
