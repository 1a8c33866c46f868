/// Names in a sentence, not too many of them.
package enum NameList {
  /// The first few names and how many more there are: "a, b, c and 7 more".
  package static func text(_ names: [String], most: Int = 10) -> String {
    let more = names.count > most ? " and \(names.count - most) more" : ""
    return names.prefix(most).joined(separator: ", ") + more
  }
}
