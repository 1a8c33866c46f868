import Foundation
import RowwiseSafetensors
import Testing

@testable import RowwiseCommand

/// What is said where the machine lacks something, and of models that no picture goes through.
@Suite struct ResourceTests {
  @Test func memoryIsWrittenAsPeopleDo() {
    #expect(MemoryPlan.text(1) == "1 MB")
    #expect(MemoryPlan.text(12_940_000_000) == "12.9 GB")
    #expect(MemoryPlan.text(999_000_000) == "999 MB")
  }

  @Test func plansAreHeldAgainstWhatIsAllowed() throws {
    let plan = MemoryPlan(what: "it", bytes: 2e9, advice: "want less")
    #expect(
      throws: CommandFailure(
        message: "it needs 2.0 GB of memory; 1.0 GB are allowed; want less, or raise --memory",
        status: .systemLacks)
    ) { try plan.check(allowed: 1000) }
    try plan.check(allowed: 2000)
    let available = try #require(MemoryPlan.available)
    #expect(available > 1e6 && available < 1e15)
    #expect(throws: CommandFailure.self) {
      try MemoryPlan(what: "it", bytes: 1e16, advice: "").check(allowed: nil)
    }
    // Whatever is allowed, the system has the last word.
    #expect(throws: CommandFailure.self) {
      try MemoryPlan(what: "it", bytes: 1e16, advice: "").check(allowed: 1 << 40)
    }
  }

  /// Runs the tool under a shell that limits it first.
  private func limited(_ limit: String, _ arguments: String, in place: Workplace) throws -> ToolRun
  {
    try ToolRun(
      ["-c", "ulimit \(limit); exec '\(ToolRun.tool.path)' \(arguments)"], in: place.path,
      tool: URL(fileURLWithPath: "/bin/sh"))
  }

  private func place() throws -> Workplace {
    let place = try Workplace()
    for index in 0..<6 {
      try place.writePicture("data/a/\(index).png", value: UInt8(40 + index))
      try place.writePicture("data/b/\(index).png", value: UInt8(200 + index))
    }
    return place
  }

  #if os(Linux)
    @Test(arguments: [4, 5, 6, 8, 16])
    func fewDescriptors(count: Int) throws {
      let place = try place()
      let run = try limited(
        "-n \(count)", "train data --layers lstm:2 --epochs 1 --size 4x4 --output out", in: place)
      #expect([0, 1, 65, 71, 73, 74].contains(run.status), "\(run.status) \(run.errors)")
      if run.status > 1 {
        #expect(run.errors.contains("oo many open files"), "\(run.errors)")
        #expect(!place.contents.contains("out"), "\(place.contents)")
      }
    }

    @Test func littleAddressSpace() throws {
      let place = try place()
      let run = try limited(
        "-v 400000", "train data --layers lstm:8000 --epochs 1 --size 4x4 --output out", in: place)
      #expect(run.status == 71 && run.errors.contains("of memory;"), "\(run.status) \(run.errors)")
      #expect(!place.contents.contains("out"))
    }
  #endif

  @Test func foldsAndImportsArePlanned() throws {
    let place = try place()
    let train = try place.rowwise(
      "train", "data", "--layers", "lstm:256", "--epochs", "1", "--size", "4x4", "--output", "m")
    #expect(train.status == 0, "\(train.errors)")
    let folds = try place.rowwise(
      "evaluate", "m", "data", "--folds", "2", "--memory", "20", "--report", "r")
    #expect(folds.status == 71, "\(folds.errors)")
    #expect(folds.errors.contains("training networks like m needs"), "\(folds.errors)")
    #expect(folds.errors.contains("of memory; 21 MB are allowed; evaluate it without --folds"))
    #expect(!place.contents.contains("r"))
    let export = try place.rowwise("export", "m", "--output", "m.onnx")
    #expect(export.status == 0, "\(export.errors)")
    let refused = try place.rowwise(
      "import", "m.onnx", "--output", "n.safetensors", "--memory", "9")
    #expect(refused.status == 71, "\(refused.errors)")
    #expect(refused.errors.contains("importing m.onnx needs"), "\(refused.errors)")
    #expect(!place.contents.contains("n.safetensors"))
    #expect(
      try place.rowwise("import", "m.onnx", "--output", "n.safetensors", "--memory", "900").status
        == 0)
  }

  @Test func classifyRefusesWhatIsNoNumber() throws {
    let place = try place()
    let train = try place.rowwise(
      "train", "data", "--layers", "lstm:2", "--epochs", "1", "--size", "4x4", "--output", "m")
    #expect(train.status == 0, "\(train.errors)")
    // Finite weights whose sums are not.
    let path = "\(place.path)/m/model.safetensors"
    let file = try SafetensorsFile(path: path)
    let tensors = try file.tensors.map { tensor in
      try SafetensorsFile.Tensor.stored(
        name: tensor.name, shape: tensor.shape,
        values: [Float](repeating: 3e38, count: tensor.shape.reduce(1, *)), as: .float32)
    }.flatMap { $0 }
    try SafetensorsFile(tensors: tensors, metadata: file.metadata).write(toPath: path)
    let run = try place.rowwise("classify", "m", "data/a/0.png", "--format", "csv")
    #expect(run.status == 65)
    #expect(run.output.contains("its probabilities are not numbers; a model that gives NaN"))
    for more in [["--format", "csv"], ["--every-row"]] {
      let stream = try place.rowwise(["classify", "m", "--stream", "data/a/0.png"] + more)
      #expect(stream.status == 65, "\(more)")
      #expect(stream.output.contains("its probabilities are not numbers"), "\(more)")
    }
    let exit = try place.rowwise("calibrate", "m", "data", "--early-exit", "lost<=0.1", "--quiet")
    #expect(exit.status == 65 && !exit.errors.contains("internal error"), "\(exit.errors)")
    let evaluate = try place.rowwise("evaluate", "m", "data")
    #expect(evaluate.status == 65 && evaluate.errors.contains("not a number"))
  }

  @Test func aRunThatDivergesKeepsItsFolder() throws {
    let place = try place()
    let run = try place.rowwise(
      "train", "data", "--layers", "lstm:2", "--epochs", "3", "--size", "4x4", "--optimizer", "sgd",
      "--learning-rate", "1e6", "--clip-norm", "none", "--recipe", "keras", "--output", "out")
    #expect(run.status == 65 || run.status == 0, "\(run.errors)")
    #expect(place.contents.contains("out/config.json"))
    #expect(!run.errors.contains("internal error"))
  }

  @Test func modelsThatClaimMuchAreRefusedUnlessAllowed() throws {
    let place = try place()
    let train = try place.rowwise(
      "train", "data", "--layers", "lstm:2", "--epochs", "1", "--size", "16x16",
      "--reading-order", "pixels", "--output", "m")
    #expect(train.status == 0, "\(train.errors)")
    let path = "\(place.path)/m/model.safetensors"
    let file = try SafetensorsFile(path: path)
    let metadata = file.metadata.mapValues {
      $0.replacingOccurrences(of: "\"height\":16", with: "\"height\":4096")
        .replacingOccurrences(of: "\"width\":16", with: "\"width\":4096")
    }
    let tensors = try file.tensors.flatMap {
      try SafetensorsFile.Tensor.stored(
        name: $0.name, shape: $0.shape, values: try file.weights(named: $0.name), as: .float32)
    }
    try SafetensorsFile(tensors: tensors, metadata: metadata).write(toPath: path)
    for command in [["classify", "m", "data/a/0.png"], ["evaluate", "m", "data"]] {
      let run = try ToolRun(command, in: place.path)
      #expect(run.status == 65)
      #expect(run.errors.contains("million multiplications to read one picture"), "\(run.errors)")
      #expect(run.errors.contains("--picture-memory"))
    }
    #expect(try place.rowwise("inspect", "m").status == 0)
  }
}
