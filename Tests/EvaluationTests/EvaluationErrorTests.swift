import RowwiseEvaluation
import Testing

@Suite struct EvaluationErrorTests {
  @Test func saysWhereWhatAndWhatToDo() {
    #expect(
      EvaluationError.probabilitiesDoNotSumToOne(sample: 7, sum: 2.5, tolerance: 0.001).description
        == "sample 7: its probabilities sum to 2.5, expected 1 within 0.001; "
        + "pass probabilities (after softmax), not logits")
    #expect(
      EvaluationError.classesDiffer(
        expected: ["a\n", "b"], received: ["1", "2", "3", "4", "5", "6"]
      )
      .description
        == "the classes differ: expected 2 (a\\n, b), received 6 (1, 2, 3, 4, 5, …); "
        + "only results of the same classes in the same order can be put together")
  }
}
