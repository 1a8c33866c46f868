/// The parts into which data sets come divided.
public enum DatasetPart: String, Sendable, Equatable, Hashable, CaseIterable,
  CustomStringConvertible
{
  /// To learn from.
  case train
  /// To choose by.
  case validation
  /// To judge by.
  case test
  /// All there is, where nothing says how to divide it.
  case whole

  /// The word used in messages.
  public var description: String { rawValue }

  /// The part that a folder, a column's value or a word in a file's name stands for.
  init?(word: some StringProtocol) {
    switch word.lowercased() {
    case "train", "training": self = .train
    case "val", "valid", "validation": self = .validation
    case "test", "testing", "t10k": self = .test
    default: return nil
    }
  }
}
