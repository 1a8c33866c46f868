import ArgumentParser
import Foundation
import Testing

@testable import RowwiseCommand

struct BenchmarkCommandTests {
  static func report(_ arguments: [String]) throws -> [String: Any] {
    let command = try BenchmarkCommand.parse(arguments)
    let text = try command.measure { _ in }.json.pretty
    return try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func reportHasTheAgreedKeys() throws {
    let report = try Self.report([
      "--cases", "I1_b1,T1_b32", "--seconds", "0.001", "--threads", "2",
    ])
    #expect(
      Set(report.keys)
        == ["machine", "isa", "threads", "peak_gflops", "memory_gb_per_s", "cases"])
    #expect(report["threads"] as? Int == 2)
    #expect(["baseline", "avx2", "avx512", "avx512bf16"].contains(report["isa"] as? String))
    let peak = try #require(report["peak_gflops"] as? [String: Any])
    #expect(try #require(peak["float32"] as? Double) > 0.1)
    #expect(try #require(peak["float32_one_thread"] as? Double) > 0.1)
    if report["isa"] as? String == "avx512bf16" {
      #expect(try #require(peak["bfloat16"] as? Double) > 0.1)
    } else {
      #expect(peak["bfloat16"] is NSNull)
    }
    #expect(try #require(report["memory_gb_per_s"] as? Double) > 0.01)

    let cases = try #require(report["cases"] as? [[String: Any]])
    #expect(cases.map { $0["case"] as? String } == ["I1_b1", "T1_b32"])
    let common: Set = [
      "case", "precision", "samples_per_s", "spread", "peak_gflops", "share_of_peak",
      "peak_memory_mb",
    ]
    #expect(Set(cases[0].keys) == common.union(["median_us", "p99_us"]))
    #expect(Set(cases[1].keys) == common)
    for result in cases {
      #expect(try #require(result["samples_per_s"] as? Double) > 0)
      #expect(try #require(result["share_of_peak"] as? Double) > 0)
      #expect(try #require(result["peak_memory_mb"] as? Double) > 1)
      #expect(result["precision"] as? String == "float32")
      let name = try #require(result["case"] as? String)
      let operations = try #require(BenchmarkCase.named(name)).operationsPerSample
      let rate = try #require(result["samples_per_s"] as? Double) * operations / 1e9
      let share = rate / (try #require(result["peak_gflops"] as? Double))
      #expect(abs(share - (try #require(result["share_of_peak"] as? Double))) < 0.01 * share)
    }
    let median = try #require(cases[0]["median_us"] as? Double)
    #expect(try #require(cases[0]["p99_us"] as? Double) >= median)
    let rate = try #require(cases[0]["samples_per_s"] as? Double)
    #expect(abs(rate * median - 1e6) < 1e4)
  }

  @Test func precisionIsReported() throws {
    let report = try Self.report([
      "--cases", "I1_b1", "--seconds", "0.001", "--threads", "1", "--precision", "bfloat16",
    ])
    let cases = try #require(report["cases"] as? [[String: Any]])
    #expect(cases[0]["precision"] as? String == "bfloat16")
  }

  @Test func olderInstructionSetsCanBeChosen() throws {
    let report = try Self.report([
      "--cases", "I1_b1", "--seconds", "0.001", "--threads", "1", "--instruction-set", "baseline",
    ])
    #expect(report["isa"] as? String == "baseline")
  }

  @Test func tableNamesMachineAndCases() throws {
    let command = try BenchmarkCommand.parse(["--cases", "I1_b32", "--seconds", "0.001"])
    var log: [String] = []
    let rows = try command.measure { log.append($0) }.table(columns: 400).split(separator: "\n")
    #expect(rows.count == 4)
    #expect(rows[0].contains("kernels, "))
    #expect(rows[1].hasPrefix("float32 peak "))
    #expect(rows[3].hasPrefix("I1_b32 "))
    #expect(
      log == ["checking the results of 1 cases", "measuring the machine", "timing I1_b32"])
  }

  @Test(arguments: [
    (["--cases", "T1_b33"], "there is no case 'T1_b33'"),
    (["--cases", ""], "there is no case ''"),
    (["--seconds", "0"], "--seconds must be more than 0"),
    (["--seconds", "nan"], "--seconds must be more than 0"),
    (["--threads", "0"], "--threads must be from 1 to 1024"),
    (["--instruction-set", "mmx"], "mmx"),
    (["--format", "xml"], "xml"),
  ])
  func wrongOptionsAreUsageErrors(arguments: [String], text: String) {
    let error = #expect(throws: (any Error).self) {
      _ = try RowwiseCommand.parseAsRoot(["benchmark"] + arguments)
    }
    guard let error else { return }
    let failure = CommandFailure(error, arguments: ["benchmark"] + arguments)
    #expect(failure.status == .usage)
    #expect(failure.message.contains(text), "\(failure.message)")
    #expect(failure.message.hasSuffix("(see rowwise benchmark --help)"))
  }
}
