import RealModule
import RowwiseCompute
import RowwiseKernelInterface

/// The recurrence of an LRU: its weights are ν, θ and log γ, [3, H], and the kernels read Re λ, Im λ and γ
/// with λ = exp(−exp(ν) + i exp(θ)), so that |λ| stays below 1 whatever is learnt (Orvieto et al. 2023).
final class Eigenvalues<Scalar: ComputeScalar>: @unchecked Sendable {
  // SAFETY: as the node's that owns it; see `LayerNode`.

  private let units: Int
  private let kernels: KernelSet<Scalar>
  private let arena: Arena<Scalar>
  private let offset: Int
  /// Re λ, Im λ and γ, [3, H]; twins share it.
  let packed: Buffer<Scalar>
  /// The gradient by these.
  private let sums: Buffer<Scalar>

  init(
    units: Int, kernels: KernelSet<Scalar>, arena: Arena<Scalar>, offset: Int,
    packed: Buffer<Scalar>?
  ) {
    self.units = units
    self.kernels = kernels
    self.arena = arena
    self.offset = offset
    self.packed = packed ?? Buffer(3 * units)
    sums = Buffer(3 * units)
  }

  /// λ = e^{−`rate`} (cos `phase` + i sin `phase`).
  private func exponents(_ k: Int) -> (rate: Double, phase: Double) {
    let weights = arena.values.start + offset
    return (.exp(Double(weights[k])), .exp(Double(weights[units + k])))
  }

  func pack() {
    let weights = arena.values.start + offset
    for k in 0..<units {
      let (rate, phase) = exponents(k)
      let modulus = Double.exp(-rate)
      packed.start[k] = Scalar(modulus * .cos(phase))
      packed.start[units + k] = Scalar(modulus * .sin(phase))
      packed.start[2 * units + k] = Scalar(Double.exp(Double(weights[2 * units + k])))
    }
  }

  /// Gives the weights their gradient, from rows of those by Re λ, Im λ and γ.
  ///
  /// ∂λ/∂ν = −e^ν λ, ∂λ/∂θ = i e^θ λ, ∂γ/∂(log γ) = γ.
  func gradient(
    _ gradients: UnsafePointer<Scalar>, rows: Int, stride: Int, accumulates: Bool
  ) {
    sums.clear()
    kernels.cells.sum(
      RowsCall(
        rows: 0..<rows, width: 3 * units, x: gradients, xStride: stride, y: sums.start,
        yStride: 3 * units))
    let receiver = arena.gradients.start + offset
    if !accumulates { receiver.clear(3 * units) }
    for k in 0..<units {
      let (rate, phase) = exponents(k)
      let (re, im) = (Double(packed.start[k]), Double(packed.start[units + k]))
      let (dRe, dIm) = (Double(sums.start[k]), Double(sums.start[units + k]))
      receiver[k] += Scalar(-rate * (dRe * re + dIm * im))
      receiver[units + k] += Scalar(phase * (dIm * re - dRe * im))
      receiver[2 * units + k] += sums.start[2 * units + k] * packed.start[2 * units + k]
    }
  }
}
