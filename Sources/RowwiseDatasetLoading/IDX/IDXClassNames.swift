/// Names of the classes that IDX files number.
enum IDXClassNames {
  /// Fashion-MNIST's classes, as its authors list them. Its files have MNIST's names, so they are
  /// known by "fashion" in the path.
  static let fashion = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
    "Ankle boot",
  ]

  /// Reads EMNIST's mapping: a row for each label with it and the codes of its characters.
  ///
  /// "10 65 97" names label 10 "A/a"; "10 65" names it "A".
  static func readMapping(_ path: String) throws(DatasetError) -> [Int: String] {
    let bytes = try DataFile(path: path).rest(limit: 1 << 20)
    let text = String(decoding: bytes, as: UTF8.self)
    var names: [Int: String] = [:]
    let rows = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (i, row) in rows.enumerated() {
      let fields = row.split(whereSeparator: { $0 == " " || $0 == "\t" })
      if fields.isEmpty { continue }
      let numbers = fields.compactMap { UInt32($0) }
      let characters = numbers.dropFirst().compactMap { Unicode.Scalar($0) }
      guard numbers.count == fields.count, characters.count == numbers.count - 1,
        !characters.isEmpty, numbers[0] < 256, names[Int(numbers[0])] == nil
      else {
        throw .invalidClassNames(
          path: path, row: i + 1,
          reason: "expected a label of 0 to 255, not given before, and character codes: “\(row)”")
      }
      let name = characters.map { String(Character($0)) }.joined(separator: "/")
      guard !names.values.contains(name) else {
        throw .invalidClassNames(
          path: path, row: i + 1, reason: "“\(name)” is the name of another label, too")
      }
      names[Int(numbers[0])] = name
    }
    guard !names.isEmpty else {
      throw .invalidClassNames(path: path, row: 1, reason: "no labels")
    }
    return names
  }
}
