import RowwiseDatasetLoading
import RowwiseTexts

extension DatasetSummary.Repeats {
  /// The samples with their part, and whether they are of several classes.
  var json: JSONValue {
    .object([
      .init("part", .string(part.rawValue)), .init("contradiction", .bool(isContradiction)),
      .init("samples", .array(samples.map { .object($0.members) })),
    ])
  }
}

extension DatasetSummary.Constants {
  /// Each sample with its part.
  var json: [JSONValue] {
    samples.map { .object([.init("part", .string(part.rawValue))] + $0.members) }
  }
}

extension DatasetSummary.Repeats.Sample {
  fileprivate var members: [JSONValue.Member] {
    [
      .init("index", .int(index)), .init("name", .string(name)), .init("class", .string(className)),
    ]
  }
}
