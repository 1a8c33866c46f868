/// x W + h R + b, as the body of a loop computes it for one timestep.
struct StepSums: Equatable {
  /// Width of the result.
  var columns: Int
  /// W [features, columns], row-major; nil where x has no part in it.
  var input: [Float]?
  /// R [units, columns], row-major; nil where h has no part in it.
  var recurrent: [Float]?
  /// What was added to x W.
  var inputBias: [Float]?
  /// What was added to h R.
  var recurrentBias: [Float]?

  /// Numbers that it holds.
  var count: Int {
    [input, recurrent, inputBias, recurrentBias].reduce(0) { $0 + ($1?.count ?? 0) }
  }

  /// Some of the columns.
  func part(_ range: Range<Int>) -> StepSums {
    func cut(_ matrix: [Float]?) -> [Float]? {
      matrix.map { matrix in
        stride(from: 0, to: matrix.count, by: columns).flatMap { row in
          matrix[row + range.lowerBound..<row + range.upperBound]
        }
      }
    }
    return StepSums(
      columns: range.count, input: cut(input), recurrent: cut(recurrent),
      inputBias: cut(inputBias), recurrentBias: cut(recurrentBias))
  }

  /// Both together; nil where both have the same part, or are not equally wide.
  func adding(_ other: StepSums) -> StepSums? {
    guard columns == other.columns, input == nil || other.input == nil,
      recurrent == nil || other.recurrent == nil, inputBias == nil || other.inputBias == nil,
      recurrentBias == nil || other.recurrentBias == nil
    else { return nil }
    return StepSums(
      columns: columns, input: input ?? other.input, recurrent: recurrent ?? other.recurrent,
      inputBias: inputBias ?? other.inputBias, recurrentBias: recurrentBias ?? other.recurrentBias)
  }

  /// With one number more for each column; nil where there is a bias already.
  func adding(bias: [Float]) -> StepSums? {
    guard bias.count == columns else { return nil }
    var result = self
    if input != nil, inputBias == nil {
      result.inputBias = bias
    } else if recurrent != nil, recurrentBias == nil {
      result.recurrentBias = bias
    } else {
      return nil
    }
    return result
  }
}

/// What the body of a loop computes in one iteration.
enum StepValue: Equatable {
  /// tanh(a + σ(r) ⊙ b), the GRU's new content, where b is a sum of h; or b is one of σ(r) ⊙ h, where the
  /// reset gate comes before the product.
  struct Candidate: Equatable {
    var sums: StepSums
    var reset: StepSums
    var recurrent: StepSums
    var resetsBefore = false
  }

  /// x, the input's timestep of this iteration.
  case timestep
  /// h before the iteration.
  case state
  /// The iteration's number from 0, and so much more.
  case number(Int)
  /// True in every iteration that another one follows.
  case goesOn
  /// Weights, or one number.
  case constant(TensorValues)
  case sums(StepSums)
  case sigmoid(StepSums)
  case tanh(StepSums)
  /// σ(r) ⊙ b
  case reset(StepSums, StepSums)
  /// (σ(r) ⊙ h) R, with R among the second one's weights of h.
  case resetProduct(StepSums, StepSums)
  /// The candidate before its tanh.
  case candidateSums(Candidate)
  case candidate(Candidate)
  /// 1 − σ(z)
  case complement(StepSums)
  /// σ(z) ⊙ h
  case kept(StepSums)
  /// (1 − σ(z)) ⊙ n
  case renewed(StepSums, Candidate)
  /// σ(z) ⊙ h + (1 − σ(z)) ⊙ n
  case gru(update: StepSums, Candidate)
}

extension StepValue {
  /// The sum, in either order; nil where no cell here has such a sum.
  func adding(_ other: StepValue) -> StepValue? {
    switch (self, other) {
    case (.sums(let a), .sums(let b)): return a.adding(b).map { .sums($0) }
    case (.sums(let sums), .constant(let tensor)), (.constant(let tensor), .sums(let sums)):
      guard case .floats(let bias) = tensor.numbers else { return nil }
      return sums.adding(bias: bias).map { .sums($0) }
    case (.number(let number), .constant(let tensor)), (.constant(let tensor), .number(let number)):
      guard let more = tensor.onlyInteger else { return nil }
      let (sum, overflow) = number.addingReportingOverflow(more)
      return overflow ? nil : .number(sum)
    case (.sums(let sums), .reset(let reset, let recurrent)),
      (.reset(let reset, let recurrent), .sums(let sums)):
      return .candidateSums(Candidate(sums: sums, reset: reset, recurrent: recurrent))
    case (.sums(let sums), .resetProduct(let reset, let recurrent)),
      (.resetProduct(let reset, let recurrent), .sums(let sums)):
      return .candidateSums(
        Candidate(sums: sums, reset: reset, recurrent: recurrent, resetsBefore: true))
    case (.kept(let gate), .renewed(let other, let candidate)),
      (.renewed(let other, let candidate), .kept(let gate)):
      return gate == other ? .gru(update: gate, candidate) : nil
    default: return nil
    }
  }

  /// The product of elements, in either order; nil where no cell here has such a product.
  func multiplied(by other: StepValue) -> StepValue? {
    switch (self, other) {
    case (.sigmoid(let gate), .sums(let sums)), (.sums(let sums), .sigmoid(let gate)):
      .reset(gate, sums)
    case (.sigmoid(let gate), .state), (.state, .sigmoid(let gate)): .kept(gate)
    case (.complement(let gate), .candidate(let candidate)),
      (.candidate(let candidate), .complement(let gate)):
      .renewed(gate, candidate)
    default: nil
    }
  }

  /// Some of the columns, and how many numbers they hold; nil where there are none.
  func part(_ range: Range<Int>) -> (value: StepValue, count: Int)? {
    switch self {
    case .sums(let sums):
      let part = sums.part(range)
      return (.sums(part), part.count)
    case .constant(let tensor):
      return tensor.part(ofAxis: 1, from: range.lowerBound, to: range.upperBound).map {
        (.constant($0), $0.count)
      }
    default: return nil
    }
  }

  /// Whether it is surely below a limit in every iteration that another one follows.
  ///
  /// - Parameter timesteps: iterations.
  func isBelow(_ limit: StepValue, timesteps: Int) -> Bool {
    guard case .number(let number) = self, case .constant(let tensor) = limit,
      let limit = tensor.onlyNumber, (-1 << 32...1 << 32).contains(number)
    else { return false }
    // The last iteration that another one follows is timesteps − 2.
    return Double(timesteps - 2 + number) < limit
  }
}

extension TensorValues {
  /// The only number, where it is a whole one.
  var onlyInteger: Int? {
    if case .integers(let values) = numbers, values.count == 1 { values[0] } else { nil }
  }

  /// The only number.
  var onlyNumber: Double? {
    switch numbers {
    case .integers(let values): values.count == 1 ? Double(values[0]) : nil
    case .floats(let values): values.count == 1 ? Double(values[0]) : nil
    }
  }
}
