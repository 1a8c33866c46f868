/// Two recurrent readings of a picture's patches, down the columns and across the rows, each both ways
/// (ReNet, Visin et al. 2015).
///
/// Input [T, N, C · D]: a timestep is a strip of C patches, side by side, D numbers each. Every column of
/// patches is a sequence of T timesteps that a bidirectional LSTM reads; what comes out is turned, every
/// strip is a sequence of C timesteps, which another one reads, and the result is turned back:
/// [T, N, C · 2 · units]. So every patch has seen its column, and what these have seen along its strip,
/// which is the whole picture.
public struct Sweep: Layer, Equatable, Codable {
  /// Hidden size of each of the four LSTMs.
  public var units: Int
  /// C. nil where it is to follow from the reading order, as an `ImageClassifier` fills it in.
  public var columns: Int?

  /// Describes a sweep.
  public init(_ units: Int, columns: Int? = nil) {
    self.units = units
    self.columns = columns
  }

  /// `.sweep`.
  public var specification: LayerSpecification { .sweep(self) }

  /// One of the two readings.
  var reading: Recurrent { Bidirectional(LSTM(units, returnSequences: true)) }
}

/// Puts `factor` × `factor` neighbouring patches side by side: input [T, N, C · D], output
/// [⌈T/factor⌉, N, ⌈C/factor⌉ · factor² · D], row after row of the neighbours; zeros stand for those
/// beyond the edge.
public struct Merge: Layer, Equatable, Codable {
  /// Patches in each direction that become one.
  public var factor: Int
  /// C; see `Sweep`.
  public var columns: Int?

  /// The factors there are.
  package static let factors = 2...8

  /// Describes merging.
  public init(_ factor: Int, columns: Int? = nil) {
    self.factor = factor
    self.columns = columns
  }

  /// `.merge`.
  public var specification: LayerSpecification { .merge(self) }
}

extension [LayerSpecification] {
  /// The same, with the columns of patches that sweeps and merging find where none are said.
  ///
  /// - Parameter columns: patches side by side in a timestep of the input.
  package func reading(columns: Int) -> [LayerSpecification] {
    var columns = columns
    return map { layer in
      switch layer {
      case .sweep(var sweep):
        sweep.columns = sweep.columns ?? columns
        return .sweep(sweep)
      case .merge(var merge):
        merge.columns = merge.columns ?? columns
        columns = (columns + merge.factor - 1) / Swift.max(merge.factor, 1)
        return .merge(merge)
      case .dense, .dropout, .recurrent, .flatten, .pooling, .residual: return layer
      }
    }
  }

  /// Whether a layer reads patches side by side.
  package var readPatches: Bool {
    contains { layer in
      switch layer {
      case .sweep, .merge: true
      default: false
      }
    }
  }
}
