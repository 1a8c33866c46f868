import ArgumentParser
import RowwiseLayers
import RowwiseTexts
import RowwiseTraining

/// Options of `train` about learning from what other models answer.
struct TeachingOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      """
      A trained model, or several as A,B,C, whose class probabilities are learned from beside the labels. \
      It sees each image as it is changed at random, and reads images of the same size; its size is taken \
      where none is said.
      """, valueName: "model"))
  var teacher: String?

  @Option(
    help: ArgumentHelp("The teacher's share of the loss. (default: 0.5)", valueName: "share"))
  var teacherWeight: Double?

  @Option(
    help: ArgumentHelp(
      """
      What teacher's and student's logits are divided by in that share: the higher, the more the order of \
      wrong classes counts. (default: 2)
      """, valueName: "tau"))
  var teacherTemperature: Double?

  func validate() throws {
    try OptionRange.check("teacher-weight", teacherWeight)
    try OptionRange.check("teacher-temperature", teacherTemperature)
    for (name, isGiven) in [
      ("--teacher-weight", teacherWeight != nil),
      ("--teacher-temperature", teacherTemperature != nil),
    ] where isGiven && teacher == nil {
      throw ValidationError(
        "\(name) is about the model of --teacher; name one, or leave it out")
    }
  }

  /// Adds the options to those of the trainer.
  func apply(to options: inout TrainingOptions) {
    guard teacher != nil else { return }
    var distillation = Distillation()
    distillation.weight = teacherWeight ?? distillation.weight
    distillation.temperature = teacherTemperature ?? distillation.temperature
    options.loss.distillation = distillation
  }

  /// Every option with its value, for `config.json`.
  var members: [JSONValue.Member] {
    [
      .init("teacher", teacher.map { .string($0) } ?? .null),
      .init("teacher_weight", teacherWeight.map { .double($0) } ?? .null),
      .init("teacher_temperature", teacherTemperature.map { .double($0) } ?? .null),
    ]
  }
}
