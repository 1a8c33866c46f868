import Foundation
import Testing

@testable import RowwiseCommand

/// Outputs that cannot be written are found before any work is done.
struct OutputFileTests {
  /// Command lines that end in the output, and are given what would fail, or take long, after it.
  static let commands: [[String]] = [
    ["evaluate", "model", "no/where", "--require", "loss<9", "--junit"],
    ["inspect", "digits", "--augment", "light", "--contact-sheet"],
    ["calibrate", "model", "no/where", "--output"],
    [
      "export", "no/where", "--weights", "int8", "--data", "digits", "--to", "rowwise", "--output",
    ],
  ]

  @Test func filesAreCheckedFirst() throws {
    let place = try Workplace()
    _ = try place.rowwise(
      "train", "digits", "--epochs", "1", "--layers", "lstm:2", "--output", "model")
    try place.folder.folder("folder")
    try place.write(Data("text".utf8), to: "file")
    let before = place.contents
    for (path, reason) in [
      ("none/x", "there is no folder none; make it, or name a file in another one"),
      ("folder", "it is a folder; name a file in it"),
      ("file/x", "file is no folder; name a file in another one"),
    ] {
      for command in Self.commands {
        let run = try ToolRun(command + [path], in: place.path)
        #expect(run.errors == "rowwise: cannot write \(path): \(reason)\n", "\(command)")
        #expect(run.status == CommandStatus.cannotCreateOutput.rawValue && run.output == "")
      }
    }
    let imported = try place.rowwise("import", "no.onnx", "--output", "none/x.safetensors")
    #expect(imported.errors.hasPrefix("rowwise: cannot write none/x.safetensors: there is no"))
    #expect(place.contents == before)
  }

  @Test func foldersAreCheckedFirst() throws {
    let place = try Workplace()
    try place.write(Data("data: nowhere\n".utf8), to: "space.yaml")
    let before = place.contents
    for command in [
      ["train", "no/where", "--output"], ["train", "no/where", "--folds", "2", "--output"],
      ["train", "no/where", "--find-learning-rate", "--output"],
      ["search", "space.yaml", "--output"], ["compare", "--baselines", "no/where", "--report"],
    ] {
      let run = try ToolRun(command + ["space.yaml/x"], in: place.path)
      #expect(
        run.errors
          == "rowwise: cannot create the folder space.yaml/x: not a directory; name another one\n",
        "\(command)")
      #expect(run.status == CommandStatus.cannotCreateOutput.rawValue)
    }
    #expect(place.contents == before)
  }

  /// The report's folder is new, and the file is to lie in it.
  @Test func aFileMayLieInTheNewReport() throws {
    let place = try Workplace()
    _ = try place.rowwise(
      "train", "digits", "--epochs", "1", "--layers", "lstm:2", "--output", "model")
    let run = try place.rowwise(
      "evaluate", "model", "digits", "--require", "loss<9", "--report", "report", "--junit",
      "report/junit.xml")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try place.text("report/junit.xml").contains("<testsuite"))
    let failed = try place.rowwise(
      "evaluate", "model", "digits", "--require", "loss<9", "--report", "new", "--junit",
      "new/no/junit.xml")
    #expect(failed.errors.hasPrefix("rowwise: cannot write new/no/junit.xml: there is no folder "))
    #expect(!place.contents.contains("new"))
  }

  /// A run that is resumed is not trained further where nothing of it could be kept.
  @Test(.enabled(if: geteuid() != 0, "permissions do not bind the superuser"))
  func resumedFoldersAreChecked() throws {
    let place = try Workplace()
    _ = try place.rowwise(
      "train", "digits", "--epochs", "1", "--layers", "lstm:2", "--output", "model")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o500], ofItemAtPath: "\(place.path)/model")
    let run = try place.rowwise("train", "--resume", "model")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o700], ofItemAtPath: "\(place.path)/model")
    #expect(run.errors.hasPrefix("rowwise: cannot write model/history.csv: permission denied; "))
  }
}
