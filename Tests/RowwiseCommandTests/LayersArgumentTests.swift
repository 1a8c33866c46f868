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

  static let wrong: [(text: String, message: String)] = [
    (
      "", "unknown layer \"\" at character 1, known: lstm, dense, dropout"
    ),
    (
      "lsmt:128",
      "unknown layer \"lsmt\" at character 1, known: lstm, dense, dropout; did you mean \"lstm\"?"
    ),
    (
      "lstm:128,conv:3", "unknown layer \"conv\" at character 10, known: lstm, dense, dropout"
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
    ("lstm:8,", "unknown layer \"\" at character 8, known: lstm, dense, dropout"),
    (
      "lstm:8, lstm:8",
      "unknown layer \" lstm\" at character 8, known: lstm, dense, dropout; did you mean \"lstm\"?"
    ),
    ("dense:8", "at least one layer must be an lstm"),
    (
      "lstm:8,dense:8,lstm:8",
      "the lstm at character 16 comes after a dense layer; put all lstm layers before it"
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
