import Foundation
import TestSupport
import Testing

@testable import RowwiseCommand

struct RunFolderTests {
  @Test func runsAreNumbered() throws {
    let folder = try TemporaryFolder()
    let parent = "\(folder.path)/runs"
    #expect(
      try RunFolder(numberedFor: "data/digits/", parent: parent).path == "\(parent)/digits-1")
    #expect(try RunFolder(numberedFor: "digits", parent: parent).path == "\(parent)/digits-2")
    try folder.folder("runs/digits-11")
    try folder.folder("runs/digits-x")
    try folder.folder("runs/digits-small-40")
    let run = try RunFolder(numberedFor: "digits", parent: parent)
    #expect(run.path == "\(parent)/digits-12")
    #expect(run.file("history.csv") == "\(parent)/digits-12/history.csv")
    #expect(FileManager.default.fileExists(atPath: run.path))
  }

  @Test func namesAreMadeOfData() {
    #expect(RunFolder.name(for: "fashion-mnist") == "fashion-mnist")
    #expect(RunFolder.name(for: "/a b/c d.csv") == "c-d.csv")
    #expect(RunFolder.name(for: "..") == "run")
    #expect(RunFolder.name(for: "/") == "run")
    #expect(RunFolder.name(for: ".hidden") == "hidden")
    #expect(RunFolder.name(for: "größe\n\u{1B}[2J") == "größe---2J")
    #expect(RunFolder.name(for: String(repeating: "x", count: 500)).count == 64)
  }

  @Test func namedFoldersAreCreatedOrEmpty() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a/b/c"
    let run = try RunFolder(creating: path)
    #expect(run.path == path)
    #expect(try RunFolder(creating: path).path == path, "an empty folder may be used")
    try folder.write([], to: "a/b/c/model.safetensors")
    #expect(throws: CommandError.outputNotEmpty(path: path)) { try RunFolder(creating: path) }
    run.discard()
    #expect(FileManager.default.fileExists(atPath: "\(path)/model.safetensors"))
    let file = "\(path)/model.safetensors"
    #expect(throws: CommandError.cannotCreateFolder(path: file, code: EEXIST)) {
      try RunFolder(creating: file)
    }
    #expect(throws: CommandError.cannotCreateFolder(path: "\(file)/x", code: ENOTDIR)) {
      try RunFolder(creating: "\(file)/x")
    }
  }

  @Test func unusedFoldersGoAgain() throws {
    let folder = try TemporaryFolder()
    try RunFolder(creating: "\(folder.path)/new").discard()
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/new"))
    try folder.folder("old")
    try RunFolder(creating: "\(folder.path)/old").discard()
    #expect(FileManager.default.fileExists(atPath: "\(folder.path)/old"))
  }

  static let records = [
    EpochRecord(
      epoch: 1, loss: 2.25, accuracy: 0.125, validationLoss: nil, validationAccuracy: nil,
      learningRate: 0.001, samplesPerSecond: 12345.6, seconds: 61.2),
    EpochRecord(
      epoch: 2, loss: 1 / 3, accuracy: 0.975, validationLoss: 0.5, validationAccuracy: 1,
      learningRate: 5e-7, samplesPerSecond: .infinity, seconds: 0),
  ]

  @Test func historyIsWrittenInFull() {
    #expect(
      HistoryTable.text(Self.records) == """
        epoch,loss,accuracy,validation_loss,validation_accuracy,learning_rate,samples_per_second,seconds,validation_macro_f1
        1,2.25,0.125,,,0.001,12345.6,61.2,
        2,0.3333333333333333,0.975,0.5,1.0,5e-07,,0.0,

        """)
  }

  @Test func epochsReadAsOneRow() {
    #expect(
      Self.records[0].row(epochCount: 10).text(columns: 120)
        == "epoch  1/10: loss 2.2500, accuracy 12.50 %, 12,345 images/s, 1:01")
    #expect(
      Self.records[1].row(epochCount: 2).text(columns: 120)
        == "epoch 2/2: loss 0.3333, accuracy 97.50 %, validation loss 0.5000, "
        + "validation accuracy 100.00 %, 0:00")
  }
}
