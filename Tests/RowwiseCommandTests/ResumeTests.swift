import Foundation
import Rowwise
import Testing

@testable import RowwiseCommand

/// `rowwise train --resume`: whatever ends a run, it goes on to the same bytes.
struct ResumeTests {
  static let options = [
    "train", "digits", "--epochs", "3", "--layers", "lstm:16,dropout:0.3,lstm:8", "--batch-size",
    "16", "--schedule", "cosine", "--warm-up", "0.5", "--average-decay", "0.99", "--augment",
    "strong", "--mixup", "0.2", "--cutmix", "1", "--checkpoint-every", "7", "--quiet",
  ]

  /// Killed at random moments, as by a power cut; Scripts/checks/kill.sh does it for longer.
  @Test(arguments: [1, 2, 3])
  func killedRunsEndTheSame(threads: Int) throws {
    let place = try Workplace()
    let whole = try ToolRun(Self.options + ["--threads", "2", "--output", "whole"], in: place.path)
    try #require(whole.status == 0, "\(whole.errors)")
    var random = SystemRandomNumberGenerator()
    var kills = 0
    for round in 0..<40 {
      let isBegun = FileManager.default.fileExists(atPath: "\(place.path)/run/config.json")
      let arguments =
        isBegun
        ? ["train", "--resume", "run", "--threads", "\(threads)", "--quiet"]
        : Self.options + ["--threads", "\(threads)", "--output", "run"]
      let run = try ToolRun(arguments, in: place.path) { process in
        guard round < 5 else { return }
        usleep(UInt32.random(in: 30_000...150_000, using: &random))
        if process.isRunning {
          kill(process.processIdentifier, SIGKILL)
          kills += 1
        }
      }
      #expect(run.errors == "")
      if round >= 5 {
        #expect(run.status == 0)
        break
      }
    }
    #expect(kills > 0)
    for name in ["model.safetensors", "last.safetensors"] {
      #expect(try place.bytes("run/\(name)") == place.bytes("whole/\(name)"), "\(name)")
    }
    let numbers = try ["run", "whole"].map { folder in
      try place.text("\(folder)/history.csv").split(separator: "\n").map {
        $0.split(separator: ",").prefix(6)
      }
    }
    #expect(numbers[0] == numbers[1])
    let left = try FileManager.default.contentsOfDirectory(atPath: "\(place.path)/run/checkpoints")
    #expect(left.count == 2 && left.allSatisfy { $0.hasSuffix(".safetensors") }, "\(left)")
  }

  @Test func interruptedRunsEndTheSame() throws {
    let place = try Workplace()
    let whole = try ToolRun(Self.options + ["--output", "whole"], in: place.path)
    try #require(whole.status == 0)
    let first = try ToolRun(
      Self.options.filter { $0 != "--quiet" } + ["--output", "run"], in: place.path
    ) { process in
      try waitForCheckpoint(place)
      kill(process.processIdentifier, SIGINT)
    }
    #expect(first.status == 130)
    #expect(first.errors.hasSuffix("go on with: rowwise train --resume run\n"))
    let second = try place.rowwise("train", "--resume", "run", "--threads", "1")
    #expect(second.status == 0)
    #expect(second.output == "run/model.safetensors\n")
    #expect(second.errors.contains("resuming in epoch "))
    #expect(try place.bytes("run/model.safetensors") == place.bytes("whole/model.safetensors"))
    let third = try place.rowwise("train", "--resume", "run")
    #expect(third.status == 0)
    #expect(third.errors.contains("the run is complete; nothing is left to do"))
    #expect(try place.bytes("run/model.safetensors") == place.bytes("whole/model.safetensors"))
  }

