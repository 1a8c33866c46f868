import Synchronization

/// Bytes that requests keep in memory together.
final class HeldMemory: Sendable {
  /// The most.
  let limit: Int
  private let held = Atomic<Int>(0)

  init(limit: Int) { self.limit = limit }

  /// Bytes that are kept now.
  var bytes: Int { held.load(ordering: .relaxed) }

  /// Takes room for so many bytes; whether there is.
  func reserve(_ bytes: Int) -> Bool {
    let new = held.wrappingAdd(bytes, ordering: .relaxed).newValue
    if new <= limit { return true }
    held.wrappingSubtract(bytes, ordering: .relaxed)
    return false
  }

  /// Gives room back.
  func release(_ bytes: Int) { held.wrappingSubtract(bytes, ordering: .relaxed) }
}
