import RowwiseDatasetLoading
import RowwiseEvaluation
import RowwiseTexts

/// `suspected_labels.csv`: samples whose labels are likely to be wrong, the most suspect first.
enum SuspectedLabels {
  /// The table: `sample`, `label`, `suggestion`, their probabilities, and whether the suggestion's
  /// is what is usual for its class.
  static func table(_ accumulator: EvaluationAccumulator, of dataset: ImageDataset) -> String {
    let names = accumulator.classNames
    var text = CSVText.row([
      "sample", "label", "suggestion", "label_probability", "suggestion_probability", "confident",
    ])
    for suspect in accumulator.suspectedLabelErrors() {
      let row = accumulator.probabilities(of: suspect.sample)
      text += CSVText.row([
        dataset.sampleName(at: suspect.sample), names[suspect.label], names[suspect.suggestion],
        CSVText.number(row[row.startIndex + suspect.label]),
        CSVText.number(row[row.startIndex + suspect.suggestion]),
        suspect.isConfident ? "true" : "false",
      ])
    }
    return text
  }
}
