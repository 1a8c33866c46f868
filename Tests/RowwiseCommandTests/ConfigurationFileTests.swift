import Testing

@testable import RowwiseCommand

/// Files of options in three formats.
struct ConfigurationFileTests {
  private func entries(
    _ text: String, isTOML: Bool = false
  ) throws -> [ConfigurationFile.Entry] {
    try ConfigurationFile(text: text, path: "file", isTOML: isTOML).entries
  }

  @Test func threeFormatsSayTheSame() throws {
    let yaml = try entries(
      """
      # A comment.
      data: digits
      learning_rate: 0.003
      layers: "lstm:32"
      nesterov: false
      patience: null
      class_weights: [1, 2.5]
      range: {min: 1, max: 2}
      """)
    #expect(yaml.map(\.line) == [2, 3, 4, 5, 6, 7, 8])
    #expect(
      yaml.map(\.value) == [
        .text("digits"), .text("0.003"), .text("lstm:32"), .bool(false), .null,
        .list([.text("1"), .text("2.5")]),
        .table([
          .init(key: "min", line: 8, value: .text("1")),
          .init(key: "max", line: 8, value: .text("2")),
        ]),
      ])
    let json = try entries(
      """
      {
        "data": "digits", "learning_rate": 0.003,
        "layers": "lstm:32",
        "nesterov": false, "patience": null,
      \t"class_weights": [1, 2.5],
        "range": {"min": 1,
          "max": 2}
      }
      """)
    #expect(json.map(\.line) == [2, 2, 3, 4, 4, 5, 6])
    #expect(json.prefix(6).map(\.value) == yaml.prefix(6).map(\.value))
    let toml = try entries(
      """
      data = "digits"
      learning_rate = 0.003
      layers = 'lstm:32'  # A comment.
      nesterov = false

      class_weights = [1, 2.5]
      """, isTOML: true)
    #expect(
      Set(toml.map { "\($0.key) \($0.line)" }) == [
        "data 1", "learning_rate 2", "layers 3", "nesterov 4", "class_weights 6",
      ])
    #expect(toml.first { $0.key == "data" }?.value == .text("digits"))
    #expect(toml.first { $0.key == "nesterov" }?.value == .bool(false))
    #expect(toml.first { $0.key == "class_weights" }?.value == .list([.text("1"), .text("2.5")]))
  }

  /// A text that looks like a number or a truth value stays a text where it is in quotes.
  @Test func quotesKeepTexts() throws {
    let values = try entries("a: 'true'\nb: \"null\"\nc: '017'\nd: \"\"").map(\.value)
    #expect(values == [.text("true"), .text("null"), .text("017"), .text("")])
  }

  @Test func brokenFilesNameTheirLine() {
    func line(_ text: String, isTOML: Bool = false) -> Int? {
      do {
        _ = try entries(text, isTOML: isTOML)
        return nil
      } catch ConfigurationError.malformed(_, let line, _) {
        return line
      } catch { return -1 }
    }
    #expect(line("a: 1\nb: [1, 2\nc: 3") ?? 0 >= 2)
    #expect(line("{\"a\": 1,\n\"b\" 2}") == 2)
    #expect(line("a = 1\nb = = 2", isTOML: true) == 2)
    #expect(line("b: 0\na: 1\n\na: 2") == 4)
    #expect(line("{\"a\": 1,\n  \"a\": 2}") == 2)
    #expect(line("{a: 1, a: 2}") == 1)
    #expect(line("") == 1)
    #expect(line("- 1\n- 2") == 1)
    #expect(line("just text") == 1)
  }

  @Test func typosNameTheNearestKey() throws {
    let files = [
      ("data: digits\nlerning_rate: 0.1", false), ("data = 'x'\nlerning_rate = 1", true),
    ]
    for (text, isTOML) in files {
      let file = try ConfigurationFile(text: text, path: "run.yaml", isTOML: isTOML)
      do {
        _ = try ArgumentExpansion.arguments(of: file)
        Issue.record("a typo was taken")
      } catch {
        #expect(
          error.description
            == "run.yaml, line 2: there is no option \"lerning_rate\"; did you mean "
            + "\"learning_rate\"?")
      }
    }
  }

  @Test func entriesBecomeArguments() throws {
    let file = try ConfigurationFile(
      text: """
        version: 0.1.0
        data: digits
        learning-rate: 0.01
        nesterov: true
        standardize: false
        clip_norm: null
        class_weights: [1, 2]
        """, path: "run.yaml")
    #expect(
      try ArgumentExpansion.arguments(of: file) == [
        "--recipe=keras", "--data=digits", "--learning-rate=0.01", "--nesterov",
        "--no-standardize", "--class-weights=1,2",
      ])
    for (text, expected) in [
      ("nesterov: 1", "\"nesterov\" takes true or false, without quotes"),
      ("epochs: true", "takes a value, not true"),
      ("epochs: {a: 1}", "takes a value or a list of values"),
    ] {
      #expect {
        try ArgumentExpansion.arguments(of: ConfigurationFile(text: text, path: "f"))
      } throws: {
        "\($0)".hasSuffix(expected)
      }
    }
  }
}
