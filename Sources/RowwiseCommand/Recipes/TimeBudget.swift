import ArgumentParser

/// A time that a run may take, such as 90s, 10m or 1.5h.
struct TimeBudget: Sendable, Equatable, ExpressibleByArgument, CustomStringConvertible {
  /// More than 0, at most 1000 hours.
  let seconds: Double
  /// As it was given.
  let description: String

  private static let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]

  init?(argument: String) {
    guard let unit = argument.last.flatMap({ Self.units[$0] }),
      let number = Double(argument.dropLast()), argument.first?.isNumber == true
    else { return nil }
    let seconds = number * unit
    guard seconds > 0, seconds <= 3.6e6 else { return nil }
    self.seconds = seconds
    description = argument
  }
}
