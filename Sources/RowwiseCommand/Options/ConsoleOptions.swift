import ArgumentParser

/// Options about what is said, which every command has.
struct ConsoleOptions: ParsableArguments, Sendable {
  @Flag(
    name: .shortAndLong,
    help: "Say nothing on standard error but errors and what data are lost.")
  var quiet = false

  @Flag(help: "Draw no progress bar, even on a terminal.")
  var noProgress = false

  /// The console that these options ask for.
  var console: Console {
    .forProcess(settings)
  }

  /// The options as the console takes them.
  var settings: Console.Settings {
    Console.Settings(isQuiet: quiet, hidesProgress: noProgress)
  }
}
