import Testing

@testable import RowwiseCommand

/// A precision that changes nothing is refused.
struct EngineOptionsTests {
  @Test func precisionNeedsALayerThatHasOne() throws {
    let place = try Workplace()
    for (name, layers) in [("gru", "gru:4"), ("lstm", "lstm:4:residual,gru:4")] {
      let run = try place.rowwise(
        "train", "digits", "--epochs", "1", "--layers", layers, "--output", name)
      #expect(run.status == 0)
    }
    let picture = "Datasets/digits-png/3/003.png"
    for arguments in [
      ["classify", "gru", picture], ["evaluate", "gru", "digits"], ["calibrate", "gru", "digits"],
      ["compare", "gru", "gru", "--data", "digits"],
      ["export", "gru", "-o", "x.onnx", "--weights", "int8", "--data", "digits"],
    ] {
      let run = try ToolRun(arguments + ["--precision", "bfloat16"], in: place.path)
      #expect(run.status == CommandStatus.usage.rawValue, "\(arguments)")
      #expect(run.errors.hasPrefix("rowwise: --precision bfloat16 is for lstm layers"))
      #expect(run.output == "")
    }
    for arguments in [
      ["classify", "lstm", picture], ["compare", "gru", "lstm", "--data", "digits", "--quiet"],
    ] {
      let run = try ToolRun(arguments + ["--precision", "bfloat16"], in: place.path)
      #expect(run.status == 0, "\(run.errors)")
    }
    let stacks = try place.rowwise("benchmark", "--layers", "gru:4", "--precision", "bfloat16")
    #expect(stacks.status == CommandStatus.usage.rawValue)
  }
}
