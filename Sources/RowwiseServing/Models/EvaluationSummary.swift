import RowwiseFiles
import RowwiseTexts

/// What `rowwise evaluate --report` has left beside a model, as far as the page shows it.
enum EvaluationSummary {
  /// Bytes of a `metrics.json` that are believed.
  private static let most = 16 << 20

  /// Of the `metrics.json` beside a model file, or in a folder `report` there; null where there is none.
  static func find(besides modelPath: String) -> JSONValue {
    let folder = FileSystem.folder(of: modelPath)
    for name in ["metrics.json", "report/metrics.json"] {
      guard let file = try? RegularFile(path: FileSystem.join(folder, name)),
        let size = try? file.size(), size <= most, let bytes = try? file.bytes(size, at: 0),
        let summary = try? read(bytes)
      else { continue }
      return summary
    }
    return .null
  }

  /// - Throws: `JSONSyntaxError` where it is not as `rowwise evaluate` writes it.
  static func read(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue? {
    var scanner = JSONScanner(bytes: bytes)
    var found: [String: JSONValue] = [:]
    try scanner.object("an object") { scanner, key throws(JSONSyntaxError) in
      switch key {
      case "data": found[key] = .string(try scanner.string("a text"))
      case "samples": found[key] = .int(Int(try scanner.number()))
      case "accuracy": found[key] = .double(try scanner.number())
      case "classes":
        var names: [JSONValue] = []
        try scanner.array("names") { scanner throws(JSONSyntaxError) in
          names.append(.string(try scanner.string("a name")))
        }
        found[key] = .array(names)
      case "confusion_matrix":
        var rows: [JSONValue] = []
        try scanner.array("rows") { scanner throws(JSONSyntaxError) in
          rows.append(.array(try scanner.integers(atMost: 1 << 20).map(JSONValue.int)))
        }
        found[key] = .array(rows)
      default: try scanner.skipValue()
      }
    }
    let keys = ["data", "samples", "accuracy", "classes", "confusion_matrix"]
    let members = keys.compactMap { key in found[key].map { JSONValue.Member(key, $0) } }
    return members.count == keys.count ? .object(members) : nil
  }
}
