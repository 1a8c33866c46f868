import Foundation
import RowwiseImageDecoding
import Testing

@testable import RowwiseCommand

/// Exit status 1 where images cannot be read, the same with all commands that read images.
struct IncompleteInputTests {
  private static func makePlace() throws -> Workplace {
    let place = try Workplace()
    for part in ["train", "val", "test"] {
      for number in 0..<6 {
        try place.writePicture("data/\(part)/dark/\(number).png", value: UInt8(number))
        try place.writePicture("data/\(part)/light/\(number).png", value: UInt8(240 + number))
      }
      try place.write(Data("no picture".utf8), to: "data/\(part)/light/bad.png")
    }
    try place.write(
      Data("data: data\nepochs: 1\nlayers: lstm:4\n".utf8), to: "space.yaml")
    return place
  }

  /// Everything is done all the same, and who has asked for quiet is told of the images, too.
  @Test func allCommandsAreAlike() throws {
    let place = try Self.makePlace()
    let train = ["train", "data", "--epochs", "1", "--layers", "lstm:4"]
    let commands: [(arguments: [String], output: String)] = [
      (train + ["--output", "run"], "run/model.safetensors\n"),
      (["train", "--resume", "run"], "run/model.safetensors\n"),
      (train + ["--folds", "2", "--output", "folds"], "fold "),
      (train + ["--find-learning-rate", "--output", "rates"], ""),
      (["search", "space.yaml", "--trials", "2", "--output", "search"], "run "),
      (["evaluate", "run", "data", "--report", "report"], "class "),
      (["calibrate", "run", "data", "--output", "c.safetensors"], "c.safetensors\n"),
      (["compare", "run", "run", "--data", "data"], ""),
      (["compare", "--baselines", "data", "--epochs", "1", "--parameters", "500"], ""),
      (["export", "run", "-o", "m.onnx", "--weights", "int8", "--data", "data"], ""),
      (["inspect", "data"], "data set "),
      (
        ["inspect", "data", "--augment", "light", "--contact-sheet", "s.png"],
        "s.png\n"
      ),
      (["classify", "run", "data/val"], "data/val/dark/0.png"),
    ]
    for (arguments, output) in commands {
      let run = try ToolRun(arguments + ["--quiet"], in: place.path)
      let name = arguments.joined(separator: " ")
      #expect(run.status == CommandStatus.someInputsFailed.rawValue, "\(name): \(run.errors)")
      #expect(run.output.hasPrefix(output), "\(name): \(run.output)")
      #expect((run.errors + run.output).contains("bad.png: not a picture"), "\(name)")
    }
    // Several runs on the same data tell of them once: of each part's file, and in all.
    for arguments in [
      train + ["--folds", "2", "--output", "folds-2"],
      ["search", "space.yaml", "--trials", "2", "--output", "search-2"],
      ["compare", "--baselines", "data", "--epochs", "1", "--parameters", "500"],
    ] {
      try place.write(Data("notes".utf8), to: "data/train/dark/notes.txt")
      let run = try ToolRun(arguments, in: place.path)
      for text in ["train/light/bad.png: not a picture", "ignored: 1 (data/train/dark/notes.txt)"] {
        let count = run.errors.components(separatedBy: text).count - 1
        #expect(count == 1, "\(arguments): \(run.errors)")
      }
    }
    #expect(place.contents.contains("folds/folds.csv") && place.contents.contains("m.onnx"))
    // Where another part is not read, its images are not missed.
    try FileManager.default.removeItem(atPath: "\(place.path)/data/test/light/bad.png")
    #expect(try place.rowwise("evaluate", "run", "data").status == 0)
  }
}
