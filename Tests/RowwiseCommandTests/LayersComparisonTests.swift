import ArgumentParser
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseWorkers
import Testing

@testable import RowwiseCommand

struct LayersComparisonTests {
  @Test func comparesWithTheFirst() throws {
    let comparison = LayersComparison(
      kernels: Float.kernels(upTo: nil), pool: WorkerPool(threads: 1), seconds: 0.001)
    let stacks = try ["lstm:8", "gru:8:zoneout=0.1,pool:mean", "lstm:8:layer-norm"].map {
      try LayersText($0)
    }
    let results = try comparison.run(stacks)
    #expect(results.map(\.layers) == stacks.map(\.description))
    #expect(results[0].speed == 1)
    #expect(results[0].parameters == (28 + 8 + 1) * 32 + 9 * 10)
    for result in results {
      #expect(result.microseconds > 0 && result.microseconds.isFinite && result.speed > 0)
    }
    let rows = LayersComparison.table(results).split(separator: "\n")
    #expect(rows.count == 4)
    #expect(Set(rows.map(\.count)).count == 1, "columns stand below each other")
    #expect(LayersComparison.json(results).pretty.contains("\"us_per_sequence\""))
  }

  @Test func casesAndLayersExcludeEachOther() {
    #expect(throws: (any Error).self) {
      try BenchmarkCommand.parse(["--cases", "I1_b1", "--layers", "lstm:8"])
    }
    #expect(throws: (any Error).self) { try BenchmarkCommand.parse(["--layers", "lsmt:8"]) }
  }
}
