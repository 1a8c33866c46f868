import Foundation
import TestSupport
import Testing

@testable import RowwiseCommand

/// What the tool says about input that is of no use: one row, the right status, nothing written.
struct BadInputTests {
  /// A folder with one of each.
  static func makePlace() throws -> Workplace {
    let place = try Workplace()
    _ = try place.rowwise(
      "train", "digits", "--epochs", "1", "--layers", "lstm:32", "--output", "model")
    let model = try place.bytes("model/model.safetensors")
    try place.write(model.prefix(model.count / 2), to: "half.safetensors")
    try place.folder.folder("empty")
    try place.writePicture("one/class/1.png", value: 1)
    try place.writePicture("picture.png", value: 1)
    try place.writePicture("hollow/a/1.png", value: 1)
    try place.writePicture("hollow/b/1.png", value: 2)
    try place.folder.folder("hollow/c")
    try place.writePicture("two/a/1.png", value: 1)
    try place.writePicture("two/b/1.png", value: 2)
    try place.write(Data("path,label\n".utf8), to: "head.csv")
    try place.write(Data("onnx".utf8), to: "model.onnx")
    try place.write(Data("just text".utf8), to: "text.png")
    let digits = "Datasets/digits/"
    for name in ["train-images-idx3", "t10k-images-idx3", "t10k-labels-idx1"] {
      try place.write(
        try place.bytes("\(digits)\(name)-ubyte.gz"), to: "mixed/\(name)-ubyte.gz")
      try place.write(try place.bytes("\(digits)\(name)-ubyte.gz"), to: "cut/\(name)-ubyte.gz")
    }
    try place.write(
      try place.bytes("\(digits)t10k-labels-idx1-ubyte.gz"), to: "mixed/train-labels-idx1-ubyte.gz")
    try place.write(
      try place.bytes("\(digits)train-labels-idx1-ubyte.gz"), to: "cut/train-labels-idx1-ubyte.gz")
    try place.write(
      try place.bytes("\(digits)train-images-idx3-ubyte.gz").prefix(3000),
      to: "cut/train-images-idx3-ubyte.gz")
    return place
  }

  @Test func oneRowTheRightStatusAndNothingWritten() throws {
    let place = try Self.makePlace()
    let before = place.contents
    for item in Self.cases {
      let run = try ToolRun(item.arguments, in: place.path)
      let name = item.arguments.joined(separator: " ")
      #expect(run.output == "", "\(name)")
      #expect(run.status == item.status.rawValue, "\(name)")
      let expected = "rowwise: \(item.message)"
      if expected.hasSuffix("…") {
        #expect(run.errors.hasPrefix(expected.dropLast()), "\(name): \(run.errors)")
        #expect(run.errors.hasSuffix("\n") && run.errors.filter { $0 == "\n" }.count == 1)
      } else {
        #expect(run.errors == expected + "\n", "\(name)")
      }
      #expect(place.contents == before, "\(name)")
    }
  }

  /// Of a class folder without images training makes an error, but nobody else.
  @Test func emptyClassFoldersStopTrainingOnly() throws {
    let place = try Workplace()
    for part in ["train", "val", "test"] {
      for number in 0..<4 {
        try place.writePicture("data/\(part)/a/\(number).png", value: UInt8(number))
        try place.writePicture("data/\(part)/b/\(number).png", value: UInt8(240 + number))
      }
    }
    try place.folder.folder("data/val/b2")
    try place.folder.folder("data/test/b2")
    let train = ["train", "data", "--epochs", "1", "--layers", "lstm:2"]
    let trained = try ToolRun(train + ["--output", "run"], in: place.path)
    #expect(trained.status == 0, "\(trained.errors)")
    let sound = try place.rowwise("inspect", "data")
    #expect(sound.status == 0 && !sound.output.contains("not to be trained on"))
    try place.folder.folder("data/train/b2")
    let refused = try ToolRun(train, in: place.path)
    let text =
      "data: no image in the class folder data/train/b2; add PNG, JPEG, PNM or BMP files, or remove "
      + "the folder"
    #expect(refused.status == CommandStatus.badData.rawValue)
    #expect(refused.errors == "rowwise: \(text)\n")
    let evaluated = try place.rowwise("evaluate", "run", "data")
    #expect(evaluated.status == 0)
    #expect(evaluated.errors == "warning: classes without images in test: b2\n")
    let inspected = try place.rowwise("inspect", "data")
    #expect(inspected.status == 0)
    let words = inspected.output.split { $0.isWhitespace }.joined(separator: " ")
    #expect(words.contains("not to be trained on as it is: \(text) files 24 pictures"))
    for part in ["train", "validation", "test"] {
      #expect(words.split(separator: "classes without images in \(part): b2").count == 2)
    }
  }

