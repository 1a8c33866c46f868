import Testing

@testable import RowwiseCommand

struct RunEndingTests {
  private func record(
    _ epoch: Int, accuracy: Double, _ validationLoss: Double, _ validationAccuracy: Double
  ) -> EpochRecord {
    EpochRecord(
      epoch: epoch, loss: 1, accuracy: accuracy, validationLoss: validationLoss,
      validationAccuracy: validationAccuracy, learningRate: 0.001, samplesPerSecond: 1, seconds: 1)
  }

  private func ending(_ losses: [Double], accuracy: Double = 0.8) -> RunEnding {
    let epochs = losses.enumerated().map {
      record($0.offset + 1, accuracy: accuracy, $0.element, 0.8)
    }
    return RunEnding(epochs: epochs, best: epochs.last)
  }

  @Test func aFallingLossIsTold() {
    let falling = ending([4, 3, 2, 1])
    #expect(falling.convergence == .stillLearning)
    let rows = falling.rows(seconds: 3, test: nil, folder: "runs/a-1", data: "digits")
    #expect(rows.contains("  rowwise train --resume runs/a-1 --epochs 8"))
    #expect(rows.last == "next: rowwise classify runs/a-1 PICTURES")
    #expect(rows.allSatisfy { $0.count <= 80 })
  }

  @Test func aFlatLossIsTheEnd() {
    #expect(ending([4, 1, 0.9, 0.88]).convergence == .settled)
  }

  @Test func learningByHeartIsTold() {
    let ending = ending([4, 3, 2, 1], accuracy: 0.95)
    #expect(ending.convergence == .overfitted(training: 0.95, validation: 0.8))
    let rows = ending.rows(seconds: 3, test: nil, folder: "runs/a-1", data: "digits")
    #expect(rows.contains { $0.hasPrefix("overfitted: 95.00 %") })
    #expect(rows.allSatisfy { $0.count <= 80 })
  }

  @Test func nothingIsSaidWithoutValidation() {
    let epochs = (1...3).map {
      EpochRecord(
        epoch: $0, loss: 1, accuracy: 1, learningRate: 0.001, samplesPerSecond: 1, seconds: 1)
    }
    #expect(RunEnding(epochs: epochs, best: epochs.last).convergence == nil)
  }
}
