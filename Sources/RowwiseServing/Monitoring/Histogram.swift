/// Counts of values up to each of some bounds, as Prometheus has them.
struct Histogram: Sendable, Equatable {
  /// Rising.
  let bounds: [Double]
  /// Of each bound those above the one before, and those above all.
  private var counts: [Int]
  private var sum = 0.0

  init(bounds: [Double]) {
    self.bounds = bounds
    counts = [Int](repeating: 0, count: bounds.count + 1)
  }

  mutating func add(_ value: Double) {
    counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
    sum += value
  }

  /// Writes its rows.
  ///
  /// - Parameters:
  ///   - name: of the metric.
  ///   - labels: between braces, without them.
  func write(_ name: String, labels: String, to text: inout String) {
    var total = 0
    for (bound, count) in zip(bounds, counts) {
      total += count
      text += "\(name)_bucket{\(labels),le=\"\(Self.text(bound))\"} \(total)\n"
    }
    total += counts[bounds.count]
    text += "\(name)_bucket{\(labels),le=\"+Inf\"} \(total)\n"
    text += "\(name)_sum{\(labels)} \(Self.text(sum))\n\(name)_count{\(labels)} \(total)\n"
  }

  private static func text(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
  }
}
