import RealModule
import RowwiseCompute
import RowwiseRandomness
import RowwiseTexts

/// What `rowwise search` may choose from: options with one value, a list, or a range.
struct SearchSpace: Sendable, Equatable {
  /// The values of one option.
  enum Dimension: Sendable, Equatable {
    case fixed(ConfigurationFile.Value)
    case choice([ConfigurationFile.Value])
    /// Uniform, or uniform in the logarithm; to three digits, or whole.
    case range(ClosedRange<Double>, isLogarithmic: Bool, isWhole: Bool)
  }

  /// One option.
  struct Option: Sendable, Equatable {
    let entry: ConfigurationFile.Entry
    let dimension: Dimension
  }

  /// Where it was read.
  let path: String
  /// In the order of the file.
  let options: [Option]

  /// Options of which a search has its own.
  private static let own: Set<String> = ["output", "folds", "fold"]

  /// Reads a file such as
  ///
  ///     data: digits
  ///     layers: ["lstm:32", "lstm:64"]
  ///     learning_rate: {min: 0.0003, max: 0.03, scale: log}
  ///
  /// - Throws: `ConfigurationError`.
  init(_ file: ConfigurationFile) throws(ConfigurationError) {
    path = file.path
    var options: [Option] = []
    let known = TrainCommand.configurationKeys
    for entry in file.entries where !ArgumentExpansion.informative.contains(entry.key) {
      let key = entry.key.map { $0 == "-" ? "_" : String($0) }.joined()
      guard known.contains(key) else {
        throw .unknownKey(
          path: file.path, line: entry.line, key: entry.key,
          nearest: ForeignWord.key(key, among: known) ?? NearestWord.find(key, among: known))
      }
      guard !Self.own.contains(key) else {
        throw .wrongValue(
          path: file.path, line: entry.line, key: entry.key,
          expected: "nothing here: the search decides it")
      }
      options.append(Option(entry: entry, dimension: try Self.dimension(entry, file.path)))
    }
    guard options.contains(where: { $0.entry.key == "data" && $0.entry.value != .null }) else {
      throw .noData(path: file.path)
    }
    self.options = options
  }

  private static func dimension(
    _ entry: ConfigurationFile.Entry, _ path: String
  ) throws(ConfigurationError) -> Dimension {
    func wrong(_ expected: String) -> ConfigurationError {
      .wrongValue(path: path, line: entry.line, key: entry.key, expected: expected)
    }
    switch entry.value {
    case .null, .bool, .text: return .fixed(entry.value)
    case .list(let values):
      let isFlat = values.allSatisfy {
        switch $0 {
        case .null, .bool, .text: true
        case .list, .table: false
        }
      }
      guard isFlat, !values.isEmpty else { throw wrong("a list of single values") }
      return .choice(values)
    case .table(let entries):
      return try range(entries, of: entry, path)
    }
  }

  /// Reads `{min: …, max: …, scale: …, type: …}`.
  private static func range(
    _ parts: [ConfigurationFile.Entry], of entry: ConfigurationFile.Entry, _ path: String
  ) throws(ConfigurationError) -> Dimension {
    var texts: [String: String] = [:]
    func wrong(_ expected: String) -> ConfigurationError {
      .wrongValue(path: path, line: entry.line, key: entry.key, expected: expected)
    }
    func check(_ word: String, _ known: [String], _ line: Int) throws(ConfigurationError) {
      guard !known.contains(word) else { return }
      throw .unknownWord(path: path, line: line, key: entry.key, word: word, known: known)
    }
    for part in parts {
      try check(part.key, ["min", "max", "scale", "type"], part.line > 0 ? part.line : entry.line)
      guard case .text(let text) = part.value else {
        throw wrong("{min: …, max: …, scale: log or linear, type: whole or real}")
      }
      texts[part.key] = text
    }
    guard let low = texts["min"].flatMap(Double.init), low.isFinite,
      let high = texts["max"].flatMap(Double.init), high.isFinite, low <= high
    else { throw wrong("a range {min: …, max: …} with min not above max") }
    let (scale, type) = (texts["scale"] ?? "linear", texts["type"] ?? "real")
    try check(scale, ["linear", "log"], entry.line)
    try check(type, ["real", "whole"], entry.line)
    guard scale == "linear" || low > 0 else { throw wrong("a min above 0 with scale: log") }
    guard [low, high].allSatisfy({ $0 == 0 || magnitudes.contains($0.magnitude) }) else {
      throw wrong("numbers from 1e-100 to 1e100, with or without a sign, or 0")
    }
    guard type == "real" || max(low.magnitude, high.magnitude) <= greatestWhole else {
      throw wrong("whole numbers up to 2^53 where type is whole")
    }
    return .range(low...high, isLogarithmic: scale == "log", isWhole: type == "whole")
  }

  /// What min and max of a range may be: far from where numbers get no smaller or no larger.
  private static let magnitudes = 1e-100...1e100
  /// Up to here every whole number is a `Double`.
  private static let greatestWhole = 9_007_199_254_740_992.0

  /// The options of a trial: a function of seed and number.
  func trial(_ number: Int, seed: UInt64) -> [ConfigurationFile.Entry] {
    var random = RandomStream(seed: seed, stream: UInt64(number))
    return options.map { option in
      let entry = option.entry
      return ConfigurationFile.Entry(
        key: entry.key, line: entry.line, value: Self.value(option.dimension, &random))
    }
  }

  private static func value(
    _ dimension: Dimension, _ random: inout RandomStream
  ) -> ConfigurationFile.Value {
    switch dimension {
    case .fixed(let value): return value
    case .choice(let values): return values[random.next(below: values.count)]
    case .range(let range, let isLogarithmic, let isWhole):
      let u = random.nextUniform()
      let (low, high) = (range.lowerBound, range.upperBound)
      let drawn = isLogarithmic ? low * Double.pow(high / low, u) : low + (high - low) * u
      if isWhole { return .text("\(Int(min(max(drawn.rounded(), low), high)))") }
      return .text("\(min(max(rounded(drawn), low), high))")
    }
  }

  /// To three significant digits.
  private static func rounded(_ x: Double) -> Double {
    guard x != 0 else { return 0 }
    var unit = 1.0
    while abs(x) * unit < 100 { unit *= 10 }
    while abs(x) * unit >= 1000 { unit /= 10 }
    return (x * unit).rounded() / unit
  }
}
