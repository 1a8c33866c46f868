/// What the process tells its caller at its end; the numbers are those of sysexits.h.
public enum CommandStatus: Int32, Sendable, CaseIterable {
  /// Everything was done.
  case done = 0
  /// Everything was done, but for some inputs it could not be, or what was required does not hold.
  case someInputsFailed = 1
  /// The command line is wrong.
  case usage = 64
  /// An input is there but not what it should be.
  case badData = 65
  /// An input is not there.
  case inputNotFound = 66
  /// A fault of the program itself.
  case internalError = 70
  /// The system lacks memory, threads or open files for what was asked.
  case systemLacks = 71
  /// An output could not be created.
  case cannotCreateOutput = 73
  /// Reading or writing failed midway.
  case inputOutput = 74
  /// Stopped by Ctrl-C or SIGTERM; what was reached is saved.
  case interrupted = 130
}
