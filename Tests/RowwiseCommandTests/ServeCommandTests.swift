import Foundation
import Testing

@testable import RowwiseCommand

@Suite(.serialized) struct ServeCommandTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    for (name, value) in [("a", 40), ("b", 200)] {
      for index in 0..<6 {
        try place.writePicture("data/\(name)/\(index).png", value: UInt8(value + index))
      }
    }
    let run = try place.rowwise(
      "train", "data", "--epochs", "1", "--layers", "lstm:2", "--size", "4x4", "--output", "model")
    #expect(run.status == 0, "\(run.errors)")
  }

  @Test func servesUntilItIsEnded() throws {
    try place.write(Data("0123456789abcdef\n".utf8), to: "token")
    let run = try ToolRun(
      [
        "serve", "model", "other=model", "--port", "0", "--log", "log.jsonl", "--watch",
        "--token-file", "token",
      ], in: place.path
    ) { process in
      // Until it listens: the signal would end it before that.
      Thread.sleep(forTimeInterval: 3)
      process.terminate()
    }
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("serving model, other at http://127.0.0.1:"))
    #expect(run.output.isEmpty)
    #expect(try place.text("log.jsonl").isEmpty)
  }

  @Test(arguments: [
    (["none"], 66, "none: no such file"), (["model", "model"], 64, "two models are called"),
    (["model", "--port", "65536"], 64, "--port must be from 0 to 65535"),
    (["model", "--batch-delay", "-1"], 64, "--batch-delay must be from"),
    (["model", "--max-body", "300"], 64, "--body-memory 256 has no room"),
    (["a b=model"], 64, "a model's name"), (["=model"], 64, "a model's name"),
    (["model", "--token-file", "data/a/0.png"], 65, "no token"),
    (["model", "--token-file", "none"], 66, "none"),
    (["model", "--log", "none/log", "--port", "0"], 73, "no folder none"),
    (["model", "--host", "256.0.0.1", "--port", "0"], 71, "cannot listen at 256.0.0.1"),
  ])
  func mistakesAreTold(_ arguments: [String], _ status: Int32, _ words: String) throws {
    let run = try place.rowwise(["serve"] + arguments)
    #expect(run.status == status, "\(run.errors)")
    #expect(run.errors.contains(words), "\(run.errors)")
  }

  @Test(arguments: [
    (["runs/a-1/model.safetensors"], "a-1"), (["b.safetensors"], "b"), (["c/x.bin"], "x.bin"),
    (["a/model.safetensors", "b.safetensors"], "a+b"), (["model.safetensors"], "model"),
  ])
  func namesOfModels(_ paths: [String], _ name: String) {
    #expect(ServedName.derived(from: paths) == name)
  }
}
