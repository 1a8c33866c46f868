import Testing

@testable import RowwiseCommand

struct LossTrendTests {
  @Test(
    arguments: [
      ([4, 3, 2, 1], true),
      // Against the lowest of the first three quarters, not the last of them.
      ([4, 1, 3, 0.95], false),
      ([4, 1, 3, 0.89], true),
      ([1, 1, 1, 0.9], false),
      ([1, 1, 1, 2], false),
      ([2, 1], true),
      ([2, 1.9], false),
    ] as [([Double], Bool)])
  func aTenthLessThanBeforeIsFalling(losses: [Double], isFalling: Bool) {
    #expect(LossTrend(validationLosses: losses).isStillFalling == isFalling)
  }

  @Test func oneEpochShowsNothing() {
    #expect(LossTrend(validationLosses: []).isStillFalling == nil)
    #expect(LossTrend(validationLosses: [1]).isStillFalling == nil)
  }
}
