import RealModule

/// Gauss and Legendre's rule on 0 … 1: exact for polynomials up to degree 2n − 1.
struct GaussLegendre: Sendable {
  /// Rising, all inside.
  let nodes: [Double]
  /// They sum to 1.
  let weights: [Double]

  /// A rule of `count` points.
  init(count: Int) {
    precondition(count > 0, "\(count) points")
    var nodes = [Double](repeating: 0, count: count)
    var weights = nodes
    for i in 0..<(count + 1) / 2 {
      // Newton's method from Tricomi's estimate of the i-th root, from 1 downwards.
      var x = Double.cos(Double.pi * (Double(i) + 0.75) / (Double(count) + 0.5))
      var slope = 0.0
      for _ in 0..<100 {
        let (value, derivative) = Self.legendre(count, x)
        slope = derivative
        let change = value / derivative
        x -= change
        if change.magnitude < 1e-15 { break }
      }
      slope = Self.legendre(count, x).derivative
      let weight = 1 / ((1 - x * x) * slope * slope)
      nodes[i] = (1 - x) / 2
      nodes[count - 1 - i] = (1 + x) / 2
      weights[i] = weight
      weights[count - 1 - i] = weight
    }
    self.nodes = nodes
    self.weights = weights
  }

  /// P_n and its derivative, by Bonnet's recursion.
  private static func legendre(_ n: Int, _ x: Double) -> (value: Double, derivative: Double) {
    var (before, value) = (1.0, x)
    for k in 1..<max(n, 1) {
      let k = Double(k)
      (before, value) = (value, ((2 * k + 1) * x * value - k * before) / (k + 1))
    }
    return (value, Double(n) * (x * value - before) / (x * x - 1))
  }
}
