import RowwiseSystem

/// What the environment variables say about the terminal.
struct TerminalEnvironment: Sendable, Equatable {
  /// `NO_COLOR` is set to anything but nothing (https://no-color.org).
  var forbidsColor = false
  /// `TERM` is `dumb`: the terminal can neither colour nor draw over what it shows.
  var isDumb = false

  /// Reads the process's environment.
  static var ofProcess: TerminalEnvironment {
    TerminalEnvironment(
      forbidsColor: !(value(of: "NO_COLOR") ?? "").isEmpty,
      isDumb: value(of: "TERM") == "dumb")
  }

  private static func value(of name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
