import TestSupport
import Foundation
import Testing

@testable import RowwiseCommand

/// Small files of options cannot stand for huge ones.
@Suite struct ConfigurationBoundsTests {
  private func refusal(_ text: String, isTOML: Bool = false) -> String? {
    do throws(ConfigurationError) {
      _ = try ConfigurationFile(text: text, path: "x", isTOML: isTOML)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func aliasesOfAliasesAreRefused() {
    let row = { (names: String) in
      "[\([String](repeating: names, count: 10).joined(separator: ","))]"
    }
    var text = "a0: &a0 \(row("x"))\n"
    for level in 1...8 { text += "a\(level): &a\(level) \(row("*a\(level - 1)"))\n" }
    #expect(refusal(text) == "x, line 4: more than 24 aliases; write the values out")
    // As a key, whose equality would be asked.
    #expect(refusal(text + "? *a8\n: 1\n")?.contains("aliases") == true)
  }

  @Test func fewAliasesOfManyValuesAreRefusedByTheirSum() {
    let many = [String](repeating: "1", count: 4_000).joined(separator: ",")
    let repeated = [String](repeating: "*a", count: 20).joined(separator: ",")
    #expect(
      refusal("a: &a [\(many)]\nb: [\(repeated)]\n")
        == "x, line 1: more than 20000 values, those that aliases repeat included")
    #expect(refusal("a: &a [1, 2]\nb: *a\nc: a*b\nd: \"*\"\n") == nil)
  }

  @Test func nestingIsRefusedNotFollowed() {
    for depth in [1_100, 50_000, 400_000] {
      let brackets = String(repeating: "[", count: depth)
      #expect(refusal("a: \(brackets)") != nil)
      #expect(refusal("a: \(String(repeating: "{a: ", count: min(depth, 200_000)))") != nil)
      #expect(refusal(String(repeating: "- ", count: depth)) != nil)
      #expect(refusal("a = \(brackets)", isTOML: true) != nil)
    }
    #expect(refusal("a: &a [*a]\n") != nil)
    let points = [String](repeating: "a", count: 100_000).joined(separator: ".")
    #expect(refusal("\(points) = 1\n", isTOML: true)?.contains("points in a key") == true)
    #expect(refusal("[\(points)]\n", isTOML: true)?.contains("points in a key") == true)
  }

  @Test func longFilesAreRefused() {
    let text = "data: " + String(repeating: "x", count: ConfigurationBounds.bytes)
    #expect(refusal(text)?.hasPrefix("x, line 1: longer than 1048576 bytes") == true)
  }

  @Test(
    arguments: [
      "{min: 1e-322, max: 1e-320}", "{min: -1e308, max: 1e308}", "{min: 0, max: 1e308}",
      "{min: 1e19, max: 1e19, type: whole}", "{min: 1e-320, max: 1, scale: log}",
      "{min: 1, max: 1e101}",
    ])
  func endsOfDoubleAreNoRange(range: String) throws {
    let file = try ConfigurationFile(text: "data: digits\nlearning_rate: \(range)\n", path: "x")
    #expect(throws: ConfigurationError.self) { try SearchSpace(file) }
  }

  @Test func ordinaryRangesEndWhereTheySay() throws {
    for range in [
      "{min: 0, max: 1e-99}", "{min: -1e99, max: 1e99}", "{min: 1e-100, max: 1e100, scale: log}",
    ] {
      let file = try ConfigurationFile(text: "data: digits\nmixup: \(range)\n", path: "x")
      let space = try SearchSpace(file)
      for trial in 0..<50 { #expect(space.trial(trial, seed: 1).count == 2) }
    }
  }

  @Test func messagesStayShort() {
    let long = String(repeating: "y", count: 2_000_000)
    let failure = CommandFailure(message: "\(long) is no word, said \(long)", status: .usage)
    #expect(failure.message.utf8.count < 600)
    #expect(
      failure.message.contains("… is no word, said") || failure.message.contains("is no word"))
    let words = [String](repeating: "word", count: 500_000).joined(separator: " ")
    #expect(CommandFailure(message: words, status: .usage).message.utf8.count < 2_200)
    let path = String(repeating: "a/", count: 700)
    #expect(CommandFailure(message: path, status: .usage).message == path)
  }

  @Test func longArgumentsAreRefusedBeforeTheyAreParsed() throws {
    let long = String(repeating: "y", count: 2_000_000)
    for arguments in [["train", long], ["train", "digits", "--layers", long], ["--\(long)"]] {
      let error = #expect(throws: CommandFailure.self) { try ArgumentExpansion(arguments) }
      #expect(error?.status == .usage && (error?.message.utf8.count ?? .max) < 300)
    }
    let folder = try TemporaryFolder()
    try "data: digits\nlayers: \(long.prefix(500_000))\n".write(
      toFile: "\(folder.path)/a.yaml", atomically: true, encoding: .utf8)
    let error = #expect(throws: CommandFailure.self) {
      try ArgumentExpansion(["train", "--config", "\(folder.path)/a.yaml"])
    }
    #expect(error?.status == .usage)
  }
}
