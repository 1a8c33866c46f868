import Rowwise
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseRowSequencing

/// The kinds of networks that `compare --baselines` trains.
enum BaselineFamily: String, Sendable, CaseIterable {
  case lstm
  case gru
  case rnn
  case dense
  case cnn

  /// The network whose weights are the budget where none is said.
  static let standard = "lstm:128"

  /// What it is called in a comparison.
  var title: String {
    switch self {
    case .lstm: "LSTM"
    case .gru: "GRU"
    case .rnn: "SimpleRNN"
    case .dense: "fully connected"
    case .cnn: "CNN"
    }
  }

  /// The file of its trained model.
  var fileName: String { "\(rawValue).safetensors" }

  /// Its layers below the output layer, as `--layers` spells them, of the sizes that come nearest to a number
  /// of weights.
  ///
  /// - Parameters:
  ///   - preprocessing: of the pictures.
  ///   - weights: how many weights a network of some layers has.
  func layers(
    nearest target: Int, for preprocessing: Preprocessing, weights: (String) throws -> Int
  ) rethrows -> String {
    let layers: (Int) -> String
    switch self {
    case .lstm: layers = { "lstm:\($0)" }
    case .gru: layers = { "gru:\($0)" }
    case .rnn: layers = { "rnn:\($0)" }
    case .dense: layers = { "flatten,dense:\($0):relu" }
    case .cnn:
      return try ConvolutionalStack(width: preprocessing.width, height: preprocessing.height)
        .layers(nearest: target, weights: weights)
    }
    return layers(try Self.units(nearest: target) { try weights(layers($0)) })
  }

  /// The number of units that comes nearest to a number of weights, of equals the smaller one.
  ///
  /// - Parameters:
  ///   - most: units.
  ///   - weights: how many weights the network has with a number of units; it grows with them.
  static func units(
    nearest target: Int, most: Int = LayersText.maximumUnits, weights: (Int) throws -> Int
  ) rethrows -> Int {
    var (low, high) = (1, 1)
    while try weights(high) < target, high < most {
      low = high
      high = min(2 * high, most)
    }
    while high - low > 1 {
      let middle = (low + high) / 2
      if try weights(middle) < target { low = middle } else { high = middle }
    }
    let (below, above) = (try weights(low), try weights(high))
    return (target - below).magnitude <= (above - target).magnitude ? low : high
  }
}
