import RowwiseKernelInterface

/// ε of layer normalisation.
private let epsilon: Float = 1e-5

/// Numbers kept of a row and timestep; here and not taken from the interface, so that no code is
/// shared with modules for other instruction sets.
@inline(__always) var statisticsCount: Int { 8 }

/// 1 / √(squares / size + ε).
@inline(__always)
func reciprocalDeviation(_ squares: Float, _ size: Int) -> Float {
  1 / (squares / Float(size) + epsilon).squareRoot()
}

/// Σ of the lanes, pairs first.
@inline(__always)
func laneSum(_ v: Vector) -> Float {
  var sums = v
  var width = lanes / 2
  while width > 0 {
    for lane in 0..<width { sums[lane] += sums[lane + width] }
    width /= 2
  }
  return sums[0]
}

/// W less its rows' means. A row's mean is taken twice: what rounding has left of it the first time
/// would be left in all sums.
func centerRows(
  _ weight: UnsafePointer<Float>, _ rows: Int, _ columns: Int, _ out: UnsafeMutablePointer<Float>
) {
  for row in 0..<rows {
    let target = out + row * columns
    target.update(from: weight + row * columns, count: columns)
    for _ in 0..<2 {
      var total = Vector(repeating: 0)
      forEachVector(columns) { total += load(target + $0, first: columns - $0) }
      let mean = Vector(repeating: laneSum(total) / Float(columns))
      forEachVector(columns) {
        store(load(target + $0, first: columns - $0) - mean, target + $0, first: columns - $0)
      }
    }
  }
}
