import RowwiseKernelInterface

/// One LSTM layer's inputs and the gradients that come from above, in Double, canonical layout.
struct LSTMProblem: Sendable {
  var shape: LSTMShape
  var timesteps: Int
  var batch: Int
  /// Valid steps of each row; nil when all are valid.
  var lengths: [Int]?
  /// x [T, N, D].
  var x: [Double]
  /// W [D, 4H], R [H, 4H], b [4H], P.
  var input: [Double]
  var recurrent: [Double]
  var bias: [Double]
  var peephole: [Double]
  /// [N, H].
  var initialHidden: [Double]
  var initialCell: [Double]
  /// Gradient by every h_t, [T, N, H]; nil when only the last h and c count.
  var outputGradient: [Double]?
  /// Gradients by the last h and c, [N, H].
  var lastHiddenGradient: [Double]
  var lastCellGradient: [Double]

  /// Which rows have variable lengths.
  enum Lengths: CaseIterable {
    case full
    case mixed
  }

  /// A random problem; weights of the size that trained networks have.
  static func random(
    _ shape: LSTMShape, timesteps: Int, batch: Int, lengths: Lengths, outputGradient: Bool,
    seed: Int
  ) -> LSTMProblem {
    var random = TestRandom(seed: seed)
    let hidden = shape.hidden
    let scale = 1.5 / Double(shape.features + hidden).squareRoot()
    let peepholeScale = shape.peephole == .full ? scale : 0.5
    // What the caller of the kernels has to round.
    func factor(_ values: [Double]) -> [Double] {
      guard shape.precision == .bfloat16 else { return values }
      return values.map(nearestBFloat16)
    }
    return LSTMProblem(
      shape: shape, timesteps: timesteps, batch: batch,
      lengths: lengths == .full
        ? nil : (0..<batch).map { _ in random.integer(0...timesteps) },
      x: factor(random.uniform(timesteps * batch * shape.features)),
      input: random.uniform(shape.features * 4 * hidden, scale: scale),
      recurrent: random.uniform(hidden * 4 * hidden, scale: scale),
      bias: random.uniform(4 * hidden, scale: 0.5),
      peephole: random.uniform(shape.peepholeCount, scale: peepholeScale),
      initialHidden: factor(random.uniform(batch * hidden, scale: 0.8)),
      initialCell: random.uniform(batch * hidden),
      outputGradient: outputGradient ? random.uniform(timesteps * batch * hidden) : nil,
      lastHiddenGradient: random.uniform(batch * hidden),
      lastCellGradient: random.uniform(batch * hidden))
  }

  /// Valid steps of a row.
  func length(_ row: Int) -> Int {
    lengths?[row] ?? timesteps
  }

  /// The problem of some rows alone.
  func selecting(_ rows: Range<Int>) -> LSTMProblem {
    var part = self
    let hidden = shape.hidden
    part.batch = rows.count
    part.lengths = lengths.map { Array($0[rows]) }
    part.x = select(x, rows, width: shape.features)
    part.outputGradient = outputGradient.map { select($0, rows, width: hidden) }
    part.initialHidden = select(initialHidden, rows, width: hidden)
    part.initialCell = select(initialCell, rows, width: hidden)
    part.lastHiddenGradient = select(lastHiddenGradient, rows, width: hidden)
    part.lastCellGradient = select(lastCellGradient, rows, width: hidden)
    return part
  }

  /// The problem with further timesteps in which no row takes part.
  func padded(by extra: Int, with value: Double) -> LSTMProblem {
    var longer = self
    longer.lengths = (0..<batch).map { length($0) }
    longer.timesteps += extra
    longer.x += Array(repeating: value, count: extra * batch * shape.features)
    longer.outputGradient? += Array(repeating: value, count: extra * batch * shape.hidden)
    return longer
  }

  /// The elements of some rows of an array [.., N, width].
  func select(_ array: [Double], _ rows: Range<Int>, width: Int) -> [Double] {
    let slice = batch * width
    return stride(from: 0, to: array.count, by: slice).flatMap {
      array[($0 + rows.lowerBound * width)..<($0 + rows.upperBound * width)]
    }
  }
}
