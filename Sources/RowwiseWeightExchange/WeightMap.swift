/// Where the elements of an array of another toolkit stand in the array of ours.
///
/// The same map goes both ways, so that a round trip gives back every bit.
package struct WeightMap: Sendable, Equatable {
  private let inputs: Int
  private let units: Int
  /// Numbers of our gates in their order; nil: theirs is ours.
  private let gates: [Int]?

  /// Elements.
  package var count: Int { inputs * units * (gates?.count ?? 1) }

  /// The same order.
  package static func same(_ count: Int) -> WeightMap {
    WeightMap(inputs: 1, units: count, gates: nil)
  }

  /// Theirs is [columns, rows] where ours is [rows, columns].
  package static func transposed(rows: Int, columns: Int) -> WeightMap {
    gateRows(inputs: rows, units: columns, gates: [0])
  }

  /// Theirs is [G·H, inputs] with gates in the order `gates` (numbers of our gates), ours is
  /// [inputs, G·H] with gates in our order.
  package static func gateRows(inputs: Int, units: Int, gates: [Int]) -> WeightMap {
    WeightMap(inputs: inputs, units: units, gates: gates)
  }

  /// Theirs is [G·H] with gates in the order `gates`, ours with gates in our order; also for
  /// [G, H].
  package static func gateVector(units: Int, gates: [Int]) -> WeightMap {
    gateRows(inputs: 1, units: units, gates: gates)
  }

  /// Their array from ours.
  package func theirs(_ ours: [Float]) -> [Float] {
    guard gates != nil else { return ours }
    var result: [Float] = []
    result.reserveCapacity(count)
    forEachPlace { result.append(ours[$0]) }
    return result
  }

  /// Our array from theirs.
  package func ours(_ theirs: ArraySlice<Float>) -> [Float] {
    precondition(theirs.count == count, "\(theirs.count) numbers for \(count) places")
    guard gates != nil else { return Array(theirs) }
    var result = [Float](repeating: 0, count: count)
    var next = theirs.startIndex
    forEachPlace {
      result[$0] = theirs[next]
      next += 1
    }
    return result
  }

  /// Calls `body` with the places in our array in the order of theirs.
  private func forEachPlace(_ body: (Int) -> Void) {
    let gates = gates ?? []
    let columns = units * gates.count
    for gate in gates {
      for unit in 0..<units {
        for input in 0..<inputs { body(input * columns + gate * units + unit) }
      }
    }
  }

  /// The sum of two biases; a zero of either sign leaves every bit of the other one.
  package static func sum(_ first: [Float], _ second: [Float]) -> [Float] {
    zip(first, second).map { $1 == 0 ? $0 : $0 == 0 ? $1 : $0 + $1 }
  }
}
