extension ConfusionMatrix: Codable {
  private enum CodingKeys: String, CodingKey {
    case classes
    case rows = "confusion_matrix"
  }

  /// Writes `classes` (names) and `confusion_matrix` (an array of rows), as `metrics.json` has them.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(classNames, forKey: .classes)
    try container.encode(rows, forKey: .rows)
  }

  /// Reads what `encode(to:)` wrote; other keys, such as the rest of `metrics.json`, are passed by.
  /// - Throws: `DecodingError.dataCorrupted` where the matrix is not square, does not fit the
  ///   classes, holds a negative count, or sums to more than an `Int` holds.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let names = try container.decode([String].self, forKey: .classes)
    let rows = try container.decode([[Int]].self, forKey: .rows)
    func corrupted(_ text: String) -> DecodingError {
      .dataCorruptedError(forKey: .rows, in: container, debugDescription: text)
    }
    guard !names.isEmpty else { throw corrupted("expected at least one class, found none") }
    guard rows.count == names.count, rows.allSatisfy({ $0.count == names.count }) else {
      let widths = Set(rows.map(\.count)).sorted()
      throw corrupted(
        "expected \(names.count) rows of \(names.count) counts, found \(rows.count) of \(widths)")
    }
    var total = 0
    for count in rows.joined() {
      guard count >= 0 else { throw corrupted("expected counts of at least 0, found \(count)") }
      let (sum, overflow) = total.addingReportingOverflow(count)
      guard !overflow else { throw corrupted("the counts sum to more than \(Int.max)") }
      total = sum
    }
    self.init(classNames: names, counts: Array(rows.joined()))
  }
}
