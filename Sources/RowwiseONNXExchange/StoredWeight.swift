import RowwiseWeightExchange

/// An initializer (or two) whose numbers are a network's weights.
struct StoredWeight {
  /// Consecutive numbers of the array.
  enum Part {
    /// All numbers of a parameter, in the order that the map gives.
    case parameter(String, WeightMap)
    /// That many zeros.
    case zeros(Int)
  }

  /// Name of the 32-bit float value in the graph.
  var name: String
  /// The stored array's sizes.
  var dimensions: [Int]
  /// What the array is put together from.
  var parts: [Part]
  /// Position of the stored array in the graph's initializers.
  var place: Int
  /// Position of the scales; nil where the numbers are floats.
  var scalePlace: Int?
  /// Whether a channel of the scales is a row, not a column.
  var channelsAreRows: Bool
}
