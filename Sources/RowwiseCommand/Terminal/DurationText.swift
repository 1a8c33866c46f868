import RowwiseTexts

/// Spans of time as people read them.
enum DurationText {
  /// Minutes and seconds, with hours where there are any: `0:07`, `12:30`, `1:02:03`; below a second
  /// `0.3 s` or `40 ms`.
  ///
  /// - Parameter seconds: from a second on rounded to whole ones; "–" where not finite or beyond 9999
  ///   hours.
  static func text(seconds: Double) -> String {
    guard seconds.isFinite, seconds < 36e6 else { return "–" }
    if seconds > 0, seconds < 0.95 { return fraction(seconds) }
    let total = Int(max(seconds, 0).rounded())
    let (minutes, rest) = (total / 60 % 60, total % 60)
    let twoDigits = rest < 10 ? "0\(rest)" : "\(rest)"
    guard total >= 3600 else { return "\(minutes):\(twoDigits)" }
    return "\(total / 3600):\(minutes < 10 ? "0" : "")\(minutes):\(twoDigits)"
  }

  /// The seconds of a text such as `90s`, `10m` or `1.5h`; nil where it is none, or nothing.
  static func seconds(_ text: String) -> Double? {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    guard let unit = text.last.flatMap({ units[$0] }), text.first?.isNumber == true,
      let number = Double(text.dropLast()), number > 0, number.isFinite
    else { return nil }
    return number * unit
  }

  private static func fraction(_ seconds: Double) -> String {
    if seconds >= 0.0995 { return "\(NumberText.fixed(seconds, decimals: 1)) s" }
    return seconds < 0.0005 ? "< 1 ms" : "\(NumberText.fixed(seconds * 1000, decimals: 0)) ms"
  }
}
