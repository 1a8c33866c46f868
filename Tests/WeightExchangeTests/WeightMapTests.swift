import Testing

@testable import RowwiseWeightExchange

/// Where another toolkit's numbers stand in ours.
struct WeightMapTests {
  /// Two inputs, two units, three gates, and their order 2, 0, 1 as rows.
  @Test func gateRows() {
    let map = WeightMap.gateRows(inputs: 2, units: 2, gates: [2, 0, 1])
    // Ours, [2, 6]: row = input, columns g0u0 g0u1 g1u0 g1u1 g2u0 g2u1.
    let ours: [Float] = [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15]
    let theirs: [Float] = [4, 14, 5, 15, 0, 10, 1, 11, 2, 12, 3, 13]
    #expect(map.count == 12)
    #expect(map.theirs(ours) == theirs)
    #expect(map.ours(theirs[...]) == ours)
  }

  @Test func transposition() {
    let map = WeightMap.transposed(rows: 2, columns: 3)
    #expect(map.theirs([1, 2, 3, 4, 5, 6]) == [1, 4, 2, 5, 3, 6])
    #expect(map.ours([1, 4, 2, 5, 3, 6]) == [1, 2, 3, 4, 5, 6])
  }

  @Test func gateVector() {
    let map = WeightMap.gateVector(units: 2, gates: [0, 2, 1])
    #expect(map.theirs([1, 2, 3, 4, 5, 6]) == [1, 2, 5, 6, 3, 4])
    #expect(map.ours([1, 2, 5, 6, 3, 4]) == [1, 2, 3, 4, 5, 6])
  }

  /// A bias that another toolkit splits in two comes back with every bit, its zeros' signs too.
  @Test func sumsKeepEveryBit() {
    let values: [Float] = [-0.0, 0, 1.5, -.leastNonzeroMagnitude]
    let zeros: [Float] = [0, -0.0, 0, -0.0]
    #expect(WeightMap.sum(values, zeros).map(\.bitPattern) == values.map(\.bitPattern))
    #expect(WeightMap.sum(zeros, [1, 2, 3, 4]) == [1, 2, 3, 4])
    #expect(WeightMap.sum([1, 2], [0.5, -2]) == [1.5, 0])
  }
}
