/// Words that people know from other toolkits, and what the same thing is called here.
enum ForeignWord {
  private static let commands = [
    "fit": "train", "predict": "classify", "infer": "classify", "test": "evaluate",
    "val": "evaluate", "validate": "evaluate", "score": "evaluate", "summary": "inspect",
    "info": "inspect", "convert": "export", "tune": "search",
  ]

  private static let options = [
    "lr": "learning-rate", "bs": "batch-size", "imgsz": "size", "units": "layers",
    "hidden-size": "layers", "model": "layers", "workers": "threads", "num-workers": "threads",
    "jobs": "threads", "project": "output", "save-dir": "output", "early-stopping": "patience",
    "weights": "from", "pretrained": "from",
  ]

  /// The command that another toolkit calls `word`.
  static func command(_ word: String) -> String? { commands[word.lowercased()] }

  /// The option that another toolkit calls so, or that begins so.
  ///
  /// - Parameter known: the options of a command; two dashes are in front of each.
  static func option(_ option: String, among known: [String]) -> String? {
    guard option.hasPrefix("--") else { return nil }
    return find(String(option.dropFirst(2)), among: known.map { String($0.dropFirst(2)) })
      .map { "--\($0)" }
  }

  /// The same for keys of configuration files.
  static func key(_ key: String, among known: [String]) -> String? {
    func replace(_ character: Character, by other: Character, in text: String) -> String {
      String(text.map { $0 == character ? other : $0 })
    }
    return find(
      replace("_", by: "-", in: key), among: known.map { replace("_", by: "-", in: $0) }
    ).map { replace("-", by: "_", in: $0) }
  }

  private static func find(_ word: String, among known: [String]) -> String? {
    if let option = options[word.lowercased()], known.contains(option) { return option }
    // Of a letter or two the beginning says too little.
    guard word.count > 2 else { return nil }
    return known.filter { $0.hasPrefix(word) }.min { $0.count < $1.count }
  }
}
