import RowwiseKernelInterface
import RowwiseTexts

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
  ///
  /// - Parameter columns: how wide a row may be.
  func table(columns: Int = Console.defaultColumns) -> String {
    var head = "\(machine), \(instructionSet.rawValue) kernels, \(threads) "
    head += threads == 1 ? "thread" : "threads"
    head += cases.first.map { ", \($0.precision.rawValue)" } ?? ""
    var peaks = "float32 peak \(fixed(limits.peak)) GFLOP/s"
    peaks += " (one thread \(fixed(limits.peakOfOneThread))),"
    if let peak = limits.bfloat16Peak { peaks += " bfloat16 peak \(fixed(peak)) GFLOP/s," }
    peaks += " memory \(fixed(limits.bandwidth)) GB/s"
    let rows = [head, peaks].flatMap { TerminalText.folded($0, to: columns) }
    return rows.map { $0 + "\n" }.joined() + "\n" + caseTable.text(columns: columns).rows
  }

  private var caseTable: ColumnTable {
    func numbers(
      _ title: String, rank: Int, _ cell: (CaseResult) -> String
    ) -> ColumnTable.Column {
      ColumnTable.Column(title, isNumber: true, rank: rank, cells: cases.map(cell))
    }
    return ColumnTable([
      ColumnTable.Column("case", rank: 0, cells: cases.map(\.example.name)),
      numbers("samples/s", rank: 0) { NumberText.grouped(Int($0.samplesPerSecond.rounded())) },
      numbers("spread", rank: 3) { NumberText.percent($0.spread, decimals: 1) },
      numbers("of peak", rank: 1) { NumberText.percent($0.shareOfPeak, decimals: 1) },
      numbers("median µs", rank: 2) { $0.latency.map { fixed($0.median) } ?? "" },
      numbers("p99 µs", rank: 4) { $0.latency.map { fixed($0.percentile99) } ?? "" },
      numbers("memory MB", rank: 5) { fixed($0.peakMemory) },
    ])
  }

  private func fixed(_ value: Double) -> String { NumberText.fixed(value, decimals: 1) }
}
