import Testing

@testable import RowwiseCommand

/// Rows of logs at several widths.
struct LogRowTests {
  static let epoch = EpochRecord(
    epoch: 7, loss: 0.12345, accuracy: 0.98765, validationLoss: 0.23456, validationAccuracy: 1,
    validationMacroF1: 1, learningRate: 0.001, samplesPerSecond: 12345.6, seconds: 0.31)

  @Test(arguments: [
    (
      130,
      "epoch  7/10: loss 0.1235, accuracy 98.77 %, validation loss 0.2346, "
        + "validation accuracy 100.00 %, 12,345 images/s, 0.3 s"
    ),
    (
      90,
      "epoch  7/10: loss 0.1235, accuracy 98.77 %, validation 0.2346, 100.00 %, 12,345/s, 0.3 s"
    ),
    (80, "epoch  7/10: loss 0.1235, acc. 98.77 %, val. 0.2346, 100.00 %, 12,345/s, 0.3 s"),
    (60, "epoch  7/10: loss 0.1235, validation 0.2346, 100.00 %"),
    (40, "epoch  7/10: validation 0.2346, 100.00 %"),
    (24, "epoch  7/10: 100.00 %"), (12, "epoch  7/10…"),
  ])
  func epochsFit(columns: Int, text: String) {
    #expect(Self.epoch.row(epochCount: 10).text(columns: columns) == text)
  }

  /// Parts are shortened before any goes, and go by rank.
  @Test func partsGoByRank() {
    let row = LogRow(
      label: "a",
      parts: [.init("long one", "one", rank: 2), .init("two", rank: 0), .init("three", rank: 1)])
    #expect(row.text(columns: 21) == "a: one, two, three")
    #expect(row.text(columns: 23) == "a: long one, two, three")
    #expect(row.text(columns: 17) == "a: two, three")
    #expect(row.text(columns: 12) == "a: two")
    #expect(row.text(columns: 4) == "a: …")
    #expect(LogRow(label: "none", parts: []).text(columns: 3) == "no…")
  }

  @Test(arguments: [
    (0, "0:00"), (1e-5, "< 1 ms"), (0.0005, "1 ms"), (0.04, "40 ms"), (0.0994, "99 ms"),
    (0.0995, "0.1 s"), (0.3, "0.3 s"), (0.949, "0.9 s"), (0.95, "0:01"), (1.4, "0:01"),
    (61.2, "1:01"),
    (3723, "1:02:03"), (-1, "0:00"), (.infinity, "–"),
  ])
  func durationsBelowASecondAreShown(seconds: Double, text: String) {
    #expect(DurationText.text(seconds: seconds) == text)
  }
}
