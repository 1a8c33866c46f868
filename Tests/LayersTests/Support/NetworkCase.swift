import RowwiseCompute
import RowwiseKernelInterface
import RowwiseLayers
import Testing

/// The ways in which layers can be put together, each small enough for a gradient check.
enum Stack: String, CaseIterable, Sendable {
  case single
  case stacked
  case backwards
  case stackedBackwards
  case bidirectional
  case stackedBidirectional
  case dense
  case dropout
  case simple
  case stackedGRU
  case bidirectionalGRU
  case flatten
  case regularizedLSTM
  case regularizedPeepholes
  case learnedState
  case regularizedGRU
  case resetBefore
  case regularizedResetBefore
  case coupled
  case refined
  case layerNormalized
  case normalizedResidual
  case minimal
  case linear
  case linearResidual
  case meanPooling
  case maxPooling
  case attentionPooling
  case residual
  case pointwise
  case pointwiseVector

  /// Whether its layers have peepholes.
  var hasPeepholes: Bool {
    switch self {
    case .single, .stacked, .backwards, .stackedBackwards, .bidirectional, .stackedBidirectional,
      .dense, .dropout:
      true
    default: false
    }
  }

  /// Whether its results in training depend on a sequence's place in the batch.
  var isRandom: Bool {
    switch self {
    case .dropout, .regularizedLSTM, .regularizedPeepholes, .regularizedGRU,
      .regularizedResetBefore, .layerNormalized, .refined:
      true
    default: false
    }
  }

  /// The layers, for three classes.
  func layers(_ peephole: Peephole, width: Int = 3) -> [any Layer] {
    func lstm(_ units: Int, sequences: Bool = false, backwards: Bool = false) -> Recurrent {
      LSTM(units, returnSequences: sequences, peephole: peephole, goBackwards: backwards)
    }
    let hidden: [any Layer] =
      switch self {
      case .single: [lstm(width)]
      case .stacked: [lstm(width, sequences: true), lstm(width + 1)]
      case .backwards: [lstm(width, backwards: true)]
      case .stackedBackwards:
        [lstm(width, sequences: true, backwards: true), lstm(width + 1, backwards: true)]
      case .bidirectional: [Bidirectional(lstm(width))]
      case .stackedBidirectional:
        [Bidirectional(lstm(width, sequences: true)), lstm(width + 1)]
      case .dense: [lstm(width), Dense(5, activation: .tanh), Dense(width, activation: .sigmoid)]
      case .dropout:
        [
          Dropout(0.2), lstm(width + 2, sequences: true), Dropout(0.3), lstm(width + 2),
          Dense(5, activation: .relu), Dropout(0.25), Dense(3, activation: .linear),
        ]
      case .simple: [SimpleRNN(width)]
      case .stackedGRU:
        [GRU(width, returnSequences: true), GRU(width + 1, direction: .backwards)]
      case .bidirectionalGRU:
        [
          GRU(width, returnSequences: true, direction: .both),
          SimpleRNN(width + 1, direction: .both),
        ]
      case .flatten: [GRU(width, returnSequences: true), Flatten(), Dense(4, activation: .tanh)]
      case .regularizedLSTM:
        [
          Recurrent(.lstm, width, returnSequences: true, direction: .both).regularized(0.3),
          Recurrent(.lstm, width + 1).with { $0.peephole = .diagonal },
        ]
      case .regularizedPeepholes:
        [
          Recurrent(.lstm, width, returnSequences: true).regularized(0.2).with {
            $0.peephole = .diagonal
          },
          Recurrent(.lstm, width + 1, direction: .both).regularized(0.3).with {
            $0.peephole = .diagonal
          },
        ]
      case .learnedState:
        [
          Recurrent(.lstm, width, returnSequences: true, direction: .both).with {
            $0.learnsInitialState = true
          },
          Recurrent(.lstm, width + 1).with {
            $0.peephole = .diagonal
            $0.learnsInitialState = true
          },
        ]
      case .regularizedGRU:
        [
          GRU(width, returnSequences: true).regularized(0.25),
          SimpleRNN(width + 1, direction: .backwards).regularized(0.25),
        ]
      case .resetBefore:
        [
          GRU(width, returnSequences: true, direction: .both, resetAfter: false),
          GRU(width + 1, direction: .backwards, resetAfter: false),
        ]
      case .regularizedResetBefore:
        [
          GRU(width, returnSequences: true, resetAfter: false).regularized(0.25),
          GRU(width + 1, resetAfter: false).with { $0.recurrentDropout = 0.5 },
        ]
      case .coupled:
        [
          Recurrent(.coupled, width, returnSequences: true, direction: .both),
          Recurrent(.coupled, width + 1).with { $0.learnsInitialState = true },
        ]
      case .refined:
        [
          Recurrent(.refined, width, returnSequences: true, direction: .both),
          Recurrent(.refined, width + 1).regularized(0.2),
        ]
      case .layerNormalized:
        [
          Recurrent(.layerNormalized, width, returnSequences: true),
          Recurrent(.layerNormalized, width + 1, direction: .backwards).regularized(0.2),
        ]
      case .normalizedResidual:
        [
          Residual(
            Recurrent(.layerNormalized, width + 1, returnSequences: true, direction: .both)),
          Pooling(.mean),
        ]
      case .minimal:
        [
          MinLSTM(width, returnSequences: true, direction: .both),
          MinLSTM(width + 1).with { $0.learnsInitialState = true },
        ]
      case .linear:
        [
          LRU(width, returnSequences: true, direction: .both),
          LRU(width + 1, returnSequences: true, direction: .backwards), LRU(width + 1),
        ]
      case .linearResidual:
        [
          Residual(LRU(width + 1, returnSequences: true)),
          LRU(width, direction: .backwards), Dense(4, activation: .tanh),
        ]
      case .meanPooling: [SimpleRNN(width, returnSequences: true), Pooling(.mean)]
      case .maxPooling: [Dropout(0), GRU(width, returnSequences: true), Pooling(.max)]
      case .attentionPooling:
        [GRU(width, returnSequences: true, direction: .both), Pooling(.attention)]
      case .pointwise:
        [
          Dense(width + 1, activation: .tanh), LayerNorm(), LSTM(width, returnSequences: true),
          MLP(2), Dense(width, activation: .relu), Pooling(.mean),
        ]
      case .pointwiseVector: [GRU(width), LayerNorm(), MLP(1), Dense(4, activation: .sigmoid)]
      case .residual:
        [
          Residual(GRU(width, returnSequences: true)),
          Residual(LSTM(width, returnSequences: true)),
          Residual(SimpleRNN(width + 1, returnSequences: true, direction: .both)), Pooling(.last),
        ]
      }
    return hidden + [Dense(3, activation: .softmax)]
  }
}

