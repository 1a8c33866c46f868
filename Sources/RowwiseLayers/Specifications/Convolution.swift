/// 3 × 3 convolution with relu, and of every 2 × 2 places the largest: one block of a small convolutional
/// network, the kind of network that others are measured against.
///
/// Input [T, N, C · D]: a timestep is a strip of C pixels, or patches, side by side, D numbers each. At every
/// place the 9 · D numbers around it, row after row, zeros beyond the edge, go through
/// relu(x W + b) with W [9 · D, units]. Then each 2 × 2 places become one, at an odd edge those that are there:
/// output [⌈T/2⌉, N, ⌈C/2⌉ · units].
public struct Convolution: Layer, Equatable, Codable {
  /// Numbers of a place that come out.
  public var units: Int
  /// C; see `Sweep`.
  public var columns: Int?

  /// Places in each direction that are seen together.
  package static let side = 3
  /// All of them.
  static let neighbors = side * side

  /// Describes the layer.
  public init(_ units: Int, columns: Int? = nil) {
    self.units = units
    self.columns = columns
  }

  /// `.convolution`.
  public var specification: LayerSpecification { .convolution(self) }

  /// What is left of so many places in one direction.
  package static func pooled(_ places: Int) -> Int { (places + 1) / 2 }
}