  /// Where the newest checkpoint is damaged the one before it is used, and says so.
  @Test func damagedCheckpointsAreLeftOut() throws {
    let place = try Workplace()
    _ = try ToolRun(Self.options + ["--output", "run"], in: place.path)
    let model = try place.bytes("run/model.safetensors")
    let folder = "run/checkpoints"
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(place.path)/\(folder)")
      .sorted()
    try #require(names.count == 2)
    var bytes = try place.bytes("\(folder)/\(names[1])")
    bytes[bytes.count / 2] ^= 1
    try place.write(bytes, to: "\(folder)/\(names[1])")
    let run = try place.rowwise("train", "--resume", "run")
    #expect(run.status == 0)
    #expect(
      run.errors.contains(
        "\(folder)/\(names[1]): not a checkpoint that can be used: its checksum does not fit"))
    #expect(try place.bytes("run/model.safetensors") == model)
    for name in names { try place.write(Data(bytes.prefix(1000)), to: "\(folder)/\(name)") }
    let none = try place.rowwise("train", "--resume", "run")
    #expect(none.status == CommandStatus.badData.rawValue)
    #expect(none.errors.contains("not a checkpoint that can be used"))
  }

  @Test func onlyTheSameRunIsResumed() throws {
    let place = try Workplace()
    _ = try place.rowwise(
      "train", "digits", "--epochs", "1", "--layers", "lstm:4", "--quiet", "--output", "run")
    let other = try place.rowwise("train", "--resume", "run", "--batch-size", "7")
    #expect(other.status == CommandStatus.usage.rawValue)
    #expect(
      other.errors
        == "rowwise: run: the run was started with batch_size 32, not 7; a run is resumed "
        + "with its own options: leave --batch-size out, or start a new run\n")
    let nothing = try place.rowwise("train", "--resume", "nowhere")
    #expect(nothing.status == CommandStatus.inputNotFound.rawValue)
    #expect(nothing.errors.contains("no run that could be resumed"))
    // Other data under the same name.
    var text = try place.text("run/config.json")
    text = text.replacingOccurrences(of: "\"digits\"", with: "\"Datasets/digits-png\"")
    try place.write(Data(text.utf8), to: "run/config.json")
    let data = try place.rowwise("train", "--resume", "run")
    #expect(data.status == CommandStatus.badData.rawValue)
    #expect(data.errors.contains("the run was started with other data"))
  }

  /// A finished run goes on with more epochs, with fewer it does not, and killed afterwards it goes on as
  /// the longer run that it has become.
  @Test func finishedRunsGoOnWithMoreEpochs() throws {
    let place = try Workplace()
    let options = ["train", "digits", "--recipe", "keras", "--layers", "lstm:4", "--quiet"]
    let begun = try ToolRun(options + ["--epochs", "2", "--output", "run"], in: place.path)
    try #require(begun.status == 0, "\(begun.errors)")
    let fewer = try place.rowwise("train", "--resume", "run", "--epochs", "1")
    #expect(fewer.status == CommandStatus.usage.rawValue)
    #expect(
      fewer.errors.contains(
        "the run was started with 2 epochs, not 1; --resume goes on with as many or"))
    let nothing = try place.rowwise("train", "--resume", "run")
    #expect(nothing.status == 0)
    #expect(nothing.errors.contains("nothing is left to do; --epochs with a number above 2"))
    let more = try place.rowwise("train", "--resume", "run", "--epochs", "4")
    #expect(more.status == 0, "\(more.errors)")
    let rows = try place.text("run/history.csv").split(separator: "\n")
    #expect(rows.count == 5)
    #expect(try place.text("run/config.json").contains("\"epochs\": 4"))
    // The rate is that of a run of four: half a cosine from 0.001, two epochs in.
    #expect(rows[3].split(separator: ",")[5].hasPrefix("0.0005"))
    let again = try place.rowwise("train", "--resume", "run")
    #expect(again.errors.contains("nothing is left to do"))
  }

  /// A full disk stops training with the reason, and what is on it can be gone on with.
  @Test func fullDisksLeaveARunThatResumes() throws {
    let place = try Workplace()
    let whole = try ToolRun(Self.options + ["--output", "whole"], in: place.path)
    try #require(whole.status == 0)
    _ = try ToolRun(Self.options + ["--output", "run"], in: place.path) { process in
      try waitForCheckpoint(place)
      kill(process.processIdentifier, SIGKILL)
    }
    // A limit on the size of files is met as a full disk is: in the middle of a write.
    let blocks = try place.bytes("whole/model.safetensors").count / 1024 + 2
    let command =
      "trap '' XFSZ; ulimit -f \(blocks); exec '\(ToolRun.tool.path)' train --resume run"
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/bash")
    shell.arguments = ["-c", command]
    shell.currentDirectoryURL = URL(fileURLWithPath: place.path)
    let errors = Pipe()
    shell.standardError = errors
    shell.standardOutput = Pipe()
    try shell.run()
    shell.waitUntilExit()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(shell.terminationStatus == CommandStatus.inputOutput.rawValue, "\(text)")
    #expect(text.contains("run/checkpoints/step-"), "\(text)")
    #expect(
      text.contains("\ngo on with: rowwise train --resume run\nrowwise: cannot write "), "\(text)")
    let last = try place.rowwise("train", "--resume", "run", "--quiet")
    #expect(last.status == 0, "\(last.errors)")
    #expect(try place.bytes("run/model.safetensors") == place.bytes("whole/model.safetensors"))
  }

  /// Waits until a run in `run` has written its first checkpoint.
  private func waitForCheckpoint(_ place: Workplace) throws {
    let deadline = Date(timeIntervalSinceNow: 20)
    func isThere() -> Bool {
      let folder = "\(place.path)/run/checkpoints"
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return names.contains { $0.hasPrefix("step-") }
    }
    while !isThere(), Date() < deadline { usleep(1_000) }
  }

  /// Data that lie elsewhere are the same where their fingerprint is.
  @Test func movedDataAreAccepted() throws {
    let place = try Workplace()
    for index in 0..<8 {
      try place.writePicture("base/a/\(index).png", value: UInt8(index))
      try place.writePicture("base/b/\(index).png", value: UInt8(200 + index))
    }
    let begun = try place.rowwise(
      "train", "base", "--epochs", "1", "--layers", "lstm:2", "--quiet", "--output", "run")
    #expect(begun.status == 0, "\(begun.errors)")
    // From another folder: the path is relative to where the run was begun.
    let elsewhere = try ToolRun(
      ["train", "--resume", place.path + "/run", "--epochs", "2", "--quiet"], in: "/")
    #expect(elsewhere.status == 0, "\(elsewhere.errors)")
    let report = try place.rowwise("evaluate", "run", "base", "--report", "report")
    #expect(report.status == 0, "\(report.errors)")
    try FileManager.default.moveItem(atPath: place.path + "/base", toPath: place.path + "/moved")
    let lost = try place.rowwise("train", "--resume", "run", "--epochs", "3")
    #expect(lost.status == CommandStatus.inputNotFound.rawValue)
    #expect(
      lost.errors.contains("if the data were moved: rowwise train NEW-PATH --resume run"),
      "\(lost.errors)")
    let found = try place.rowwise(
      "train", "moved", "--resume", "run", "--epochs", "3", "--quiet")
    #expect(found.status == 0, "\(found.errors)")
    // The same samples, also for a comparison with an earlier evaluation.
    let compared = try place.rowwise(
      "evaluate", "run", "moved", "--baseline", "report/metrics.json")
    #expect((compared.output + compared.errors).contains("on the same samples"))
    try place.writePicture("moved/a/0.png", value: 99)
    let other = try place.rowwise("train", "moved", "--resume", "run", "--epochs", "4")
    #expect(other.errors.contains("the run was started with other data"), "\(other.errors)")
  }
}
