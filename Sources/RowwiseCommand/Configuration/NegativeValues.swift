/// Joins options with negative numbers behind them: `--shift -3` becomes `--shift=-3`.
///
/// To the argument parser everything that begins with a dash is an option, and `-3` would be one that
/// is unknown. No option here is called by a number.
enum NegativeValues {
  /// The same command line in the form that the parser understands.
  static func joined(_ arguments: [String]) -> [String] {
    var joined: [String] = []
    var mayTakeValue = false
    for (index, argument) in arguments.enumerated() {
      // Behind that there are no options.
      if argument == "--" { return joined + arguments[index...] }
      if mayTakeValue, argument.hasPrefix("-"), Double(argument) != nil {
        joined[joined.count - 1] += "=" + argument
        mayTakeValue = false
      } else {
        joined.append(argument)
        mayTakeValue = argument.hasPrefix("--") && !argument.contains("=")
      }
    }
    return joined
  }
}
