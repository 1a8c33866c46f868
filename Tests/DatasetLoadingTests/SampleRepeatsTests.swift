import RowwiseDatasetLoading
import TestSupport
import Testing

/// Samples with the pixels of another.
@Suite struct SampleRepeatsTests {
  private func dataset(_ rows: [(label: Int, value: Int)]) throws -> ImageDataset {
    let folder = try TemporaryFolder()
    let text = rows.map { row in
      ([row.label] + (0..<16).map { row.value + $0 % 3 }).map { "\($0)" }.joined(separator: ",")
    }.joined(separator: "\n")
    return try DatasetLoader.locate(try folder.write(text: text, to: "t.csv")).load(.whole)
  }

  @Test(arguments: [1, 3])
  func areFoundWithTheirFirst(threads: Int) throws {
    let dataset = try dataset([(0, 5), (1, 90), (0, 5), (1, 5), (0, 60), (1, 90), (1, 90)])
    let repeats = try #require(try dataset.repeats(threads: threads))
    #expect(repeats.duplicates.map(\.sample) == [2, 5, 6])
    #expect(repeats.duplicates.map(\.first) == [0, 1, 1])
    #expect(repeats.contradictions.map(\.sample) == [3])
    #expect(repeats.contradictions.map(\.first) == [0])
    // Numbers are those of the set that is asked.
    let part = try #require(try dataset.subset([6, 3, 1, 0]).repeats(threads: threads))
    #expect(part.duplicates.map(\.sample) == [2] && part.duplicates.map(\.first) == [0])
    #expect(part.contradictions.map(\.sample) == [3])
  }

  @Test func thereMayBeNone() throws {
    let repeats = try dataset([(0, 5), (1, 90), (0, 6), (1, 91)]).repeats(threads: nil)
    #expect(repeats?.duplicates.isEmpty == true && repeats?.contradictions.isEmpty == true)
  }
}
