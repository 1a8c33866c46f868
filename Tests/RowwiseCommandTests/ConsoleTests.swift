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
    terminal: Bool, arguments: [String] = [],
    environment: TerminalEnvironment = TerminalEnvironment()
  ) throws -> Setup {
    let output = MemorySink(isTerminal: terminal, columns: terminal ? 60 : nil)
    let errors = MemorySink(isTerminal: terminal, columns: terminal ? 60 : nil)
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
    #expect(setup.console.outputColumns == nil)
  }

  @Test func quietLeavesWarningsAndErrors() throws {
    for terminal in [false, true] {
      let setup = try Self.make(
        terminal: terminal, arguments: ["--quiet"],
        environment: TerminalEnvironment(forbidsColor: true))
      setup.console.log("log")
      setup.console.showProgress { Self.row }
      setup.console.warn("careful")
      setup.console.fail("over")
      #expect(setup.errors.text == "warning: careful\nrowwise: over\n")
    }
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
