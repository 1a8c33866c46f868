import ArgumentParser

/// A time that a run may take, such as 90s, 10m or 1.5h.
struct TimeBudget: Sendable, Equatable, CustomStringConvertible {
  /// More than 0, at most 1000 hours.
  let seconds: Double
  /// As it was given.
  let description: String

  /// - Throws: `ValidationError` where the text is no such time.
  init(_ text: String) throws {
    guard let seconds = DurationText.seconds(text), seconds <= 3.6e6 else {
      throw ValidationError("expected seconds, minutes or hours, such as 90s, 10m or 1.5h")
    }
    self.seconds = seconds
    description = text
  }
}
