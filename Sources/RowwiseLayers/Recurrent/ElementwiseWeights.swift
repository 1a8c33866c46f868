import RowwiseCompute
import RowwiseKernelInterface

/// The weights of a recurrent cell's element-wise part and their gradients, which a few sequences sum
/// over their own timesteps first: so their bits do not depend on how sequences are shared among
/// threads, as long as those few stay together.
final class ElementwiseWeights<Scalar: ComputeScalar>: @unchecked Sendable {
  // SAFETY: as the node's that owns it; see `LayerNode`.

  private let kernels: KernelSet<Scalar>
  private let arena: Arena<Scalar>
  private let offsets: [RecurrentWeights.Role: Int]
  private let units: Int
  /// Weights in the order of a row of gradients, with their sizes.
  private let order: [(role: RecurrentWeights.Role, count: Int)]
  private let gradients = Buffer<Scalar>()
  /// Of an LRU.
  private let eigenvalues: Eigenvalues<Scalar>?
  /// The weights, for the kernels.
  let parameters: CellParameters<Scalar>
  /// Elements of a row of gradients.
  let count: Int
  /// Distance between rows of gradients.
  let stride: Int

  /// - Parameter packed: of the node whose twin this one's is.
  init(
    _ layer: Recurrent, kernels: KernelSet<Scalar>, arena: Arena<Scalar>,
    offsets: [RecurrentWeights.Role: Int], packed: Buffer<Scalar>?
  ) {
    self.kernels = kernels
    self.arena = arena
    self.offsets = offsets
    units = layer.units
    eigenvalues = offsets[.eigenvalues].map {
      Eigenvalues(units: layer.units, kernels: kernels, arena: arena, offset: $0, packed: packed)
    }
    if layer.cell == .layerNormalized {
      let columns = 4 * layer.units
      order = [
        (.inputGain, columns), (.recurrentGain, columns), (.bias, columns),
        (.cellGain, layer.units), (.cellBias, layer.units),
      ]
    } else if layer.peephole == .diagonal {
      order = [(.peephole, 3 * layer.units)]
    } else if eigenvalues != nil {
      order = [(.eigenvalues, 3 * layer.units)]
    } else {
      order = []
    }
    count = order.reduce(0) { $0 + $1.count }
    stride = RowStride.of(count)
    var parameters = Self.parameters(arena, offsets)
    parameters.recurrence = eigenvalues.map { UnsafePointer($0.packed.start) }
    self.parameters = parameters
  }

  private static func parameters(
    _ arena: Arena<Scalar>, _ offsets: [RecurrentWeights.Role: Int]
  ) -> CellParameters<Scalar> {
    func weight(_ role: RecurrentWeights.Role) -> UnsafePointer<Scalar>? {
      offsets[role].map { UnsafePointer(arena.values.start + $0) }
    }
    var parameters = CellParameters<Scalar>()
    parameters.peephole = weight(.peephole)
    if let inputGain = weight(.inputGain), let recurrentGain = weight(.recurrentGain),
      let bias = weight(.bias), let cellGain = weight(.cellGain), let cellBias = weight(.cellBias)
    {
      parameters.normalization = .init(
        inputGain: inputGain, recurrentGain: recurrentGain, bias: bias, cellGain: cellGain,
        cellBias: cellBias)
    }
    return parameters
  }

  /// What an LRU's kernels are told, which twins share.
  var packed: Buffer<Scalar>? { eigenvalues?.packed }

  /// Takes over weights that the kernels do not read as they are.
  func pack() { eigenvalues?.pack() }

  /// Rows of the batch, from a multiple of this number on, that share a row of gradients.
  static var sharingRows: Int { 4 }
  /// The rows' gradients; nil where there are none.
  var rows: UnsafeMutablePointer<Scalar>? { count > 0 ? gradients.start : nil }

  func prepare(_ pass: Pass) {
    if count > 0 { gradients.reserve(rowCount(pass.batch) * stride) }
  }

  /// Rows of gradients.
  private func rowCount(_ batch: Int) -> Int { (batch + Self.sharingRows - 1) / Self.sharingRows }

  /// Forgets some rows' gradients.
  func clear(_ sequences: Range<Int>) {
    guard count > 0 else { return }
    let first = sequences.lowerBound / Self.sharingRows
    (gradients.start + first * stride).clear((rowCount(sequences.upperBound) - first) * stride)
  }

  /// Sums the rows' gradients.
  func gradient(_ pass: Pass, accumulates: Bool) {
    if let eigenvalues {
      eigenvalues.gradient(
        UnsafePointer(gradients.start), rows: rowCount(pass.batch), stride: stride,
        accumulates: accumulates)
      return
    }
    var first = 0
    for (role, count) in order {
      sum(
        rowCount(pass.batch), from: gradients.start + first, stride: stride, count: count, role,
        accumulates)
      first += count
    }
  }

  /// Sums vectors of H elements, one a sequence, to the gradient of a weight, if the layer has it.
  func sum(
    _ pass: Pass, _ vectors: Buffer<Scalar>, _ stride: Int, _ role: RecurrentWeights.Role,
    _ accumulates: Bool
  ) {
    sum(pass.batch, from: vectors.start, stride: stride, count: units, role, accumulates)
  }

  private func sum(
    _ number: Int, from vectors: UnsafePointer<Scalar>, stride: Int, count: Int,
    _ role: RecurrentWeights.Role, _ accumulates: Bool
  ) {
    guard let offset = offsets[role] else { return }
    let receiver = arena.gradients.start + offset
    if !accumulates { receiver.clear(count) }
    kernels.cells.sum(
      RowsCall(
        rows: 0..<number, width: count, x: vectors, xStride: stride, y: receiver, yStride: count))
  }
}
