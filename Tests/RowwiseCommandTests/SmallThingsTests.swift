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
