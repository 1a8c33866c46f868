import RowwiseFiles
import RowwiseTexts
import Synchronization

/// Everything the command says: data on standard output, the rest on standard error.
///
/// A progress row stands at the end of a terminal's output and is drawn over; every other text
/// first takes it away, so that nothing is ever written behind it.
final class Console: Sendable {
  /// How text is set off from other text.
  enum Style: String, Sendable {
    case bold = "1"
    case faint = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
  }

  /// What the person in front of it wants to see.
  struct Settings: Sendable, Equatable {
    /// Nothing on standard error but errors and warnings of data that are lost.
    var isQuiet = false
    /// No logs either, but all warnings: for work that is one part of a larger one.
    var hidesLogs = false
    /// No progress row, even on a terminal.
    var hidesProgress = false
  }

  /// Between two drawings of the progress row.
  static let progressInterval = Duration.milliseconds(100)
  /// The width assumed where there is no terminal to ask.
  static let defaultColumns = 80

  private struct Progress {
    var isShown = false
    var drawnAt: ContinuousClock.Instant?
  }

  private let output: any TextSink
  private let errors: any TextSink
  private let isQuiet: Bool
  private let hidesLogs: Bool
  private let outputHasColor: Bool
  private let errorsHaveColor: Bool
  private let progress = Mutex(Progress())

  /// Whether a progress row is drawn; where it is not, training logs a row an epoch all the same.
  let showsProgress: Bool

  /// Makes a console.
  ///
  /// - Parameters:
  ///   - output: takes the data.
  ///   - errors: takes logs, warnings, errors and the progress row.
  init(
    output: any TextSink, errors: any TextSink, settings: Settings,
    environment: TerminalEnvironment
  ) {
    self.output = output
    self.errors = errors
    isQuiet = settings.isQuiet
    hidesLogs = settings.isQuiet || settings.hidesLogs
    let mayColor = !environment.forbidsColor && !environment.isDumb
    outputHasColor = mayColor && output.isTerminal
    errorsHaveColor = mayColor && errors.isTerminal
    showsProgress =
      errors.isTerminal && !environment.isDumb && !settings.isQuiet && !settings.hidesProgress
  }

  /// The console of this process.
  static func forProcess(_ settings: Settings = Settings()) -> Console {
    Console(
      output: StandardStream.output, errors: StandardStream.error, settings: settings,
      environment: .ofProcess)
  }

  /// Columns that a table on standard output may take.
  var outputColumns: Int { Self.columns(of: output) }

  /// Columns that a row on standard error may take.
  var errorColumns: Int { Self.columns(of: errors) }

  private static func columns(of sink: any TextSink) -> Int {
    sink.isTerminal ? sink.columns ?? defaultColumns : defaultColumns
  }

  /// Whether text on standard output may be coloured.
  var colorsOutput: Bool { outputHasColor }

  /// Writes data to standard output as it is.
  ///
  /// - Throws: `FileError.cannotWrite`, such as where a disk is full.
  func write(_ data: String) throws(FileError) {
    if output.isTerminal { clearProgress() }
    try output.write(data)
  }

  /// Whether `log` says anything.
  var showsLog: Bool { !hidesLogs }

  /// Tells what is going on, folded to the terminal's width; not with `--quiet`.
  func log(_ text: String) {
    guard !hidesLogs else { return }
    writeRow(TerminalText.folded(text, to: errorColumns).joined(separator: "\n"))
  }

  /// Tells what is going on, in one row that fits the terminal; not with `--quiet`.
  func log(_ row: LogRow) {
    guard !hidesLogs else { return }
    writeRow(row.text(columns: errorColumns))
  }

  /// Tells of data that are lost, which stops nothing; with `--quiet` too.
  ///
  /// What a terminal would act on is escaped: names of files may stand in it.
  func warn(_ row: String) {
    writeMessage("warning:", .yellow, TerminalText.printable(row))
  }

  /// Tells of something else that is not as it should be but stops nothing; not with `--quiet`.
  func caution(_ row: String) {
    if !isQuiet { warn(row) }
  }

  /// Tells why the command ends.
  func fail(_ row: String) { writeMessage("rowwise:", .red, row) }

  /// Text for standard output, set off where that is a terminal with colours.
  func styled(_ style: Style, _ text: String) -> String {
    styled(style, text, hasColor: outputHasColor)
  }

  /// Draws the progress row anew, unless it was drawn a moment ago.
  ///
  /// - Parameters:
  ///   - now: the present, for tests to choose.
  ///   - row: made only where it is drawn.
  func showProgress(at now: ContinuousClock.Instant = .now, _ row: () -> ProgressRow) {
    guard showsProgress else { return }
    progress.withLock { progress in
      if let drawnAt = progress.drawnAt, now - drawnAt < Self.progressInterval { return }
      progress.drawnAt = now
      progress.isShown = true
      let text = row().text(columns: errorColumns)
      // Over the old row, then erase what of it is longer.
      try? errors.write("\r\(text)\u{1B}[K")
    }
  }

  /// Takes the progress row away.
  func clearProgress() {
    progress.withLock { progress in
      guard progress.isShown else { return }
      progress = Progress()
      try? errors.write("\r\u{1B}[K")
    }
  }

  /// A message keeps one row where no terminal has to show it, so that programs can tell it from the
  /// next.
  private func writeMessage(_ label: String, _ style: Style, _ text: String) {
    let message = "\(label) \(text)"
    let rows = errors.isTerminal ? TerminalText.folded(message, to: errorColumns) : [message]
    let colored = styled(style, label, hasColor: errorsHaveColor)
    writeRow(colored + rows.joined(separator: "\n").dropFirst(label.count))
  }

  private func writeRow(_ row: String) {
    clearProgress()
    // Where standard error itself fails there is nobody left to tell.
    try? errors.write(row + "\n")
  }

  private func styled(_ style: Style, _ text: String, hasColor: Bool) -> String {
    hasColor ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}
