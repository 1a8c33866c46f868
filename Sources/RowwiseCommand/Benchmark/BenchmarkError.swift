/// What stops a benchmark.
enum BenchmarkError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kernels do not compute what the reference computes, so their speed means nothing.
  case wrongResult(case: String, quantity: String, difference: Double, limit: Double)

  /// What is wrong, where, and what was expected.
  var description: String {
    switch self {
    case .wrongResult(let name, let quantity, let difference, let limit):
      "\(name): \(quantity) differ from the reference's by \(difference), more than \(limit); "
        + "nothing was timed; try --instruction-set baseline and report this"
    }
  }
}