  /// An image that cannot be read has its row of output, and here it is the only one.
  @Test func unreadableImageHasARow() throws {
    let place = try Self.makePlace()
    let run = try place.rowwise("classify", "model", "text.png", "--format", "csv", "--top", "1")
    #expect(run.status == CommandStatus.badData.rawValue)
    #expect(run.errors == "rowwise: \(Self.notAPicture)\n")
    #expect(
      run.output.hasPrefix(
        "path,prediction,probability,error,unusual,inverted\ntext.png,,,\"not a picture: "))
  }

  /// A path where nothing is loses none of the others.
  @Test func missingImageHasARow() throws {
    let place = try Self.makePlace()
    let digit = "\(Workplace.package.path)/Datasets/digits-png/3/003.png"
    let both = try place.rowwise(
      "classify", "model", "none.png", digit, "--format", "csv", "--top", "1")
    #expect(both.status == CommandStatus.someInputsFailed.rawValue)
    let rows = both.output.split(separator: "\n")
    #expect(rows.count == 3 && rows[1].hasPrefix("none.png,,,"))
    #expect(rows.last?.hasPrefix(digit) == true && rows.last?.hasSuffix(",,,false") == true)
    let alone = try place.rowwise("classify", "model", "none.png")
    #expect(alone.status == CommandStatus.inputNotFound.rawValue)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "Linux has /dev/full"))
  func fullDiskIsAnInputOutputError() throws {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "\"$0\" inspect Datasets/digits > /dev/full", ToolRun.tool.path]
    process.currentDirectoryURL = Workplace.package
    let errors = URL(fileURLWithPath: "\(folder.path)/errors")
    try Data().write(to: errors)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == CommandStatus.inputOutput.rawValue)
    #expect(
      String(decoding: try Data(contentsOf: errors), as: UTF8.self)
        == "rowwise: cannot write standard output: no space left on device\n")
  }

  /// Training that diverges stops with advice, and its folder stays to look into.
  @Test func divergenceKeepsItsFolder() throws {
    let place = try Workplace()
    let run = try place.rowwise(
      "train", "digits", "--recipe", "keras", "--layers", "lstm:4", "--optimizer", "sgd",
      "--learning-rate", "1e39")
    #expect(run.status == CommandStatus.badData.rawValue)
    #expect(run.output == "")
    let last = run.errors.split(separator: "\n").last ?? ""
    #expect(last.hasPrefix("rowwise: the loss is not a finite number in epoch 1, step "))
    #expect(last.hasSuffix("; try a smaller learning rate or gradient clipping"))
    #expect(place.contents.contains("runs/digits-1/config.json"))
    #expect(run.errors.contains("what was reached is in runs/digits-1"))
    let logged = try place.rowwise(
      "train", "digits", "--recipe", "keras", "--layers", "lstm:4", "--optimizer", "sgd",
      "--learning-rate", "1e39",
      "--tensorboard", "--output", "a/b")
    #expect(logged.status == CommandStatus.badData.rawValue)
    #expect(place.contents.contains("a/b/config.json"))
  }
}
