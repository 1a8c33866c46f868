import RowwiseSystem
import RowwiseTexts
import RowwiseWorkers

/// Writes a row a request on a thread of its own, so that a slow disk or pipe holds no connection up.
package final class RequestLog: Sendable {
  /// Rows that wait; those beyond are lost, and counted.
  private static let most = 10_000

  private struct State {
    var rows: [String] = []
    var lost = 0
    var isClosed = false
  }

  private let condition = Condition()
  // SAFETY: touched in `condition`'s critical sections only; see `ServerTests`.
  nonisolated(unsafe) private var state = State()
  private let write: @Sendable (String) -> Void

  /// - Parameter write: takes some rows, with their line breaks; called on one thread.
  package init(_ write: @escaping @Sendable (String) -> Void) { self.write = write }

  /// Starts the thread; it ends after `close`.
  func start() -> SystemThread? {
    SystemThread {
      while true {
        var rows: [String] = []
        var isClosed = false
        self.condition.wait {
          !self.state.rows.isEmpty || self.state.isClosed
        } then: {
          swap(&rows, &self.state.rows)
          isClosed = self.state.isClosed
        }
        if !rows.isEmpty { self.write(rows.joined()) }
        if isClosed { return }
      }
    }
  }

  /// Adds a row; whether there was room.
  func add(_ members: [JSONValue.Member]) -> Bool {
    let row = JSONValue.object([.init("time", .string(Self.time()))] + members).compact + "\n"
    let isKept = condition.withLock {
      guard state.rows.count < Self.most else { return false }
      state.rows.append(row)
      return true
    }
    condition.wakeOne()
    return isKept
  }

  /// Lets the thread end when all rows are written.
  func close() {
    condition.withLock { state.isClosed = true }
    condition.wakeOne()
  }

  /// Now, in UTC, as in `2026-01-31T12:00:00.123Z`.
  private static func time() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    func digits(_ value: Int, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
      .map { digits($0, 2) }.joined(separator: "-")
    let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { digits(Int($0), 2) }
      .joined(separator: ":")
    return "\(date)T\(clock).\(digits(now.tv_nsec / 1_000_000, 3))Z"
  }
}
