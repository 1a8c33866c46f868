/// Spans of time as people read them.
enum DurationText {
  /// Minutes and seconds, with hours where there are any: `0:07`, `12:30`, `1:02:03`.
  ///
  /// - Parameter seconds: rounded to whole ones; "–" where not finite or beyond 9999 hours.
  static func text(seconds: Double) -> String {
    guard seconds.isFinite, seconds < 36e6 else { return "–" }
    let total = Int(max(seconds, 0).rounded())
    let (minutes, rest) = (total / 60 % 60, total % 60)
    let twoDigits = rest < 10 ? "0\(rest)" : "\(rest)"
    guard total >= 3600 else { return "\(minutes):\(twoDigits)" }
    return "\(total / 3600):\(minutes < 10 ? "0" : "")\(minutes):\(twoDigits)"
  }
}
