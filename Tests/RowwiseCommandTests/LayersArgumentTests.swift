import Testing

@testable import RowwiseCommand

struct LayersArgumentTests {
  @Test func readsEveryForm() throws {
    let text = "lstm:128:bidirectional,dropout:0.2,lstm:64:backwards,lstm:1,dense:32:relu,dense:16"
    let specification = try LayersArgument(text)
    #expect(
      specification.layers == [
        .lstm(units: 128, isBidirectional: true, goesBackwards: false),
        .dropout(rate: 0.2),
        .lstm(units: 64, isBidirectional: false, goesBackwards: true),
        .lstm(units: 1, isBidirectional: false, goesBackwards: false),
        .dense(units: 32, activation: .relu),
        .dense(units: 16, activation: .linear),
      ])
    #expect(specification.description == text)
    #expect(try LayersArgument("lstm:2,dense:3:linear").description == "lstm:2,dense:3")
  }

  private static let nothing =
    "no layer reads the timesteps; put lstm, gru, rnn or flatten before the first dense layer"

  @Test func readsOtherCells() throws {
    let text = "gru:3,dropout:0.1,rnn:4:bidirectional,gru:5:backwards"
    let specification = try LayersArgument(text)
    #expect(
      specification.layers == [
        .recurrent(.gru, units: 3, direction: .forwards), .dropout(rate: 0.1),
        .recurrent(.simple, units: 4, direction: .both),
        .recurrent(.gru, units: 5, direction: .backwards),
      ])
    #expect(specification.description == text)
    #expect(
      try LayersArgument("flatten,dense:3:relu").layers == [
        .flatten, .dense(units: 3, activation: .relu),
      ])
    #expect(try LayersArgument("flatten").description == "flatten")
  }

  static let wrong: [(text: String, message: String)] = [
    (
      "", "unknown layer \"\" at character 1, known: lstm, gru, rnn, dense, dropout, flatten"
    ),
    (
      "lsmt:128",
      "unknown layer \"lsmt\" at character 1, known: lstm, gru, rnn, dense, dropout, flatten; did you mean \"lstm\"?"
    ),
    (
      "lstm:128,conv:3", "unknown layer \"conv\" at character 10, known: lstm, gru, rnn, dense, dropout, flatten"
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
      "unknown option of lstm \"bidirectionl\" at character 8, known: bidirectional, backwards; "
        + "did you mean \"bidirectional\"?"
    ),
    ("lstm:8:backwards:x", "unexpected \"x\" at character 18"),
    (
      "lstm:8,dense:8:rleu",
      "unknown activation \"rleu\" at character 16, known: linear, relu, tanh, sigmoid; "
        + "did you mean \"relu\"?"
    ),
    ("lstm:8,dropout:1", "rate \"1\" at character 16 must be a number from 0 to below 1"),
    ("lstm:8,dropout:nan", "rate \"nan\" at character 16 must be a number from 0 to below 1"),
    ("lstm:8,", "unknown layer \"\" at character 8, known: lstm, gru, rnn, dense, dropout, flatten"),
    (
      "lstm:8, lstm:8",
      "unknown layer \" lstm\" at character 8, known: lstm, gru, rnn, dense, dropout, flatten; did you mean \"lstm\"?"
    ),
    ("dense:8", nothing), ("dropout:0.1", nothing), ("dense:8,dropout:0.1", nothing),
    (
      "lstm:8,dense:8,lstm:8",
      "the lstm at character 16 comes after a dense or flatten layer; put it before them"
    ),
    (
      "flatten,gru:8",
      "the gru at character 9 comes after a dense or flatten layer; put it before them"
    ),
    (
      "rnn:8,dense:8,flatten",
      "the flatten at character 15 comes after a dense or flatten layer; put it before them"
    ),
    ("flatten:8", "unexpected \"8\" at character 9"),
    ("gru", "gru needs units at character 5, as in gru:128"),
    (
      "gur:8",
      "unknown layer \"gur\" at character 1, known: lstm, gru, rnn, dense, dropout, flatten; "
        + "did you mean \"gru\"?"
    ),
    (
      "rnn:8:backward",
      "unknown option of rnn \"backward\" at character 7, known: bidirectional, backwards; "
        + "did you mean \"backwards\"?"
    ),
  ]

  @Test(arguments: wrong)
  func namesThePlace(text: String, message: String) {
    let error = #expect(throws: LayersArgumentError.self) { try LayersArgument(text) }
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
