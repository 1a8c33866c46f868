import Rowwise
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseTexts
import Testing

@testable import RowwiseCommand

struct LayersTextTests {
  private static func recurrent(
    _ cell: RecurrentCell, _ units: Int, _ change: (inout RecurrentText) -> Void = { _ in }
  ) -> LayersText.Layer {
    var argument = RecurrentText(cell, units: units)
    change(&argument)
    return .recurrent(argument)
  }

  @Test func readsEveryForm() throws {
    let text = "lstm:128:bidirectional,dropout:0.2,lstm:64:backwards,lstm:1,dense:32:relu,dense:16"
    let specification = try LayersText(text)
    #expect(
      specification.layers == [
        Self.recurrent(.lstm, 128) { $0.direction = .both }, .dropout(rate: 0.2),
        Self.recurrent(.lstm, 64) { $0.direction = .backwards }, Self.recurrent(.lstm, 1),
        .dense(units: 32, activation: .relu), .dense(units: 16, activation: .linear),
      ])
    #expect(specification.description == text)
    #expect(try LayersText("lstm:2,dense:3:linear").description == "lstm:2,dense:3")
    #expect(try LayersText("flatten,dense:3:relu").description == "flatten,dense:3:relu")
    #expect(try LayersText("pool:mean").layers == [.pool(.mean)])
  }

  /// Layers between those that read timesteps see each of them; behind the last one the vector that it leaves.
  /// Sweeps leave patches, which normalisation and MLPs see each by itself.
  @Test func layersOfEachTimestep() throws {
    func layers(_ text: String, columns: Int = 1) throws -> [LayerSpecification] {
      Array(
        ImageClassifier.layers(
          hidden: try LayersText(text).stack(peephole: .none), classCount: 3, columns: columns
        ).dropLast())
    }
    #expect(
      try layers("dense:6:relu,lstm:4,norm,lstm:5,mlp:2,dense:7") == [
        .dense(Dense(6, activation: .relu)), .recurrent(LSTM(4, returnSequences: true)),
        .norm(LayerNorm()), .recurrent(LSTM(5)), .mlp(MLP(2)), .dense(Dense(7)),
      ])
    #expect(
      try layers("gru:4:residual,norm,dense:7") == [
        .residual(.recurrent(GRU(4, returnSequences: true))), .pooling(Pooling(.last)),
        .norm(LayerNorm()), .dense(Dense(7)),
      ])
    #expect(
      try layers(
        "dense:6,sweep:4:residual,dropout:0.1,mlp:3,norm,dropout:0.2,dense:7,norm", columns: 5)
        == [
          .dense(Dense(6, columns: 5)), .sweep(Sweep(4, columns: 5, isResidual: true)),
          .dropout(Dropout(0.1)), .mlp(MLP(3, columns: 5)), .norm(LayerNorm(columns: 5)), .flatten,
          .dropout(Dropout(0.2)), .dense(Dense(7)), .norm(LayerNorm()),
        ])
    #expect(
      try layers("sweep:4,dropout:0.1,dense:7", columns: 5) == [
        .sweep(Sweep(4, columns: 5)), .flatten, .dropout(Dropout(0.1)), .dense(Dense(7)),
      ])
    #expect(
      try layers("conv:4,norm,conv:6,norm,dense:7:relu", columns: 5) == [
        .convolution(Convolution(4, columns: 5)), .norm(LayerNorm(columns: 3)),
        .convolution(Convolution(6, columns: 3)), .norm(LayerNorm(columns: 2)), .flatten,
        .dense(Dense(7, activation: .relu)),
      ])
  }

  @Test func readsEveryOption() throws {
    let text =
      "lstm:8:bidirectional:coupled:residual:zoneout-hidden=0.1:zoneout-cell=0.2"
      + ":recurrent-dropout=0.3:chrono:learned-state,gru:3,rnn:4:bidirectional,"
      + "minlstm:5:backwards:chrono,lstm:6:layer-norm,gru:7:backwards:reset-before,pool:attention"
    let specification = try LayersText(text)
    #expect(
      specification.layers == [
        Self.recurrent(.coupled, 8) {
          $0.direction = .both
          $0.isResidual = true
          $0.zoneoutHidden = 0.1
          $0.zoneoutCell = 0.2
          $0.recurrentDropout = 0.3
          $0.chronoInitialization = true
          $0.learnsInitialState = true
        },
        Self.recurrent(.gru, 3), Self.recurrent(.simple, 4) { $0.direction = .both },
        Self.recurrent(.minimal, 5) {
          $0.direction = .backwards
          $0.chronoInitialization = true
        },
        Self.recurrent(.layerNormalized, 6),
        Self.recurrent(.gruResetBefore, 7) { $0.direction = .backwards }, .pool(.attention),
      ])
    #expect(specification.description == text)
    #expect(
      try LayersText("lstm:2:zoneout=0.5,gru:3:zoneout=0.25").layers == [
        Self.recurrent(.lstm, 2) {
          $0.zoneoutHidden = 0.5
          $0.zoneoutCell = 0.5
        }, Self.recurrent(.gru, 3) { $0.zoneoutHidden = 0.25 },
      ])
  }

  /// A layer's own peephole goes before that of all.
  @Test func layersHaveTheirOwnPeepholes() throws {
    let text = "lstm:1:peephole=diagonal,lstm:2:bidirectional:peephole=none,lstm:3"
    let specification = try LayersText(text)
    #expect(specification.description == text)
    let layers = specification.stack(peephole: .full).map(\.specification)
    #expect(
      layers == [
        .recurrent(LSTM(1, peephole: .diagonal)), .recurrent(Bidirectional(LSTM(2))),
        .recurrent(LSTM(3, peephole: .full)),
      ])
    #expect(
      LayersText(hidden: layers).description
        == "lstm:1:peephole=diagonal,lstm:2:bidirectional:peephole=none,lstm:3:peephole=full")
    #expect(
      LayersText(hidden: layers, keepsPeepholes: false).description
        == "lstm:1,lstm:2:bidirectional,lstm:3")
    #expect(throws: LayersTextError.self) { try LayersText("lstm:1:peephole=half") }
    #expect(throws: LayersTextError.self) { try LayersText("gru:1:peephole=full") }
    #expect(throws: LayersTextError.self) { try LayersText("lstm:1:reset-before") }
    #expect(throws: LayersTextError.self) { try LayersText("rnn:1:reset-before") }
  }

  /// Plain LSTMs run on the kernels of their own, and everything else on the general ones.
  @Test func makesTheLayersMeant() throws {
    var chrono = LSTM(3, peephole: .full)
    chrono.chronoInitialization = true
    var zoneout = Recurrent(.lstm, 4, direction: .both)
    zoneout.peephole = .full
    zoneout.zoneoutHidden = 0.5
    let layers = try LayersText(
      "lstm:1,lstm:2:backwards,lstm:3:bidirectional:chrono,lstm:4:bidirectional:zoneout-hidden=0.5,"
        + "gru:5:residual,lstm:6:residual,pool:max,dense:7")
    #expect(
      layers.stack(peephole: .full).map(\.specification) == [
        .recurrent(LSTM(1, peephole: .full)),
        .recurrent(LSTM(2, peephole: .full, goBackwards: true)),
        .recurrent(Bidirectional(chrono)), .recurrent(zoneout), .residual(.recurrent(GRU(5))),
        .residual(.recurrent(LSTM(6, peephole: .full))), .pooling(Pooling(.max)), .dense(Dense(7)),
      ])
  }

  /// A network's layers are described so that the description makes the same network.
  @Test(arguments: [
    "lstm:128:bidirectional,dropout:0.2,lstm:64:backwards,lstm:1:chrono,dense:32:relu,dense:16",
    "lstm:8:bidirectional:coupled:residual:zoneout-hidden=0.1:zoneout-cell=0.2"
      + ":recurrent-dropout=0.3:chrono:learned-state,gru:3,rnn:4:bidirectional,"
      + "minlstm:5:backwards:chrono,lstm:6:layer-norm,pool:attention",
    "lstm:6:bidirectional:residual:chrono,lstm:2:learned-state", "gru:3:residual", "pool:mean",
    "gru:3:reset-before:zoneout-hidden=0.1:recurrent-dropout=0.2:chrono",
    "flatten,dense:3:tanh,dropout:0.5", "dropout:1e-05,gru:3,flatten",
    "lstm:8:bidirectional:refined:residual:zoneout-hidden=0.1,lstm:3:refined,norm,mlp:2,dense:4:relu",
    "lru:8:bidirectional:residual,mlp:2,lru:3:backwards,lru:4", "dense:4,lru:8:residual,pool:mean",
    "dense:6:relu,norm,lstm:4,dense:5,gru:3", "mlp:3,lstm:5,norm,pool:mean",
    "dense:8,sweep:4:residual,mlp:3,merge:2,dense:16,sweep:4:residual,mlp:3,norm,flatten,dense:5",
    "conv:4,dropout:0.1,conv:8,flatten,dense:5:relu", "conv:4,lstm:5",
    "sweep:3,dropout:0.1,merge:2,sweep:4,flatten", "merge:3,lstm:5,sweep:2,lstm:4,pool:max",
  ])
  func describesNetworks(text: String) throws {
    let argument = try LayersText(text)
    let plain = argument.hasPlainLSTM && !text.contains("learned")
    for peephole in plain ? [Peephole.none, .diagonal, .full] : [.none] {
      let layers = ImageClassifier.layers(
        hidden: argument.stack(peephole: peephole), classCount: 5, columns: 1)
      let read = LayersText(hidden: layers.dropLast())
      #expect(
        ImageClassifier.layers(hidden: read.stack(peephole: peephole), classCount: 5, columns: 1)
          == layers)
      #expect(try LayersText(read.description) == read)
      // A residual layer at the top is followed by the pooling that it needs, which is said.
      let needsPooling = !text.contains("pool") && layers.contains(.pooling(Pooling(.last)))
      #expect(read.description == text + (needsPooling ? ",pool:last" : ""))
    }
  }

  private static let nothing =
    "no layer reads the timesteps; put a recurrent layer, pool or flatten before the first "
    + "dense layer"

  static let wrong: [(text: String, message: String)] = [
    (
      "",
      "no layer at character 1; expected layers with commas between them, as in lstm:128,lstm:64"
    ),
    (
      "lsmt:128",
      "unknown layer \"lsmt\" at character 1, known: lstm, gru, rnn, minlstm, lru, dense, dropout, flatten, pool, sweep, merge, norm, mlp, conv; did you mean \"lstm\"?"
    ),
    (
      "lstm:128,attention:3",
      "unknown layer \"attention\" at character 10, known: lstm, gru, rnn, minlstm, lru, dense, dropout, flatten, pool, sweep, merge, norm, mlp, conv"
    ),
    ("lstm", "lstm needs units at character 6, as in lstm:128"),
    ("lstm:8,dropout", "dropout needs rate at character 16, as in dropout:0.2"),
    ("lstm:", "units \"\" at character 6 must be a whole number from 1 to 65536"),
    ("lstm:0", "units \"0\" at character 6 must be a whole number from 1 to 65536"),
    ("lstm:-3", "units \"-3\" at character 6 must be a whole number from 1 to 65536"),
    (
      "lstm:99999999999999999999",
      "units \"99999999999999999999\" at character 6 must be a whole number from 1 to 65536"
    ),
    (
      "lstm:8:bidirectionl",
      "unknown option of lstm \"bidirectionl\" at character 8, known: bidirectional, backwards, "
        + "residual, learned-state, chrono, coupled, refined, layer-norm, zoneout, zoneout-hidden, "
        + "recurrent-dropout, zoneout-cell, peephole; did you mean \"bidirectional\"?"
    ),
    (
      "lstm:8:zoneot=0.1",
      "unknown option of lstm \"zoneot\" at character 8, known: bidirectional, backwards, "
        + "residual, learned-state, chrono, coupled, refined, layer-norm, zoneout, zoneout-hidden, "
        + "recurrent-dropout, zoneout-cell, peephole; did you mean \"zoneout\"?"
    ),
    (
      "lstm:8:backwards:bidirectional",
      "backwards and bidirectional at character 18 exclude each other"
    ),
    (
      "lstm:8:coupled:layer-norm", "coupled and layer-norm at character 16 exclude each other"
    ),
    (
      "gru:8:zoneout=1", "zoneout \"1\" at character 15 must be a number from 0 to below 1"
    ),
    ("gru:8:zoneout", "zoneout \"\" at character 15 must be a number from 0 to below 1"),
    ("gru:8:residual=1", "unexpected \"=1\" at character 15"),
    ("pool:mean:x", "unexpected \"x\" at character 11"),
    ("pool", "pool needs kind at character 6, as in pool:mean"),
    (
      "gru:3,pool:men",
      "unknown kind \"men\" at character 12, known: last, mean, max, attention; did you mean "
        + "\"mean\"?"
    ),
    (
      "lstm:8,dense:8:rleu",
      "unknown activation \"rleu\" at character 16, known: linear, relu, tanh, sigmoid; "
        + "did you mean \"relu\"?"
    ),
    ("lstm:8,dropout:1", "rate \"1\" at character 16 must be a number from 0 to below 1"),
    ("lstm:8,dropout:nan", "rate \"nan\" at character 16 must be a number from 0 to below 1"),
    (
      "lstm:8,",
      "no layer at character 8; expected layers with commas between them, as in lstm:128,lstm:64"
    ),
    (
      "lstm:8, lstm:8",
      "unknown layer \" lstm\" at character 8, known: lstm, gru, rnn, minlstm, lru, dense, dropout, flatten, pool, sweep, merge, norm, mlp, conv; did you mean \"lstm\"?"
    ),
    ("dense:8", nothing), ("dropout:0.1", nothing), ("dense:8,dropout:0.1", nothing),
    ("norm,mlp:2,dense:8", nothing),
    (
      "lstm:8,pool:max,dense:8,lstm:8",
      "the lstm at character 25 comes after a pool or flatten layer, which leaves no timesteps; put it "
        + "before that"
    ),
    (
      "flatten,gru:8",
      "the gru at character 9 comes after a pool or flatten layer, which leaves no timesteps; put it "
        + "before that"
    ),
    (
      "rnn:8,pool:max,flatten",
      "the flatten at character 16 comes after a pool or flatten layer, which leaves no timesteps; put "
        + "it before that"
    ),
    ("norm:8,lstm:8", "unexpected \"8\" at character 6"),
    ("lstm:8,mlp", "mlp needs ratio at character 12, as in mlp:2"),
    ("lstm:8,mlp:0", "ratio \"0\" at character 12 must be a whole number from 1 to 16"),
    ("lstm:8,conv", "conv needs units at character 13, as in conv:128"),
    ("conv:0", "units \"0\" at character 6 must be a whole number from 1 to 65536"),
    ("conv:8:relu", "unexpected \"relu\" at character 8"),
    (
      "conv:8,flatten,conv:8",
      "the conv at character 16 comes after a pool or flatten layer, which leaves no timesteps; put it "
        + "before that"
    ),
    ("lstm:8,mlp:17", "ratio \"17\" at character 12 must be a whole number from 1 to 16"),
    (
      "sweep:8:residul",
      "unknown option of sweep \"residul\" at character 9, known: residual; did you mean \"residual\"?"
    ),
    (
      "lru:8:chrono",
      "unknown option of lru \"chrono\" at character 7, known: bidirectional, backwards, residual"
    ),
    ("lstm:8:refined:coupled", "refined and coupled at character 16 exclude each other"),
    ("flatten:8", "unexpected \"8\" at character 9"),
    ("gru", "gru needs units at character 5, as in gru:128"),
    (
      "gur:8",
      "unknown layer \"gur\" at character 1, known: lstm, gru, rnn, minlstm, lru, dense, dropout, flatten, pool, sweep, merge, norm, mlp, conv; "
        + "did you mean \"gru\"?"
    ),
    (
      "rnn:8:backward",
      "unknown option of rnn \"backward\" at character 7, known: bidirectional, backwards, "
        + "residual, learned-state, zoneout, zoneout-hidden, recurrent-dropout; "
        + "did you mean \"backwards\"?"
    ),
  ]

  @Test(arguments: wrong)
  func namesThePlace(text: String, message: String) {
    let error = #expect(throws: LayersTextError.self) { try LayersText(text) }
    #expect(error?.description == message)
  }

  @Test func distanceCountsTypingMistakes() {
    let cases: [(String, String, Int)] = [
      ("", "", 0), ("abc", "", 3), ("", "abc", 3), ("abc", "abc", 0), ("abc", "abd", 1),
      ("abc", "acb", 1), ("abc", "ab", 1), ("abc", "xabc", 1), ("kitten", "sitting", 3),
    ]
    for (left, right, distance) in cases {
      #expect(NearestWord.distance(Array(left), Array(right)) == distance, "\(left), \(right)")
    }
  }

  @Test func nearestWordIsNear() {
    #expect(NearestWord.find("dens", among: ["lstm", "dense"]) == "dense")
    #expect(NearestWord.find("LSTM", among: ["lstm", "dense"]) == "lstm")
    #expect(NearestWord.find("conv", among: ["lstm", "dense", "dropout"]) == nil)
    #expect(NearestWord.find("x", among: []) == nil)
  }
}
