import RowwiseEvaluation
import TestSupport
import Testing

@Suite struct PredictionTests {
  private let names = ["cat", "dog, big", "bird\n"]

  @Test func writesTheColumnsOfTheContract() {
    let table = PredictionTable(classNames: names, top: 2)
    let probabilities: [Float] = [0.25, 0.625, 0.125]
    let wrong = Prediction(
      sample: "a \"b\".png", label: 0, probabilities: probabilities.span, top: 2)
    let text = table.header + table.row(wrong)
    #expect(
      text == """
        sample,label,prediction,probability,correct,loss,class_2,probability_2
        "a ""b"".png",cat,"dog, big",0.625,false,1.3862943611198906,cat,0.25

        """)
    #expect(!wrong.isCorrect)
    let right = Prediction(sample: "3", label: 1, probabilities: probabilities.span, top: 2)
    #expect(right.isCorrect && right.probability == 0.625)
    #expect(table.row(right).hasPrefix("3,\"dog, big\",\"dog, big\",0.625,true,0.47000362924573"))
  }

  @Test func keepsAtMostTheClassesThereAre() {
    let table = PredictionTable(classNames: names, top: 9)
    #expect(
      parseCSV(table.header)[0].suffix(4)
        == ["class_2", "probability_2", "class_3", "probability_3"])
    #expect(
      PredictionTable(classNames: names, top: 1).header
        == "sample,label,prediction,probability,correct,loss\n")
    // A prediction that kept fewer leaves its fields empty.
    let short = Prediction(sample: "s", label: 2, probabilities: [0, 0, 1].span, top: 1)
    #expect(
      parseCSV(table.row(short))[0]
        == ["s", "bird\n", "bird\n", "1.0", "true", "0.0", "", "", "", ""])
  }
}
