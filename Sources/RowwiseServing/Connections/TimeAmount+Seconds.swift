import NIOCore

extension TimeAmount {
  /// Any number of seconds.
  static func seconds(_ seconds: Double) -> TimeAmount { .nanoseconds(Int64(seconds * 1e9)) }
}
