import RowwiseTexts
import Testing

@testable import RowwiseCommand

struct ProgressRowTests {
  static let progress = TrainingProgress(
    epoch: 3, epochCount: 10, batch: 50, batchCount: 200, samples: 1600, seconds: 0.5,
    loss: 0.12345, accuracy: 0.9612)

  @Test func wideTerminalsShowEverything() {
    #expect(
      Self.progress.row.text(columns: 120)
        == "epoch 3/10  [======>                   ]   25 %  batch 50/200  3,200 images/s  "
        + "loss 0.1235  accuracy 96.12 %  0:16 left")
  }

  @Test(arguments: [
    (
      100,
      "epoch 3/10  [=====>              ]   25 %  3,200 images/s  loss 0.1235  accuracy 96.12 %  0:16 left"
    ),
    (80, "epoch 3/10  [====>           ]   25 %  loss 0.1235  accuracy 96.12 %  0:16 left"),
    (60, "epoch 3/10  [===>          ]   25 %  loss 0.1235  0:16 left"),
    (40, "epoch 3/10  [====>             ]   25 %"),
    (30, "epoch 3/10   25 %"),
    (10, "epoch 3/…"),
    (1, ""),
  ])
  func narrowTerminalsShowWhatMatters(columns: Int, expected: String) {
    #expect(Self.progress.row.text(columns: columns) == expected)
  }

  @Test func neverAsWideAsTheTerminal() {
    for columns in 1...200 {
      #expect(TerminalText.width(Self.progress.row.text(columns: columns)) < columns)
    }
  }

  @Test func atItsEnds() {
    var progress = Self.progress
    progress.batch = 0
    progress.samples = 0
    progress.seconds = 0
    #expect(
      progress.row.text(columns: 80)
        == "epoch 3/10  [>                  ]    0 %  loss 0.1235  accuracy 96.12 %  – left")
    progress.batch = 200
    progress.epoch = 10
    progress.seconds = 5
    progress.samples = 6400
    #expect(
      progress.row.text(columns: 80)
        == "epoch 10/10  [===============]  100 %  loss 0.1235  accuracy 96.12 %  0:00 left")
    #expect(
      ProgressRow(label: "reading", fraction: nil, details: []).text(columns: 80) == "reading")
    #expect(
      ProgressRow(label: "reading", fraction: 7, details: []).text(columns: 80)
        == "reading  [==============================]  100 %")
  }

  @Test func durations() {
    #expect(DurationText.text(seconds: 0.4) == "0.4 s")
    #expect(DurationText.text(seconds: 7) == "0:07")
    #expect(DurationText.text(seconds: 59.6) == "1:00")
    #expect(DurationText.text(seconds: 754) == "12:34")
    #expect(DurationText.text(seconds: 3723) == "1:02:03")
    #expect(DurationText.text(seconds: 86400 * 9) == "216:00:00")
    #expect(DurationText.text(seconds: -1) == "0:00")
    #expect(DurationText.text(seconds: .infinity) == "–")
    #expect(DurationText.text(seconds: .nan) == "–")
  }
}
