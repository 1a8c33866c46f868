import RowwiseEvaluation
import Testing

@Suite struct RankCorrelationTests {
  @Test func orderDecides() throws {
    #expect(RankCorrelation.spearman([1, 2, 30], [0.1, 5, 9]) == 1)
    #expect(RankCorrelation.spearman([1, 2, 30], [9, 5, 0.1]) == -1)
    // Ranks [3, 1.5, 4, 1.5, 5] and [2.5, 4, 1, 5, 2.5], correlated by NumPy's corrcoef.
    let tied = try #require(RankCorrelation.spearman([3, 1, 4, 1, 5], [2, 7, 1, 8, 2]))
    #expect(abs(tied - -0.7894736842105264) < 1e-12)
  }

  @Test func constantsHaveNone() {
    #expect(RankCorrelation.spearman([1, 1, 1], [1, 2, 3]) == nil)
    #expect(RankCorrelation.spearman([4], [2]) == nil)
    #expect(RankCorrelation.spearman([], []) == nil)
  }
}
