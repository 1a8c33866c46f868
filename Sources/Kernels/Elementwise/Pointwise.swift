import RowwiseKernelInterface
import RowwiseSystem

/// x ← f(x), element-wise.
func activate(_ kind: Activation, _ x: UnsafeMutablePointer<Float>, _ count: Int) {
  guard kind != .linear else { return }
  for i in stride(from: 0, to: count, by: lanes) {
    let v = load(x + i, first: count - i)
    let y =
      switch kind {
      case .linear: v
      case .relu: maximum(Vector(repeating: 0), v)
      case .tanh: hyperbolicTangent(v)
      case .sigmoid: sigmoid(v)
      }
    store(y, x + i, first: count - i)
  }
}

/// dy ← dy f′, from y = f(x), element-wise. The derivative of relu at 0 is 0.
func activateBackward(
  _ kind: Activation, _ y: UnsafePointer<Float>, _ dy: UnsafeMutablePointer<Float>, _ count: Int
) {
  let one = Vector(repeating: 1)
  for i in stride(from: 0, to: count, by: lanes) {
    let v = load(y + i, first: count - i)
    let d = load(dy + i, first: count - i)
    let result =
      switch kind {
      case .linear: d
      case .relu: d.replacing(with: 0, where: v .<= 0)
      case .tanh: d * (one - v * v)
      case .sigmoid: d * (v * (one - v))
      }
    store(result, dy + i, first: count - i)
  }
}

/// y ← x in bfloat16, element-wise.
func roundToBFloat16(
  _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int
) {
  for i in stride(from: 0, to: count, by: lanes) {
    store(roundedToBFloat16(load(x + i, first: count - i)), y + i, first: count - i)
  }
}

/// Softmax of one row in place; the natural logarithm of the sum of the logits' exponentials.
func softmax(_ row: UnsafeMutablePointer<Float>, _ count: Int) -> Double {
  var largest = row[0]
  for i in 1..<max(count, 1) where row[i] > largest { largest = row[i] }
  var sum = 0.0
  for i in stride(from: 0, to: count, by: lanes) {
    let valid = min(lanes, count - i)
    let e = exponential(load(row + i, first: valid) - Vector(repeating: largest))
    store(e, row + i, first: valid)
    for lane in 0..<valid { sum += Double(e[lane]) }
  }
  let scale = Float(1 / sum)
  for i in 0..<count { row[i] *= scale }
  return Double(largest) + log(sum)
}

/// Σ x² in double precision: eight sums of every eighth element, then their sum.
func sumOfSquares(_ x: UnsafePointer<Float>, _ count: Int) -> Double {
  var sums = SIMD8<Double>(repeating: 0)
  var i = 0
  while i + 8 <= count {
    var v = SIMD8<Double>()
    for lane in 0..<8 { v[lane] = Double(x[i + lane]) }
    sums += v * v
    i += 8
  }
  var total = 0.0
  for lane in 0..<8 { total += sums[lane] }
  while i < count {
    total += Double(x[i]) * Double(x[i])
    i += 1
  }
  return total
}
