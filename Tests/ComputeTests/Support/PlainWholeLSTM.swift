import RowwiseKernelInterface

/// One LSTM layer with `Precision.int8`, one number after the other in single precision: every product, sum
/// and function in the order of the fast kernels, so that those with fused multiply-adds have its bits.
struct PlainWholeLSTM {
  let problem: LSTMProblem
  private let weights: (numbers: [Int], scales: [Float])
  private let recurrent: (numbers: [Int], scales: [Float])
  private var hidden: Int { problem.shape.hidden }
  private let log2e: Float = 1.442_695_04
  /// 1.5 · 2^23 + 127, whose addition rounds to whole numbers.
  private let magic: Float = 12_583_039

  init(_ problem: LSTMProblem) {
    self.problem = problem
    weights = Self.whole(problem.input.map { Float($0) }, columns: 4 * problem.shape.hidden)
    recurrent = Self.whole(problem.recurrent.map { Float($0) }, columns: 4 * problem.shape.hidden)
  }

  /// h after every timestep, [T, N, H].
  func states() -> [Float] {
    let (steps, batch) = (problem.timesteps, problem.batch)
    var result = [Float](repeating: 0, count: steps * batch * hidden)
    for n in 0..<batch {
      var h = problem.initialHidden[n * hidden..<(n + 1) * hidden].map { Float($0) }
      var c = problem.initialCell[n * hidden..<(n + 1) * hidden].map { Float($0) }
      for t in 0..<steps {
        let width = problem.shape.features
        let start = (t * batch + n) * width
        let x = problem.x[start..<start + width].map { Float($0) }
        (h, c) = step(x, h, c, isFirst: t == 0)
        for k in 0..<hidden { result[(t * batch + n) * hidden + k] = h[k] }
      }
    }
    return result
  }

  /// Whole numbers and a scale for each column.
  private static func whole(
    _ values: [Float], columns: Int
  ) -> (numbers: [Int], scales: [Float]) {
    var largest = [Float](repeating: 0, count: columns)
    for (index, value) in values.enumerated() {
      largest[index % columns] = max(largest[index % columns], abs(value))
    }
    let scales = largest.map { $0 / 127 }
    let numbers = values.enumerated().map { index, value in
      Int((value / scales[index % columns]).rounded(.toNearestOrEven))
    }
    return (numbers, scales)
  }

  /// What `power` makes of a gate's weights.
  private func power(_ column: Int) -> Float { column / hidden == 2 ? 2 : -log2e }

  private func step(
    _ x: [Float], _ h: [Float], _ c: [Float], isFirst: Bool
  ) -> (h: [Float], c: [Float]) {
    var z = (0..<4 * hidden).map { Float(problem.bias[$0]) * power($0) }
    add(x, largest: x.map { abs($0) }.max() ?? 0, weights, to: &z)
    let largest = isFirst ? max(1, h.map { abs($0) }.max() ?? 0) : 1
    add(h, largest: largest, recurrent, to: &z)
    let peephole = problem.peephole.map { Float($0) * -log2e }
    if problem.shape.peephole == .full {
      for column in 0..<3 * hidden {
        let gate = column < 2 * hidden ? column : column + hidden
        for k in 0..<hidden {
          z[gate] = z[gate].addingProduct(c[k], peephole[k * 3 * hidden + column])
        }
      }
    }
    let isDiagonal = problem.shape.peephole == .diagonal
    var (nextH, nextC) = (h, c)
    for k in 0..<hidden {
      var (zi, zf, zo) = (z[k], z[hidden + k], z[3 * hidden + k])
      if isDiagonal {
        zi = zi.addingProduct(peephole[k], c[k])
        zf = zf.addingProduct(peephole[hidden + k], c[k])
      }
      let g = tangent(ofHalf: z[2 * hidden + k])
      nextC[k] = (logistic(ofPower: zf) * c[k]).addingProduct(logistic(ofPower: zi), g)
      if isDiagonal { zo = zo.addingProduct(peephole[2 * hidden + k], nextC[k]) }
      nextH[k] = logistic(ofPower: zo) * tangent(ofHalf: nextC[k] + nextC[k])
    }
    return (nextH, nextC)
  }

  private func add(
    _ x: [Float], largest: Float, _ matrix: (numbers: [Int], scales: [Float]), to z: inout [Float]
  ) {
    let factor = 127 / largest
    let numbers = x.map { Int(($0 * factor).rounded(.toNearestOrEven)) }
    for column in z.indices {
      var sum = 0
      for k in x.indices { sum += numbers[k] * matrix.numbers[k * z.count + column] }
      z[column] = Float(sum) * (largest / 127) * (matrix.scales[column] * power(column)) + z[column]
    }
  }

  /// 1 / (1 + 2^y).
  private func logistic(ofPower y: Float) -> Float {
    let y = max(-126, min(126, y))
    let n = (y + magic) - magic
    let power = Float(sign: .plus, exponent: Int(n), significand: 1)
    let r = y - n
    var q: Float = 1.532_113_024e-4
    for coefficient: Float in [
      0.001_339_018_743, 0.009_618_526_634, 0.055_503_622_1, 0.240_226_475_5, 0.693_147_180_6,
    ] {
      q = coefficient.addingProduct(q, r)
    }
    q *= r
    return 1 / (1 + power.addingProduct(q, power))
  }

  /// tanh (y / 2).
  private func tangent(ofHalf y: Float) -> Float {
    let y = max(-20, min(20, y))
    let n = magic.addingProduct(y, log2e) - magic
    let power = Float(sign: .plus, exponent: Int(n), significand: 1)
    let r = y.addingProduct(n, -0.693_147_18)
    var q: Float = 0.001_394_646_446
    for coefficient: Float in [
      0.008_366_593_01, 0.041_666_281_83, 0.166_665_429_2, 0.500_000_006_2,
    ] {
      q = coefficient.addingProduct(q, r)
    }
    q = r.addingProduct(q, r * r)
    let minusOne = (power - 1).addingProduct(q, power)
    return minusOne / (minusOne + 2)
  }
}
