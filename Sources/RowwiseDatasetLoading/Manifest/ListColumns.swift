import RowwiseTexts

/// Which columns of a CSV list hold image files, their classes and their parts, where their names do not
/// say it.
public struct ListColumns: Sendable, Equatable, CustomStringConvertible {
  /// The column of the image files.
  public let path: String
  /// The column of the classes.
  public let label: String
  /// The column of the parts (train, validation, test); nil where all images are of one.
  public let split: String?

  /// Names of different columns, taken as they are written in the first row, in capital letters or not.
  ///
  /// - Parameters:
  ///   - path: of the image files.
  ///   - label: of the classes.
  ///   - split: of the parts; nil where there is none.
  public init(path: String, label: String, split: String? = nil) {
    (self.path, self.label, self.split) = (path, label, split)
  }

  /// Names separated by commas: `file,species` or `file,species,set`; nil where they are not two or three
  /// different ones.
  public init?(_ text: String) {
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map {
      String($0).trimmingSpaces()
    }
    guard (2...3).contains(names.count), Set(names.map { $0.lowercased() }).count == names.count,
      !names.contains("")
    else { return nil }
    self.init(path: names[0], label: names[1], split: names.count > 2 ? names[2] : nil)
  }

  /// As `init(_:)` takes it.
  public var description: String {
    ([path, label] + (split.map { [$0] } ?? [])).joined(separator: ",")
  }
}
