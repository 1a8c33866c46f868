/// The parameters of a request.
struct RequestQuery: Sendable {
  private let values: [(name: String, value: String)]

  init(_ target: RequestTarget) { values = target.query }

  subscript(name: String) -> String? { values.last { $0.name == name }?.value }

  /// Throws where there are others than those that are known.
  ///
  /// - Throws: `RequestProblem`.
  func check(_ known: [String]) throws(RequestProblem) {
    guard let other = values.first(where: { !known.contains($0.name) }) else { return }
    throw RequestProblem(
      .badRequest,
      "there is no parameter \(other.name.prefix(40)); there is \(known.joined(separator: ", "))")
  }

  /// A whole number.
  ///
  /// - Throws: `RequestProblem`.
  func number(
    _ name: String, in range: ClosedRange<Int>, default value: Int
  ) throws(RequestProblem) -> Int {
    guard let text = self[name] else { return value }
    guard let number = Int(text), range.contains(number) else {
      throw RequestProblem(
        .badRequest,
        "\(name)=\(text.prefix(40)): expected a whole number from \(range.lowerBound) to "
          + "\(range.upperBound)")
    }
    return number
  }

  /// 0 or 1.
  ///
  /// - Throws: `RequestProblem`.
  func flag(_ name: String, default value: Bool) throws(RequestProblem) -> Bool {
    switch self[name] {
    case nil: value
    case "0"?, "false"?: false
    case "1"?, "true"?: true
    case let text?:
      throw RequestProblem(.badRequest, "\(name)=\(text.prefix(40)): expected 0 or 1")
    }
  }
}
