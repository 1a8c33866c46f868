/// The order in which the gates of each cell stand side by side in its arrays: of a weight matrix
/// [D, G · H] the columns of gate k begin at k · H.
public enum Gate {
  /// Of an LSTM: i, f, g, o, Keras's order (i, f, c, o) and PyTorch's.
  public enum LSTM {
    /// i, what is taken in.
    @inlinable public static var input: Int { 0 }
    /// f, what is kept.
    @inlinable public static var forget: Int { 1 }
    /// g = tanh(…), what may be taken in.
    @inlinable public static var candidate: Int { 2 }
    /// o, what is shown.
    @inlinable public static var output: Int { 3 }
  }

  /// Of the diagonal or full peepholes of an LSTM: i, f, o.
  public enum Peephole {
    /// i.
    @inlinable public static var input: Int { 0 }
    /// f.
    @inlinable public static var forget: Int { 1 }
    /// o.
    @inlinable public static var output: Int { 2 }
  }

  /// Of an LSTM with coupled gates, f = 1 − i: i, g, o.
  public enum Coupled {
    /// i.
    @inlinable public static var input: Int { 0 }
    /// g.
    @inlinable public static var candidate: Int { 1 }
    /// o.
    @inlinable public static var output: Int { 2 }
  }

  /// Of an LSTM with a refine gate: f, r, g, o.
  public enum Refined {
    /// f, what is kept before it is refined.
    @inlinable public static var forget: Int { 0 }
    /// r, what moves f towards 0 or 1.
    @inlinable public static var refine: Int { 1 }
    /// g.
    @inlinable public static var candidate: Int { 2 }
    /// o.
    @inlinable public static var output: Int { 3 }
  }

  /// Of a GRU: z, r, n, Keras's order (z, r, h); PyTorch's is r, z, n.
  public enum GRU {
    /// z, what is kept.
    @inlinable public static var update: Int { 0 }
    /// r, what of the state the candidate sees.
    @inlinable public static var reset: Int { 1 }
    /// n.
    @inlinable public static var candidate: Int { 2 }
  }

  /// Of a minLSTM: i, f, g.
  public enum Minimal {
    /// i.
    @inlinable public static var input: Int { 0 }
    /// f.
    @inlinable public static var forget: Int { 1 }
    /// g.
    @inlinable public static var candidate: Int { 2 }
  }
}
