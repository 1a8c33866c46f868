public import KernelInterface

/// In which order a recurrent layer reads its timesteps.
public enum ReadingDirection: String, Codable, Sendable, CaseIterable {
  /// From the first timestep to the last.
  case forwards
  /// From the last valid timestep to the first; the output is in reading order.
  case backwards
  /// Two cells, one in each direction, their outputs side by side, forward part first, aligned in
  /// time (Schuster & Paliwal 1997).
  case both
}

/// A recurrent layer of any cell but the plain LSTM; `SimpleRNN` and `GRU` make it with Keras's
/// names.
///
/// Input [T, N, D]; output [T, N, units] with `returnSequences`, else the last valid h, [N, units];
/// twice as wide when it reads in both directions. The equations are at `RecurrentCell`.
public struct Recurrent: Layer, Equatable, Codable {
  /// The cell.
  public var cell: RecurrentCell
  /// Hidden size H.
  public var units: Int
  /// Whether every timestep's h comes out, or the last one only.
  public var returnSequences: Bool
  /// In which order timesteps are read.
  public var direction: ReadingDirection

  /// Describes a layer of `units` hidden units.
  public init(
    _ cell: RecurrentCell, _ units: Int, returnSequences: Bool = false,
    direction: ReadingDirection = .forwards
  ) {
    self.cell = cell
    self.units = units
    self.returnSequences = returnSequences
    self.direction = direction
  }

  /// `.recurrent`.
  public var specification: LayerSpecification { .recurrent(self) }

  /// Width of the output.
  var width: Int { direction == .both ? 2 * units : units }
}

/// A layer of `RecurrentCell.simple`, as Keras names it.
///
/// - Parameters: as `Recurrent.init`'s.
public func SimpleRNN(
  _ units: Int, returnSequences: Bool = false, direction: ReadingDirection = .forwards
) -> Recurrent {
  Recurrent(.simple, units, returnSequences: returnSequences, direction: direction)
}

/// A layer of `RecurrentCell.gru`, as Keras names it.
///
/// - Parameters: as `Recurrent.init`'s.
public func GRU(
  _ units: Int, returnSequences: Bool = false, direction: ReadingDirection = .forwards
) -> Recurrent {
  Recurrent(.gru, units, returnSequences: returnSequences, direction: direction)
}
