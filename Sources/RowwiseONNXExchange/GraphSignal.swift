import RowwiseKernelInterface
import RowwiseLayers

/// One axis of a value that depends on the model's input.
enum SignalAxis: Equatable {
  /// The input's axis of this position: batch or time.
  case input(Int)
  /// The numbers of one timestep or of one picture.
  case features
  /// Lanes on top of each other: directions, or stacked layers.
  case stack
  /// An axis of size 1.
  case unit
}

/// A size that may differ from call to call.
enum Extent: Equatable {
  case known(Int)
  /// The size of the input's axis of this position.
  case axis(Int)
}

/// A layer as it was read.
struct ReadLayer {
  var specification: LayerSpecification
  /// Weight arrays by the rest of their parameters' names, in our layout.
  var arrays: [(name: String, values: [Float])]
  /// Whether a dense layer has had its bias.
  var hasBias = true
}

/// Layers on top of each other, from the input on.
struct ReadChain {
  var layers: [ReadLayer] = []
  var width: Int
  /// Tells one chain from another that was read by another node.
  var identity = 0
  /// Whether the last layer's logarithm was taken, after which nothing may follow.
  var isLogarithm = false
}

/// The cell of a recurrent operator.
enum ReadCell: Equatable {
  case lstm(Peephole)
  case other(RecurrentCell)
}

/// One recurrent layer in one direction, over a chain.
struct Recurrence {
  var cell: ReadCell
  var units: Int
  /// Whether it reads the chain's output from the end.
  var isBackwards: Bool
  var arrays: [(name: String, values: [Float])]
  var input: ReadChain

  /// The layer that this is alone, or with its like in the other direction.
  func specification(inBothDirections: Bool, isSequence: Bool) -> LayerSpecification {
    switch cell {
    case .lstm(let peephole):
      let layer = LSTM(
        units, returnSequences: isSequence, peephole: peephole,
        goBackwards: isBackwards && !inBothDirections)
      return .recurrent(inBothDirections ? Bidirectional(layer) : layer)
    case .other(let cell):
      return .recurrent(
        Recurrent(
          cell, units, returnSequences: isSequence,
          direction: inBothDirections ? .both : isBackwards ? .backwards : .forwards))
    }
  }
}

/// What comes out of a recurrence.
struct Lane: Equatable {
  /// Which steps.
  enum Steps: Equatable {
    /// All; flipped where the value's order of time is opposite to the order of reading.
    case all(isFlipped: Bool)
    /// The one read last.
    case last
  }

  /// Position in the reader's list.
  var recurrence: Int
  var steps: Steps
}

/// A value that depends on the model's input: what it holds, and the order of its axes.
struct Signal {
  enum Content {
    /// The output of layers, or the input itself; flipped where time runs against the layers' order.
    case chain(ReadChain, isFlipped: Bool)
    /// Outputs of recurrences: along the stack axis where there is one, else along the features.
    case lanes([Lane])
  }

  var axes: [SignalAxis]
  var content: Content
}

/// A value of the graph as far as it is understood.
enum GraphValue {
  /// Numbers.
  case constant(TensorValues)
  /// Sizes, computed from the input's; a list, or a single one.
  case sizes([Extent], isScalar: Bool)
  /// The same size for every picture of a batch.
  case lengths(Extent)
  /// A float tensor of zeros; nil where its sizes were lost sight of.
  case zeros([Extent]?)
  /// What depends on the input.
  case signal(Signal)
  /// What cannot be used, and why.
  case unusable(String)
}
