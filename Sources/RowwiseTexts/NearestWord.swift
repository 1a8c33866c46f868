/// Finds what somebody who mistyped a word may have meant.
package enum NearestWord {
  /// The candidate that takes the fewest typing mistakes to become `word`.
  ///
  /// - Returns: nil where even that takes more mistakes than one in three letters of the longer
  ///   word, at least one; of several that are equally near the first.
  package static func find(_ word: String, among candidates: [String]) -> String? {
    // What is so much longer than any is none of them.
    guard word.utf8.count <= 256 else { return nil }
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      let distance = distance(Array(word.lowercased()), Array(candidate.lowercased()))
      let limit = max(1, max(word.count, candidate.count) / 3)
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.candidate
  }

  /// `; did you mean "…"?` or nothing, to be put behind an error's text.
  package static func question(_ word: String, among candidates: [String]) -> String {
    find(word, among: candidates).map { "; did you mean \"\($0)\"?" } ?? ""
  }

  /// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other
  /// (optimal string alignment).
  package static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for i in 0..<left.count {
      var current = [i + 1]
      for j in 0..<right.count {
        let replaced = last[j] + (left[i] == right[j] ? 0 : 1)
        var cost = min(replaced, last[j + 1] + 1, current[j] + 1)
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
          cost = min(cost, beforeLast[j - 1] + 1)
        }
        current.append(cost)
      }
      beforeLast = last
      last = current
    }
    return last[right.count]
  }
}
