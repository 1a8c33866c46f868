/// Something an evaluation was to show, and whether it did: a row of a CI system's test results.
public struct Check: Sendable, Equatable {
  /// What was asked for, in a few words.
  public let name: String
  /// Whether it holds.
  public let isMet: Bool
  /// One sentence: what was asked for and what came out.
  public let description: String

  /// Puts a check together.
  public init(name: String, isMet: Bool, description: String) {
    self.name = name
    self.isMet = isMet
    self.description = description
  }

  /// A requirement's check.
  public init(_ result: RequirementResult) {
    self.init(
      name: result.requirement.text, isMet: result.isMet, description: result.description)
  }
}
