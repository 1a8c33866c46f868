/// Layer normalisation of what a layer gives: each vector becomes γ ⊙ N(x) + b with N(x) = (x − mean x) /
/// √(variance of x + 10⁻⁵) over its own numbers and learned γ and b (Ba, Kiros & Hinton 2016).
///
/// Of a sequence every timestep is a vector, and where `columns` are given every patch of it.
public struct LayerNorm: Layer, Equatable, Codable {
  /// Patches side by side, each normalised by itself. nil: all numbers of a timestep together, or,
  /// for an `ImageClassifier` that reads strips of patches, as follows from the reading order.
  public var columns: Int?

  /// Describes layer normalisation.
  public init(columns: Int? = nil) { self.columns = columns }

  /// `.norm`.
  public var specification: LayerSpecification { .norm(self) }
}

/// Two fully connected layers with a normalisation before and a connection around them:
/// y = x + relu(N(x) W₁ + b₁) W₂ + b₂, N as `LayerNorm`; of each timestep or patch by itself. With `Sweep`
/// and its own residual connection it makes the blocks of Sequencer (Tatsunami & Taki 2022), which has GELU
/// in place of relu.
public struct MLP: Layer, Equatable, Codable {
  /// Numbers between the two layers, for each number of a vector.
  public var ratio: Int
  /// As `LayerNorm.columns`.
  public var columns: Int?

  /// The ratios there are.
  package static let ratios = 1...16

  /// Describes the layers.
  public init(_ ratio: Int, columns: Int? = nil) {
    self.ratio = ratio
    self.columns = columns
  }

  /// `.mlp`.
  public var specification: LayerSpecification { .mlp(self) }
}
