import Rowwise
import RowwiseKernelInterface
import RowwiseLayers

/// The kinds of networks that `compare --baselines` trains.
enum BaselineFamily: String, Sendable, CaseIterable {
  case lstm
  case gru
  case rnn
  case dense

  /// What it is called in a comparison.
  var title: String {
    switch self {
    case .lstm: "LSTM"
    case .gru: "GRU"
    case .rnn: "SimpleRNN"
    case .dense: "fully connected"
    }
  }

  /// The file of its trained model.
  var fileName: String { "\(rawValue).safetensors" }

  /// Its layers below the output layer, as `--layers` spells them.
  func layers(units: Int) -> String {
    switch self {
    case .lstm: "lstm:\(units)"
    case .gru: "gru:\(units)"
    case .rnn: "rnn:\(units)"
    case .dense: "flatten,dense:\(units):relu"
    }
  }

  /// The number of units that comes nearest to a number of weights, of equals the smaller one.
  ///
  /// - Parameter weights: how many weights the network has with a number of units; it grows with
  ///   them.
  static func units(nearest target: Int, weights: (Int) throws -> Int) rethrows -> Int {
    var (low, high) = (1, 1)
    while try weights(high) < target, high < LayersText.maximumUnits {
      low = high
      high = min(2 * high, LayersText.maximumUnits)
    }
    while high - low > 1 {
      let middle = (low + high) / 2
      if try weights(middle) < target { low = middle } else { high = middle }
    }
    let (below, above) = (try weights(low), try weights(high))
    return (target - below).magnitude <= (above - target).magnitude ? low : high
  }
}
