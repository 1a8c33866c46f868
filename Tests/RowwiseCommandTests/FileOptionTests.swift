import Testing

@testable import RowwiseCommand

/// Which options of a file make a command line fail.
struct FileOptionTests {
  private func option(_ key: String, _ line: Int, _ value: String = "1") -> FileOption {
    FileOption(path: "f", line: line, key: key, argument: "--\(key)=\(value)")
  }

  private func guilty(
    _ options: [FileOption], _ failure: (Set<String>) -> String?
  ) -> [String] {
    func text(_ options: [FileOption]) -> String? { failure(Set(options.map { "\($0.name)" })) }
    return FileOption.guilty(among: options, of: text(options) ?? "", failure: text).map(\.key)
  }

  @Test func oneOptionIsFound() {
    let options = [option("data", 1), option("a", 2), option("b", 3), option("c", 4)]
    #expect(guilty(options) { $0.contains("b") ? "wrong" : nil } == ["b"])
    // Others that are wrong, too, come later.
    #expect(guilty(options) { $0.contains("c") ? "c" : $0.contains("a") ? "a" : nil } == ["c"])
    // It needs another one to be wrong, which would be wrong itself without it.
    #expect(
      guilty(options) { has in
        has.isSuperset(of: ["a", "b"]) ? "b is too large" : has.contains("b") ? "b needs a" : nil
      } == ["b"])
  }

  @Test func twoOptionsThatExcludeEachOther() {
    let options = [option("a", 1), option("b", 2), option("c", 3)]
    #expect(guilty(options) { $0.isSuperset(of: ["a", "c"]) ? "not both" : nil } == ["a", "c"])
  }

  @Test func theFileIsNotAtFault() {
    let options = [option("data", 1), option("a", 2)]
    #expect(guilty(options) { _ in "the command line is wrong" } == [])
    // Without data there is another error; that is not the data's fault.
    #expect(guilty(options) { $0.contains("data") ? "x" : "no data" } == [])
  }

  @Test func placesAreNamed() {
    let options = [option("a", 2), option("b", 5)]
    func text(_ options: [FileOption], _ trial: Int? = nil) -> String {
      ConfigurationError.refused(options, trial: trial, reason: "no").description
    }
    #expect(text([options[0]]) == "f, line 2, \"a\": no")
    #expect(text(options, 3) == "f, lines 2 and 5, \"a\" and \"b\" in trial 3: no")
    #expect(text([option("a", 0)]) == "f, \"a\": no")
  }
}
