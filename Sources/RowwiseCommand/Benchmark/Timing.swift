/// Repeated measurements of one thing.
struct Measurements: Sendable, Equatable {
  /// One value a repeat, ascending.
  let sorted: [Double]

  /// At least one value.
  init(_ values: [Double]) {
    precondition(!values.isEmpty, "nothing was measured")
    sorted = values.sorted()
  }

  /// The middle value, or the mean of the two in the middle.
  var median: Double {
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// The largest value.
  var largest: Double { sorted[sorted.count - 1] }

  /// The value that 99 of 100 do not exceed.
  var percentile99: Double {
    sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
  }

  /// (largest − smallest) / median.
  var spread: Double {
    (sorted[sorted.count - 1] - sorted[0]) / median
  }
}

/// How long and how often things are timed.
struct Timing: Sendable {
  /// Repeats of a measurement.
  static let repeats = 5
  /// Seconds that a repeat lasts at least.
  let seconds: Double

  /// Seconds since some fixed moment.
  static var now: Double { (ContinuousClock.now - origin) / .seconds(1) }
  private static let origin = ContinuousClock.now

  /// Calls of `body` a second: after a warm-up as long as a repeat, one value for each repeat.
  func rates(_ body: () -> Void) -> Measurements {
    let warmUp = count(body)
    let calls = max(2, Int((Double(warmUp.calls) * seconds / warmUp.elapsed).rounded(.up)))
    return Measurements(
      (0..<Self.repeats).map { _ in
        let start = Self.now
        for _ in 0..<calls { body() }
        return Double(calls) / (Self.now - start)
      })
  }

  /// Seconds of every single call of `body`: after a warm-up, a list for each repeat.
  func latencies(_ body: () -> Void) -> [Measurements] {
    let warmUp = count(body)
    let calls = max(100, Int((Double(warmUp.calls) * seconds / warmUp.elapsed).rounded(.up)))
    return (0..<Self.repeats).map { _ in
      var times: [Double] = []
      times.reserveCapacity(calls)
      for _ in 0..<calls {
        let start = ContinuousClock.now
        body()
        times.append((ContinuousClock.now - start) / .seconds(1))
      }
      return Measurements(times)
    }
  }

  private func count(_ body: () -> Void) -> (calls: Int, elapsed: Double) {
    let start = Self.now
    var calls = 0
    var elapsed = 0.0
    repeat {
      body()
      calls += 1
      elapsed = Self.now - start
    } while elapsed < seconds
    return (calls, elapsed)
  }
}
