import Evaluation
import KernelInterface

/// What a benchmark found.
struct BenchmarkReport: Sendable {
  /// Processor, cores and system.
  let machine: String
  /// The kernels timed.
  let instructionSet: InstructionSet
  /// Threads used.
  let threads: Int
  /// The machine's limits.
  let limits: MachineLimits
  /// The cases, in order.
  let cases: [CaseResult]

  /// The report for programs; figures that this build cannot measure are null.
  var json: JSONValue {
    .object([
      .init("machine", .string(machine)),
      .init("isa", .string(instructionSet.rawValue)),
      .init("threads", .int(threads)),
      .init(
        "peak_gflops",
        .object([
          .init("float32", rounded(limits.peak, 1)),
          .init("float32_one_thread", rounded(limits.peakOfOneThread, 1)),
          .init("bfloat16", limits.bfloat16Peak.map { rounded($0, 1) } ?? .null),
        ])),
      .init("memory_gb_per_s", rounded(limits.bandwidth, 1)),
      .init("cases", .array(cases.map(json))),
    ])
  }

  private func json(_ result: CaseResult) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("case", .string(result.example.name)),
      .init("precision", .string(result.precision.rawValue)),
      .init("samples_per_s", rounded(result.samplesPerSecond, 1)),
      .init("spread", rounded(result.spread, 4)),
      .init("peak_gflops", rounded(result.peak, 1)),
      .init("share_of_peak", rounded(result.shareOfPeak, 4)),
    ]
    if let latency = result.latency {
      members.append(.init("median_us", rounded(latency.median, 2)))
      members.append(.init("p99_us", rounded(latency.percentile99, 2)))
    }
    members.append(.init("peak_memory_mb", rounded(result.peakMemory, 1)))
    return .object(members)
  }

  private func rounded(_ value: Double, _ decimals: Int) -> JSONValue {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    return .double((value * scale).rounded() / scale)
  }

  /// The report for people.
  var table: String {
    var text = "\(machine), \(instructionSet.rawValue) kernels, \(threads) "
    text += threads == 1 ? "thread" : "threads"
    text += cases.first.map { ", \($0.precision.rawValue)\n" } ?? "\n"
    text += "float32 peak \(fixed(limits.peak)) GFLOP/s"
    text += " (one thread \(fixed(limits.peakOfOneThread))),"
    if let peak = limits.bfloat16Peak { text += " bfloat16 peak \(fixed(peak)) GFLOP/s," }
    text += " memory \(fixed(limits.bandwidth)) GB/s\n\n"
    text += Self.row(
      ["case", "samples/s", "spread", "of peak", "median µs", "p99 µs", "memory MB"])
    for result in cases {
      text += Self.row([
        result.example.name,
        NumberText.grouped(Int(result.samplesPerSecond.rounded())),
        NumberText.percent(result.spread, decimals: 1),
        NumberText.percent(result.shareOfPeak, decimals: 1),
        result.latency.map { fixed($0.median) } ?? "",
        result.latency.map { fixed($0.percentile99) } ?? "",
        fixed(result.peakMemory),
      ])
    }
    return text
  }

  private func fixed(_ value: Double) -> String { NumberText.fixed(value, decimals: 1) }

  private static func row(_ cells: [String]) -> String {
    let numbers = cells.dropFirst().map { TerminalText.right($0, 11) }.joined()
    return TerminalText.left(cells[0], 9) + numbers + "\n"
  }
}
