import ArgumentParser

/// A number that is off where nothing is said, and that `none` switches off again, such as one from
/// a configuration file.
struct OrNone<Number: ExpressibleByArgument & Sendable & Equatable>: Sendable, Equatable,
  CustomStringConvertible
{
  /// The number; nil for none.
  let value: Number?

  /// - Parameter value: nil for none.
  init(_ value: Number? = nil) { self.value = value }

  /// - Throws: `ValidationError` where the text is neither a number nor `none`.
  init(argument: String) throws {
    guard argument != "none" else {
      value = nil
      return
    }
    guard let number = Number(argument: argument) else {
      throw ValidationError(
        "expected \(Number.self == Int.self ? "a whole number" : "a number") or none")
    }
    value = number
  }

  /// As it is written.
  var description: String { value.map { "\($0)" } ?? "none" }
}
