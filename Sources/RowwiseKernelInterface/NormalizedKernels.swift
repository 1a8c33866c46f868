/// What a layer-normalised LSTM needs besides the products of a fully connected layer and the
/// element-wise part.
///
/// With N(s) = (s − mean s) / √(variance of s + 10⁻⁵): a row of x W has mean zero where every row of W
/// has. So the products use W′, W less its rows' means; then x W′ = x W − mean, and N(x W) = x W′ / σ
/// with σ² = Σ (x W′)² / 4H + 10⁻⁵: all that is left of a row's normalisation is one number. No
/// square is subtracted from another, so σ is as exact as the product. The gradient by u = x W′ below has
/// mean zero, as that by x W has, and is the same; so xᵀ times it is the gradient by W, and W′ serves
/// as well as W to go on to x.
///
/// `CellCall.Normalized.statistics` are 8 numbers of a row and timestep:
///
///     0, 1   1/σ of the input sums u = x_t W′ and of the recurrent sums v = h_{t-1} R′
///     2, 3   mean and 1/σ of c_t
///     4, 5   a and b of the gradient by the input sums, from backward on
///     6, 7   a and b of the gradient by the recurrent sums
///
/// where the gradient by u is γ_x ⊙ δz / σ + a + b u, and that by v alike: with n = N(u) and
/// g = γ_x ⊙ δz it is (g − mean(g) − n mean(g n)) / σ.
public struct NormalizedKernels<Scalar>: Sendable {
  /// Elements of memory that backward needs for H units.
  public var scratch: @Sendable (_ hidden: Int) -> Int
  /// W′ of W [rows, columns].
  public var center:
    @Sendable (
      _ weight: UnsafePointer<Scalar>, _ rows: Int, _ columns: Int,
      _ out: UnsafeMutablePointer<Scalar>
    ) -> Void

  /// Gathers the operations.
  public init(
    scratch: @escaping @Sendable (Int) -> Int,
    center:
      @escaping @Sendable (UnsafePointer<Scalar>, Int, Int, UnsafeMutablePointer<Scalar>) -> Void
  ) {
    self.scratch = scratch
    self.center = center
  }
}
