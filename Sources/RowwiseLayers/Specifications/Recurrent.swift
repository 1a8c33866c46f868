public import RowwiseKernelInterface

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

/// A recurrent layer of any cell, with regularisers; `LSTM`, `Bidirectional`, `SimpleRNN`, `GRU`,
/// `MinLSTM` and `LRU` make it with the usual names.
///
/// Input [T, N, D]; output [T, N, units] with `returnSequences`, else the last valid h, [N, units];
/// twice as wide when it reads in both directions. The equations are at `RecurrentCell`.
public struct Recurrent: Layer, Equatable {
  /// The cell.
  public var cell: RecurrentCell
  /// Hidden size H.
  public var units: Int
  /// Whether every timestep's h comes out, or the last one only.
  public var returnSequences: Bool
  /// In which order timesteps are read.
  public var direction: ReadingDirection
  /// Which weights let the gates see the cell state, of the cell `lstm`; with regularisers or a learned
  /// state none or diagonal ones.
  public var peephole = Peephole.none
  /// In training h_{t-1} goes into the recurrent product with zeros at this rate, the same ones in
  /// all timesteps of a sequence, and the rest multiplied by 1 / (1 − rate) (Gal & Ghahramani 2016);
  /// in steps of 2^−16.
  public var recurrentDropout = 0.0
  /// Zoneout's rate for h (Krueger et al. 2017): in training the share of units that keep their h
  /// for a timestep; otherwise the weight of the old h.
  public var zoneoutHidden = 0.0
  /// Zoneout's rate for c, of cells that have one.
  public var zoneoutCell = 0.0
  /// Whether the state before the first timestep is learned; else it is zero.
  public var learnsInitialState = false
  /// Starts the gates' biases so that units remember for between 1 and T timesteps: log U[1, T − 1]
  /// in what keeps, minus that in what takes in (Tallec & Ollivier 2018).
  public var chronoInitialization = false
  /// Starts the bias of what keeps at 1 in cells with a forget gate (Jozefowicz et al. 2015), and in
  /// `RecurrentCell.refined` so that units keep shares of every size (Gu et al. 2020), where there is no
  /// chrono initialisation.
  public var unitForgetBias = true

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

  /// Whether it is nothing but an LSTM: the layer that files and weights know from the beginning.
  var isClassicLSTM: Bool { isPlainLSTM && !learnsInitialState }

  /// Whether it is an LSTM without regularisers, for which there are kernels of whole sequences.
  package var isPlainLSTM: Bool {
    cell == .lstm && recurrentDropout == 0 && zoneoutHidden == 0 && zoneoutCell == 0
  }

  /// Width of the output.
  var width: Int { direction == .both ? 2 * units : units }

  /// What is wrong with the options of layer `number`, or nil.
  func problem(_ number: Int) -> LayerError? {
    func unsuited(_ option: String) -> LayerError {
      .unsuitedOption(layer: number, option: option, cell: cell)
    }
    guard 0 <= recurrentDropout, recurrentDropout < 1 else {
      return .invalidRate(layer: number, rate: recurrentDropout)
    }
    for rate in [zoneoutHidden, zoneoutCell] where !(0 <= rate && rate < 1) {
      return .invalidRate(layer: number, rate: rate)
    }
    if peephole == .full, cell == .lstm, !isClassicLSTM {
      return unsuited("peephole full together with regularisers or a learned state")
    }
    if peephole != .none, cell != .lstm { return unsuited("peephole \(peephole.rawValue)") }
    if zoneoutCell > 0, !cell.hasCellState { return unsuited("zoneoutCell") }
    if recurrentDropout > 0, !cell.hasRecurrentProduct { return unsuited("recurrentDropout") }
    if chronoInitialization, cell == .simple { return unsuited("chronoInitialization") }
    guard cell == .lru else { return nil }
    if zoneoutHidden > 0 { return unsuited("zoneoutHidden") }
    if learnsInitialState { return unsuited("learnsInitialState") }
    if chronoInitialization { return unsuited("chronoInitialization") }
    return nil
  }
}

/// Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate by Gers et al. 2000), as Keras
/// names it. The equations are at `LSTMForwardCall`.
///
/// - Parameters:
///   - units: hidden size H.
///   - returnSequences: whether every timestep's h comes out, or the last one only.
///   - peephole: which of three cells it is.
///   - goBackwards: reads the timesteps from the last valid one to the first; the output is in reading
///     order.
///   - unitForgetBias: starts the forget gate's bias at 1 (Jozefowicz et al. 2015).
public func LSTM(
  _ units: Int, returnSequences: Bool = false, peephole: Peephole = .none,
  goBackwards: Bool = false, unitForgetBias: Bool = true
) -> Recurrent {
  var layer = Recurrent(
    .lstm, units, returnSequences: returnSequences,
    direction: goBackwards ? .backwards : .forwards)
  layer.peephole = peephole
  layer.unitForgetBias = unitForgetBias
  return layer
}

/// Two layers like `layer`, one reading forwards and one backwards; their outputs side by side, forward
/// part first, aligned in time (Schuster & Paliwal 1997). In which direction `layer` reads does not
/// matter.
public func Bidirectional(_ layer: Recurrent) -> Recurrent {
  var both = layer
  both.direction = .both
  return both
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
/// - Parameters:
///   - units: hidden size H.
///   - returnSequences: whether every timestep's h comes out, or the last one only.
///   - direction: in which order timesteps are read.
///   - resetAfter: whether the reset gate comes after the recurrent product, as in PyTorch; else it is
///     `RecurrentCell.gruResetBefore`.
public func GRU(
  _ units: Int, returnSequences: Bool = false, direction: ReadingDirection = .forwards,
  resetAfter: Bool = true
) -> Recurrent {
  Recurrent(
    resetAfter ? .gru : .gruResetBefore, units, returnSequences: returnSequences,
    direction: direction)
}

/// A layer of `RecurrentCell.minimal`.
///
/// - Parameters: as `Recurrent.init`'s.
public func MinLSTM(
  _ units: Int, returnSequences: Bool = false, direction: ReadingDirection = .forwards
) -> Recurrent {
  Recurrent(.minimal, units, returnSequences: returnSequences, direction: direction)
}

/// A layer of `RecurrentCell.lru`.
///
/// - Parameters: as `Recurrent.init`'s.
public func LRU(
  _ units: Int, returnSequences: Bool = false, direction: ReadingDirection = .forwards
) -> Recurrent {
  Recurrent(.lru, units, returnSequences: returnSequences, direction: direction)
}
