/// Numbers as people read them.
package enum NumberText {
  /// The value with a fixed number of decimals; "–" where it is not finite.
  /// - Parameter decimals: 0 to 12.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    precondition((0...12).contains(decimals), "decimals must be 0 to 12, got \(decimals)")
    guard value.isFinite else { return "–" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 9e15 else { return value.description }
    var digits = String(Int(scaled))
    if digits.utf8.count <= decimals {
      digits = String(repeating: "0", count: decimals + 1 - digits.utf8.count) + digits
    }
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return sign + digits }
    return sign + digits.dropLast(decimals) + "." + digits.suffix(decimals)
  }

  /// A share of one in per cent, such as "97.33 %"; "–" where it is not finite.
  package static func percent(_ share: Double, decimals: Int = 2) -> String {
    share.isFinite ? fixed(share * 100, decimals: decimals) + " %" : "–"
  }

  /// A count with commas between thousands.
  package static func grouped(_ count: Int) -> String {
    let digits = Array(String(count.magnitude))
    var text = count < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }
}
