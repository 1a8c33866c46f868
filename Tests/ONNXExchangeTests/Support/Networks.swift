import Rowwise
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseRandomness
import RowwiseRowSequencing
import RowwiseWeightExchange

/// One network of every kind of layer that is exported.
enum Networks {
  static let stacks: [(name: String, layers: [any Layer])] = [
    ("lstm", [LSTM(5)]),
    ("stacked", [LSTM(5), Dropout(0.2), LSTM(4)]),
    ("bidirectional", [Bidirectional(LSTM(3)), Bidirectional(LSTM(4))]),
    ("backwards", [LSTM(5, goBackwards: true), LSTM(4, goBackwards: true)]),
    ("diagonal", [LSTM(5, peephole: .diagonal)]),
    ("diagonal, both", [Bidirectional(LSTM(3, peephole: .diagonal))]),
    ("full", [LSTM(3, peephole: .full), LSTM(4, peephole: .full)]),
    ("full, both", [Bidirectional(LSTM(3, peephole: .full)), LSTM(4)]),
    ("full, backwards", [LSTM(5, peephole: .full, goBackwards: true), LSTM(4)]),
    ("dense", [LSTM(5), Dense(4, activation: .tanh), Dense(6, activation: .relu), Dense(3)]),
    ("gru", [GRU(5), GRU(4, direction: .both)]),
    ("gru, backwards", [GRU(5, direction: .backwards), GRU(4, direction: .backwards)]),
    (
      "gru, reset before",
      [GRU(5, resetAfter: false), GRU(4, direction: .both, resetAfter: false)]
    ),
    (
      "gru, reset before, backwards",
      [GRU(5, direction: .backwards, resetAfter: false), GRU(3, resetAfter: false)]
    ),
    ("zoneout, reset before", [regularized(.gruResetBefore), GRU(3, resetAfter: false)]),
    ("rnn", [SimpleRNN(5), SimpleRNN(4, direction: .both)]),
    ("coupled", [Recurrent(.coupled, 5), Recurrent(.coupled, 4, direction: .both)]),
    (
      "refined",
      [
        Recurrent(.refined, 5), Residual(regularized(.refined)),
        Recurrent(.refined, 3, direction: .both),
      ]
    ),
    ("normalized", [Recurrent(.layerNormalized, 5, direction: .both)]),
    ("minimal", [MinLSTM(5), MinLSTM(4, direction: .backwards)]),
    (
      "lru",
      [
        LRU(5), Residual(LRU(4, direction: .both)), LRU(3, direction: .backwards),
        LRU(4, direction: .both),
      ]
    ),
    ("zoneout", [regularized(.lstm, .diagonal), regularized(.gru), regularized(.simple)]),
    ("residual", [Residual(LSTM(6)), Residual(GRU(4)), LSTM(3)]),
    ("mean", [LSTM(5), Pooling(.mean)]), ("max", [GRU(5), Pooling(.max)]),
    ("last", [GRU(5), Pooling(.last)]), ("attention", [LSTM(5), Pooling(.attention)]),
    ("flatten", [LSTM(3), Flatten()]),
    ("sweeps", [Sweep(3), Dropout(0.2), Merge(2), Sweep(2), Flatten()]),
    (
      "blocks",
      [
        Dense(4, activation: .relu), Sweep(3, isResidual: true), MLP(2), Merge(2), LayerNorm(),
        Dense(3, activation: .tanh), Sweep(2), Flatten(),
      ]
    ),
    (
      "every timestep",
      [
        Dense(4, activation: .sigmoid), LayerNorm(), LSTM(5), MLP(2), Dense(3), GRU(4), LayerNorm(),
        MLP(1), Dense(3, activation: .relu),
      ]
    ),
    (
      "convolutions",
      [
        Convolution(3), Dropout(0.2), Convolution(4), LayerNorm(), Flatten(),
        Dense(5, activation: .relu),
      ]
    ),
    ("convolution for an lstm", [Convolution(3), LSTM(4)]),
    ("merged for an lstm", [Merge(4), Sweep(2), LSTM(4)]),
    ("flatten only", [Flatten(), Dense(5, activation: .sigmoid)]),
  ]

  private static func regularized(
    _ cell: RecurrentCell, _ peephole: Peephole = .none
  ) -> Recurrent {
    var layer = Recurrent(cell, 4)
    layer.peephole = peephole
    layer.zoneoutHidden = 0.125
    if cell.hasCellState { layer.zoneoutCell = 0.25 }
    layer.learnsInitialState = true
    return layer
  }

  /// A classifier of pictures of 6 × 5 with random weights, biases too.
  static func classifier(
    _ layers: [any Layer], preprocessing: Preprocessing? = nil
  ) throws -> ImageClassifier {
    let classifier = try ImageClassifier(
      hiddenLayers: layers, preprocessing: preprocessing ?? Preprocessing(width: 6, height: 5),
      classNames: ["a", "ß", "\"c\""], seed: 7, threads: 1)
    var random = RandomStream(seed: 3, stream: 0)
    for parameter in classifier.network.parameters where parameter.shape.count == 1 {
      let values = (0..<parameter.count).map { _ in Float(random.nextNormal() / 2) }
      classifier.network.setValues(values, of: parameter)
    }
    return classifier
  }
}
