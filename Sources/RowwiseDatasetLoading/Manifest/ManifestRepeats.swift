import RowwiseTexts

/// Files that a manifest lists more than once.
struct ManifestRepeats {
  private var first: [String: (label: String, row: Int)] = [:]
  private var duplicates = 0
  private var contradictions: [String] = []
  private var contradictionCount = 0

  /// Notes a file in a part: that one of another part has the same is as bad, but another matter.
  mutating func add(_ path: String, label: String, row: Int) {
    guard let other = first[path] else {
      first[path] = (label, row)
      return
    }
    if other.label == label {
      duplicates += 1
      return
    }
    contradictionCount += 1
    if contradictions.count < 3 {
      contradictions.append(
        "\(path) is \(other.label) in line \(other.row) and \(label) in line \(row)")
    }
  }

  /// What to say of them.
  func note(in report: inout DatasetReport) {
    if contradictionCount > 0 {
      let more = contradictionCount > contradictions.count ? "; …" : ""
      report.note(
        "\(contradictionCount) \(contradictionCount == 1 ? "row gives" : "rows give") an image another "
          + "label: \(contradictions.joined(separator: "; "))\(more)", isLoss: true)
    }
    if duplicates > 0 {
      report.note(
        "\(duplicates) \(duplicates == 1 ? "row repeats" : "rows repeat") an earlier one",
        isLoss: false)
    }
  }
}
