import ArgumentParser
import Testing

@testable import RowwiseCommand

struct ConsoleTests {
  struct Setup {
    let output: MemorySink
    let errors: MemorySink
    let console: Console
  }

  static func make(
    terminal: Bool, columns: Int = 60, arguments: [String] = [],
    environment: TerminalEnvironment = TerminalEnvironment()
  ) throws -> Setup {
    let output = MemorySink(isTerminal: terminal, columns: terminal ? columns : nil)
    let errors = MemorySink(isTerminal: terminal, columns: terminal ? columns : nil)
    let console = Console(
      output: output, errors: errors, settings: try ConsoleOptions.parse(arguments).settings,
      environment: environment)
    return Setup(output: output, errors: errors, console: console)
  }

  static let row = ProgressRow(label: "reading", fraction: 0.5, details: [])

  @Test func dataAndMessagesGoApart() throws {
    let setup = try Self.make(terminal: false)
    try setup.console.write("data\n")
    setup.console.log("log")
    setup.console.warn("careful")
    setup.console.fail("over")
    setup.console.showProgress { Self.row }
    #expect(setup.output.text == "data\n")
    #expect(setup.errors.text == "log\nwarning: careful\nrowwise: over\n")
    #expect(setup.console.styled(.bold, "text") == "text")
    #expect(setup.console.outputColumns == 80 && setup.console.errorColumns == 80)
  }

  @Test func quietLeavesWarningsAndErrors() throws {
    for terminal in [false, true] {
      let setup = try Self.make(
        terminal: terminal, arguments: ["--quiet"],
        environment: TerminalEnvironment(forbidsColor: true))
      setup.console.log("log")
      setup.console.showProgress { Self.row }
      setup.console.caution("odd")
      setup.console.warn("careful")
      setup.console.fail("over")
      #expect(setup.errors.text == "warning: careful\nrowwise: over\n")
    }
  }

  /// Parts of a larger work log nothing, but warn of everything.
  @Test func partsOnlyWarn() {
    let errors = MemorySink(isTerminal: false)
    let console = Console(
      output: MemorySink(isTerminal: false), errors: errors,
      settings: Console.Settings(hidesLogs: true), environment: TerminalEnvironment())
    console.log("log")
    console.log(LogRow(label: "row", parts: [.init("text", rank: 0)]))
    console.caution("odd")
    #expect(errors.text == "warning: odd\n")
  }

  /// Nothing is wider than the terminal, but for what has no space in it.
  @Test(arguments: [60, 80, 120])
  func rowsAreFolded(columns: Int) throws {
    let setup = try Self.make(terminal: true, columns: columns)
    let words = (0..<60).map { "word\($0)" }.joined(separator: " ")
    setup.console.log("  " + words)
    setup.console.warn(words)
    setup.console.fail(words)
    let path = "/" + String(repeating: "folder/", count: 30)
    setup.console.log("run folder: \(path)")
    let text = setup.errors.text.replacing("\u{1B}[33m", with: "").replacing("\u{1B}[31m", with: "")
      .replacing("\u{1B}[0m", with: "")
    let rows = text.split(separator: "\n").map { String($0) }
    #expect(rows.filter { $0.count > columns } == ["  \(path)"])
    #expect(rows.count { $0.count > columns - 8 } > 3, "rows are filled")
    #expect(rows[0].hasPrefix("  word0 ") && rows[1].hasPrefix("  word"))
    let all = text.split { $0.isWhitespace }.filter { $0.hasPrefix("word") }
    #expect(
      all.map { String($0) }
        == Array(repeating: words.split(separator: " ").map { String($0) }, count: 3).flatMap { $0 }
    )
  }

  /// In a file a message keeps one row, a log is folded as on a terminal of 80 columns.
  @Test func messagesInFilesKeepOneRow() throws {
    let setup = try Self.make(terminal: false)
    let words = Array(repeating: "words", count: 30).joined(separator: " ")
    setup.console.warn(words)
    #expect(setup.errors.text == "warning: \(words)\n")
    setup.console.log(words)
    #expect(setup.errors.text.split(separator: "\n").dropFirst().map(\.count) == [77, 79, 25])
  }

  @Test func terminalsHaveColors() throws {
    let setup = try Self.make(terminal: true)
    setup.console.fail("over")
    #expect(setup.errors.text == "\u{1B}[31mrowwise:\u{1B}[0m over\n")
    #expect(setup.console.styled(.bold, "text") == "\u{1B}[1mtext\u{1B}[0m")
    #expect(setup.console.outputColumns == 60)
  }

  @Test(arguments: [
    TerminalEnvironment(forbidsColor: true), TerminalEnvironment(isDumb: true),
  ])
  func terminalsMayForbidColors(environment: TerminalEnvironment) throws {
    let setup = try Self.make(terminal: true, environment: environment)
    setup.console.fail("over")
    #expect(setup.errors.text == "rowwise: over\n")
    #expect(setup.console.showsProgress == !environment.isDumb)
  }

  @Test func progressIsThrottledAndMakesWay() throws {
    let setup = try Self.make(terminal: true)
    let start = ContinuousClock.Instant.now
    let drawn = "\r\(Self.row.text(columns: 60))\u{1B}[K"
    setup.console.showProgress(at: start) { Self.row }
    setup.console.showProgress(at: start + .milliseconds(99)) { Self.row }
    #expect(setup.errors.text == drawn)
    setup.console.showProgress(at: start + .milliseconds(100)) { Self.row }
    #expect(setup.errors.text == drawn + drawn)
    setup.console.log("epoch 1")
    #expect(setup.errors.text == drawn + drawn + "\r\u{1B}[Kepoch 1\n")
    setup.console.clearProgress()
    try setup.console.write("data\n")
    #expect(setup.errors.text == drawn + drawn + "\r\u{1B}[Kepoch 1\n")
  }

  @Test func noProgressWhereItIsNotWanted() throws {
    let setup = try Self.make(terminal: true, arguments: ["--no-progress"])
    setup.console.showProgress { Self.row }
    setup.console.log("epoch 1")
    #expect(setup.errors.text == "epoch 1\n")
  }
}
