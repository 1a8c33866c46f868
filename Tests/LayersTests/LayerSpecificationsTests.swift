import Foundation
import RowwiseKernelInterface
import RowwiseLayers
import Testing

/// Layers as values and as JSON.
@Suite struct LayerSpecificationsTests {
  static let all: [LayerSpecification] = {
    var layers: [any Layer] = []
    for peephole in Peephole.allCases {
      for flags in 0..<8 {
        let lstm = LSTM(
          flags + 1, returnSequences: flags & 1 != 0, peephole: peephole,
          goBackwards: flags & 2 != 0, unitForgetBias: flags & 4 != 0)
        layers.append(lstm)
        if flags & 2 == 0 { layers.append(Bidirectional(lstm)) }
      }
    }
    layers += Dense.Activation.allCases.map { Dense(7, activation: $0) }
    layers += [Dropout(0), Dropout(0.1), Dropout(1.0 / 3), Flatten()]
    for cell in RecurrentCell.allCases where cell != .lstm {
      for direction in ReadingDirection.allCases {
        layers += [false, true].map {
          Recurrent(cell, 5, returnSequences: $0, direction: direction)
        }
      }
    }
    let gru = Recurrent(.gru, 5)
    layers += [
      gru.with { $0.recurrentDropout = 0.1 }, gru.with { $0.zoneoutHidden = 0.1 },
      gru.with { $0.zoneoutCell = 0.1 }, gru.with { $0.learnsInitialState = true },
      gru.with { $0.chronoInitialization = true }, gru.with { $0.peephole = .diagonal },
      Residual(gru), Residual(LSTM(5)), Residual(Bidirectional(LSTM(5))),
    ]
    layers += PoolingKind.allCases.map { Pooling($0) }
    var chrono = LSTM(4)
    chrono.chronoInitialization = true
    layers += [chrono, Bidirectional(chrono)]
    return layers.map(\.specification)
  }()

  @Test func roundTrip() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let data = try encoder.encode(Self.all)
    #expect(try JSONDecoder().decode([LayerSpecification].self, from: data) == Self.all)
    let texts = try Self.all.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
    #expect(Set(texts).count == Self.all.count, "different layers have different texts")
  }

  /// These texts stand in model files: they may not change.
  @Test(arguments: [
    (
      LSTM(128, peephole: .diagonal).specification,
      #"{"goBackwards":false,"peephole":"diagonal","returnSequences":false,"type":"lstm","#
        + #""unitForgetBias":true,"units":128}"#
    ),
    (
      Bidirectional(LSTM(3, returnSequences: true, peephole: .full)).specification,
      #"{"layer":{"goBackwards":false,"peephole":"full","returnSequences":true,"#
        + #""unitForgetBias":true,"units":3},"type":"bidirectional"}"#
    ),
    (
      Dense(10, activation: .softmax).specification,
      #"{"activation":"softmax","type":"dense","units":10}"#
    ),
    (Dropout(0.25).specification, #"{"rate":0.25,"type":"dropout"}"#),
    (Flatten().specification, #"{"type":"flatten"}"#),
    (Pooling(.attention).specification, #"{"kind":"attention","type":"pooling"}"#),
    (
      Residual(MinLSTM(3).regularized(0)).specification,
      #"{"layer":{"cell":"minimal","direction":"forwards","learnsInitialState":true,"#
        + #""returnSequences":false,"type":"recurrent","units":3},"type":"residual"}"#
    ),
    (
      GRU(4, direction: .both).specification,
      #"{"cell":"gru","direction":"both","returnSequences":false,"type":"recurrent","units":4}"#
    ),
  ])
  func text(_ layer: LayerSpecification, _ text: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(String(decoding: try encoder.encode(layer), as: UTF8.self) == text)
    #expect(try JSONDecoder().decode(LayerSpecification.self, from: Data(text.utf8)) == layer)
  }

  @Test func textOfAResetBefore() throws {
    let text =
      #"{"cell":"gruResetBefore","direction":"forwards","returnSequences":false,"#
      + #""type":"recurrent","units":4}"#
    try self.text(GRU(4, resetAfter: false).specification, text)
  }

  @Test(arguments: [
    "{}", "[]", #"{"type":"gru","units":3}"#, #"{"type":"dense","units":3}"#,
    #"{"type":"dense","units":3,"activation":"swish"}"#, #"{"type":"dropout","rate":"much"}"#,
    #"{"type":"bidirectional"}"#, #"{"type":"recurrent","cell":"gru","units":3}"#,
    #"{"type":"pooling","kind":"first"}"#, #"{"type":"residual"}"#,
    #"{"type":"residual","layer":{"type":"residual","layer":{"type":"flatten"}}}"#,
    #"{"type":"dense","units":1.5,"activation":"relu"}"#,
  ])
  func wrongTextIsADecodingError(_ text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(LayerSpecification.self, from: Data(text.utf8))
    }
  }

  /// A bidirectional layer of an old file whose one LSTM goes backwards by itself means nothing.
  @Test func aBidirectionalLayerHasNoDirectionOfItsOwn() {
    let text =
      #"{"layer":{"goBackwards":true,"peephole":"none","returnSequences":true,"#
      + #""unitForgetBias":true,"units":3},"type":"bidirectional"}"#
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(LayerSpecification.self, from: Data(text.utf8))
    }
    #expect(Bidirectional(LSTM(4, goBackwards: true)) == Bidirectional(LSTM(4)))
  }

  @Test func defaultsAreKeras() {
    let lstm = LSTM(4)
    #expect(!lstm.returnSequences && lstm.direction == .forwards && lstm.unitForgetBias)
    #expect(lstm.peephole == .none)
    #expect(Dense(4).activation == .linear)
  }
}
