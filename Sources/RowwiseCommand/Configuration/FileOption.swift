/// An option that a configuration file sets.
struct FileOption: Sendable, Equatable {
  /// The file.
  let path: String
  /// The line, from 1; 0 where it is not known.
  let line: Int
  /// The key as it stands there.
  let key: String
  /// The option as a command line says it.
  let argument: String

  /// The option's own name, without dashes before it.
  var name: Substring { argument.dropFirst(2).prefix { $0 != "=" } }

  /// Finds which options make a command line fail, whatever it is that is wrong with them.
  ///
  /// Options are left out as long as the same is still wrong. Of those that are left the ones count
  /// without which nothing is: of a momentum that is too large and the optimizer that has one, the
  /// momentum.
  ///
  /// - Parameters:
  ///   - text: what is wrong with all of them.
  ///   - failure: what is wrong with some of them, nil where nothing is.
  /// - Returns: none where it is not their fault.
  static func guilty(
    among options: [FileOption], of text: String, failure: ([FileOption]) -> String?
  ) -> [FileOption] {
    var least = options
    // Any data set's name will do, but there has to be one.
    for option in options where option.name != "data" {
      let others = least.filter { $0 != option }
      if failure(others) == text { least = others }
    }
    let suspects = least.filter { $0.name != "data" }
    let decisive = suspects.filter { option in failure(least.filter { $0 != option }) == nil }
    return decisive.isEmpty ? suspects : decisive
  }
}
