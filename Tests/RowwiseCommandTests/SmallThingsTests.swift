import Foundation
import Testing

@testable import RowwiseCommand

/// Folders of killed runs, pipes in place of files, and fewer epochs.
@Suite struct SmallThingsTests {
  private func place() throws -> Workplace {
    let place = try Workplace()
    for index in 0..<6 {
      try place.writePicture("data/a/\(index).png", value: UInt8(40 + index))
      try place.writePicture("data/b/\(index).png", value: UInt8(200 + index))
    }
    return place
  }

  private let small = ["--layers", "lstm:2", "--epochs", "2", "--size", "4x4"]

  @Test func whatAKilledRunLeftIsCleaned() throws {
    let place = try place()
    try place.write(Data([1]), to: "out/.config.json.9999999-0.partial")
    try place.write(Data([1]), to: "out/checkpoints/.step-1.safetensors.9999999-0.partial")
    let run = try ToolRun(["train", "data", "--output", "out"] + small, in: place.path)
    #expect(run.status == 0, "\(run.errors)")
    #expect(!place.contents.contains { $0.hasSuffix(".partial") })
    try place.write(Data([1]), to: "other/.x.9999999-0.partial")
    try place.write(Data([1]), to: "other/checkpoints/step-1.safetensors")
    let refused = try ToolRun(["train", "data", "--output", "other"] + small, in: place.path)
    #expect(refused.status == 73 && refused.errors.contains("not empty"))
  }

  @Test func fewerEpochsAreNamed() throws {
    let place = try place()
    let run = try ToolRun(["train", "data", "--output", "out"] + small, in: place.path)
    #expect(run.status == 0, "\(run.errors)")
    let fewer = try place.rowwise("train", "--resume", "out", "--epochs", "1")
    #expect(fewer.status == 64)
    #expect(
      fewer.errors
        == "rowwise: out: the run was started with 2 epochs, not 1; --resume goes on with "
        + "as many or with more, such as --epochs 3; for fewer, start a new run\n")
    #expect(try place.rowwise("train", "--resume", "out", "--epochs", "3").status == 0)
  }

  @Test func pipesAreNamed() throws {
    let place = try place()
    #expect(mkfifo(place.path + "/pipe.safetensors", 0o600) == 0)
    #expect(mkfifo(place.path + "/pipe", 0o600) == 0)
    for arguments in [
      ["classify", "pipe.safetensors", "data/a/0.png"], ["classify", "pipe", "data/a/0.png"],
      ["train", "--config", "pipe"], ["evaluate", "pipe.safetensors", "data"],
    ] {
      let run = try ToolRun(arguments, in: place.path)
      #expect([65, 66, 74].contains(run.status), "\(arguments) \(run.status)")
      #expect(run.errors.contains("a pipe"), "\(run.errors)")
    }
  }

  @Test func optionsComeThroughAPipe() throws {
    let place = try place()
    func train(_ command: String) throws -> ToolRun {
      try ToolRun(
        ["-c", "\(command) '\(ToolRun.tool.path)' train --config \"$0\" --output out", "pipe"],
        in: place.path, tool: URL(fileURLWithPath: "/bin/sh"))
    }
    #expect(mkfifo(place.path + "/pipe", 0o600) == 0)
    // Slowly, and begun only once somebody waits for it.
    let run = try train(
      "(sleep 0.2; printf 'data: data\\nlayers: lstm:2\\n'; sleep 0.2; "
        + "printf 'epochs: 1\\nsize: 4x4\\n') >pipe &")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try place.text("out/config.json").contains("\"layers\": \"lstm:2\""))
    let wrong = try train("printf 'data: data\\nepoch: 1\\n' >pipe &")
    #expect(wrong.status == 64)
    #expect(
      wrong.errors
        == "rowwise: pipe, line 2: there is no option \"epoch\"; did you mean \"epochs\"?\n")
    let endless = try train("yes >pipe 2>&1 &")
    #expect(endless.status == 65 && endless.errors.contains("longer than 1048576 bytes"))
  }

  @Test func aManifestWithOneLabelInTwoFormsIsReported() throws {
    let place = try place()
    try place.write(
      Data("path,label\ndata/a/0.png,\u{E9}\ndata/b/0.png,b\ndata/a/1.png,e\u{301}\n".utf8),
      to: "list.csv")
    let model = try ToolRun(["train", "data", "--output", "m"] + small, in: place.path)
    #expect(model.status == 0, "\(model.errors)")
    for arguments in [
      ["train", "list.csv"], ["evaluate", "m", "list.csv"], ["inspect", "list.csv"],
    ] {
      let run = try ToolRun(arguments, in: place.path)
      #expect(run.status == 65, "\(arguments) \(run.status)")
      #expect(
        run.errors.contains(
          "list.csv, line 4: the label e\u{301} is that of line 2, written as U+E9 there")
          && run.errors.contains("and as U+301 here; write both one way"), "\(run.errors)")
    }
  }

  @Test func calibrationWithoutABestTemperatureChangesNothing() throws {
    let place = try place()
    let run = try ToolRun(
      [
        "train", "data", "--output", "out", "--layers", "lstm:4", "--epochs", "60", "--size", "4x4",
        "--recipe", "keras", "--learning-rate", "0.05", "--batch-size", "4",
      ], in: place.path)
    #expect(run.status == 0, "\(run.errors)")
    let before = try place.bytes("out/model.safetensors")
    let calibrated = try place.rowwise(
      "calibrate", "out", "data", "--part", "whole", "--output", "new.safetensors")
    #expect(calibrated.status == 0, "\(calibrated.errors)")
    #expect(
      calibrated.errors.contains("the probabilities stay as they are"), "\(calibrated.errors)")
    #expect(calibrated.errors.contains("temperature 1.0000"))
    #expect(try place.bytes("out/model.safetensors") == before)
  }
}
