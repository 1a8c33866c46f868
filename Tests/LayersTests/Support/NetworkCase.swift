import Compute
import KernelInterface
import Layers
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

  /// Whether its layers have peepholes.
  var hasPeepholes: Bool {
    switch self {
    case .single, .stacked, .backwards, .stackedBackwards, .bidirectional, .stackedBidirectional,
      .dense, .dropout:
      true
    case .simple, .stackedGRU, .bidirectionalGRU, .flatten: false
    }
  }

  /// The layers, for three classes.
  func layers(_ peephole: Peephole, width: Int = 3) -> [any Layer] {
    func lstm(_ units: Int, sequences: Bool = false, backwards: Bool = false) -> LSTM {
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
      }
    return hidden + [Dense(3, activation: .softmax)]
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
