/// What may go wrong by stopping early, and how often it may.
public struct EarlyExitRisk: Sendable, Equatable, Codable, CustomStringConvertible {
  /// What counts as wrong.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// The early answer is not that of the whole picture. Needs no labels.
    case disagreement
    /// The whole picture's answer is right and the early one wrong.
    case lost
  }

  /// Of which pictures the share is taken.
  public enum Scope: String, Sendable, Codable, CaseIterable {
    /// All of them.
    case all
    /// Those that stopped early.
    case early
    /// Those of each class, for every class: the true one, or that of the whole picture where
    /// disagreement is counted.
    case eachClass = "class"
  }

  /// What counts as wrong.
  public var kind: Kind
  /// The share that is allowed, ε, above 0 and below 1.
  public var limit: Double
  /// Of which pictures.
  public var scope: Scope

  /// Puts it together.
  public init(_ kind: Kind, atMost limit: Double, scope: Scope = .all) {
    self.kind = kind
    self.limit = limit
    self.scope = scope
  }

  /// As the command line writes it, such as `lost<=0.005`; nil where the text is none.
  public init?(_ text: String) {
    let parts = text.split(separator: "<=", omittingEmptySubsequences: false)
    guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])),
      let limit = Double(String(parts[1])), 0 < limit, limit < 1
    else { return nil }
    self.init(kind, atMost: limit)
  }

  /// Such as `lost<=0.005`.
  public var description: String { "\(kind.rawValue)<=\(limit)" }

  /// Whether stopping at row t is wrong for picture n of the traces; false where the label that it
  /// would need is not known.
  func isWrong(_ traces: ReadingTraces, _ n: Int, at t: Int) -> Bool {
    let early = traces.prediction(n, row: t)
    let answer = traces.answer(n)
    return switch kind {
    case .disagreement: early != answer
    case .lost: answer == traces.labels[n] && early != answer
    }
  }

  /// The class whose share picture n counts for.
  func group(_ traces: ReadingTraces, _ n: Int) -> Int {
    kind == .lost ? traces.labels[n] ?? traces.answer(n) : traces.answer(n)
  }
}