extension Recurrent {
  /// The same with some options changed.
  func with(_ change: (inout Recurrent) -> Void) -> Recurrent {
    var layer = self
    change(&layer)
    return layer
  }

  /// The same with every regulariser that the cell can have, and a learned initial state.
  func regularized(_ rate: Double) -> Recurrent {
    with {
      $0.zoneoutHidden = rate
      if cell.hasCellState { $0.zoneoutCell = 2 * rate }
      $0.recurrentDropout = rate
      $0.learnsInitialState = true
    }
  }
}

/// A kind of cell, a way to stack it, and whether sequences differ in length.
struct NetworkCase: Sendable, CustomTestStringConvertible {
  var peephole: Peephole
  var stack: Stack
  var hasLengths: Bool

  var layers: [any Layer] { stack.layers(peephole) }
  var testDescription: String {
    "\(stack.rawValue), peephole \(peephole.rawValue)\(hasLengths ? ", lengths" : "")"
  }

  /// Every combination that makes a difference.
  static let all: [NetworkCase] = Peephole.allCases.flatMap { peephole in
    Stack.allCases.filter { $0.hasPeepholes || peephole == .none }.flatMap { stack in
      [false, true].map { NetworkCase(peephole: peephole, stack: stack, hasLengths: $0) }
    }
  }
}

/// A kernel set as an argument of a test.
struct NamedKernels: Sendable, CustomTestStringConvertible {
  var name: String
  var kernels: KernelSet<Float>
  var testDescription: String { name }

  /// All that this machine can run, and the reference ones, to show that tolerances fit plain loops.
  static let all: [NamedKernels] =
    [NamedKernels(name: "reference", kernels: ReferenceKernels.make())]
    + Float.availableKernels.map { NamedKernels(name: $0.instructionSet.rawValue, kernels: $0) }
}
