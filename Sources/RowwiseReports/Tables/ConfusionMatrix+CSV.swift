import RowwiseEvaluation
import RowwiseTexts

extension ConfusionMatrix {
  /// The counts as CSV (`confusion.csv`): a header `true\predicted` and the predicted classes'
  /// names, then one row per true class: its name and its counts.
  public var csv: String {
    var text = CSVText.row(["true\\predicted"] + classNames)
    for (name, row) in zip(classNames, rows) {
      text += CSVText.field(name)
      for count in row { text += ",\(count)" }
      text += "\n"
    }
    return text
  }
}
