import Foundation
import RowwiseImageDecoding
import Synchronization
import Testing

@testable import RowwiseCommand

/// Every option of every command with numbers that nobody means: it works, or says in one row what is
/// wrong, within seconds.
@Suite(.serialized) struct OptionSweepTests {
  /// What `--experimental-dump-help` writes, as far as it matters here.
  private struct Dump: Decodable {
    struct Command: Decodable {
      let commandName: String
      let arguments: [Argument]?
      let subcommands: [Command]?
    }
    struct Argument: Decodable {
      struct Name: Decodable {
        let kind: String
        let name: String
      }
      let kind: String
      let preferredName: Name?
    }
    let command: Command
  }

  /// The command lines that options are added to; OUT is a new name for each run.
  private static let lines: [String: [String]] = [
    "train": ["data", "--epochs", "1", "--layers", "lstm:2", "--size", "4x4", "--output", "OUT"],
    "evaluate": ["model", "data"], "classify": ["model", "data/a/0.png"],
    "inspect": ["data/a/0.png"],
    "calibrate": ["model", "data", "--part", "whole", "--output", "OUT"],
    "compare": ["model", "model", "--data", "data"], "runs": ["."],
    "search": ["space.yaml", "--trials", "1", "--output", "OUT"],
    "export": ["model", "--output", "OUT"],
    "import": ["model/model.safetensors", "--output", "OUT"],
    "benchmark": ["--cases", "T1_b1", "--seconds", "0.01"],
  ]

  /// What has to be said besides, for an option to have its effect.
  private static let companions: [String: [String]] = [
    "momentum": ["--optimizer", "sgd"], "weight-decay": ["--optimizer", "adamw"],
    "schedule-epochs": ["--schedule", "step"], "schedule-factor": ["--schedule", "step"],
    "schedule-patience": ["--schedule", "plateau"], "schedule-floor": ["--schedule", "plateau"],
    "warm-up": ["--schedule", "cosine"], "minimum-delta": ["--patience", "2"],
    "fold-epochs": ["--folds", "2"], "fold-seed": ["--folds", "2"],
  ]

  static let values = [
    "-1", "0", "1", "9223372036854775807", "1e308", "nan", "",
    String(repeating: "9", count: 16_000),
  ]

  private let place: Workplace

  init() throws {
    place = try Workplace()
    for (name, value) in [("a", 40), ("b", 200)] {
      for index in 0..<6 {
        try place.writePicture("data/\(name)/\(index).png", value: UInt8(value + index))
      }
    }
    try place.write(
      Data("data: data\nepochs: 1\nlayers: lstm:2\nsize: 4x4\nmixup: {min: 0, max: 1}\n".utf8),
      to: "space.yaml")
    let run = try place.rowwise(
      "train", "data", "--epochs", "1", "--layers", "lstm:2", "--size", "4x4", "--output", "model")
    #expect(run.status == 0, "\(run.errors)")
  }

  /// Long options of every command that take a value.
  private func options() throws -> [(command: String, name: String)] {
    let dump = try place.rowwise("--experimental-dump-help")
    let commands = try JSONDecoder().decode(Dump.self, from: Data(dump.output.utf8)).command
    return (commands.subcommands ?? []).flatMap { command in
      (command.arguments ?? []).filter { $0.kind == "option" }.compactMap { argument in
        argument.preferredName.flatMap { $0.kind == "long" ? (command.commandName, $0.name) : nil }
      }
    }
  }

  @Test func everyOptionEndsInARowOrWorks() throws {
    let options = try options()
    #expect(options.count > 80)
    #expect(Set(options.map(\.command)).isSuperset(of: Self.lines.keys))
    let cases: [(String, String, String)] = options.flatMap { option in
      Self.values.map { (option.command, option.name, $0) }
    }.filter { Self.lines[$0.0] != nil }
    let problems = Mutex<[String]>([])
    let folder = place.path
    DispatchQueue.concurrentPerform(iterations: cases.count) { index in
      let (command, name, value) = cases[index]
      if let problem = Self.problem(command, name, value, number: index, in: folder) {
        problems.withLock { $0.append(problem) }
      }
    }
    let found = problems.withLock { $0 }
    #expect(found.isEmpty, "\(found.sorted().joined(separator: "\n"))")
  }

  /// What a run does that it should not; nil where nothing.
  private static func problem(
    _ command: String, _ name: String, _ value: String, number: Int, in folder: String
  ) -> String? {
    let base = (Self.lines[command] ?? []).map { $0 == "OUT" ? "out-\(number)" : $0 }
    var arguments = [command] + base
    // A second value of the same option would only be the one that counts.
    if let place = arguments.firstIndex(of: "--\(name)") {
      arguments.removeSubrange(place...place + 1)
    }
    if name == "layers" {
      if let place = arguments.firstIndex(of: "--cases") {
        arguments.removeSubrange(place...place + 1)
      }
    }
    arguments += (Self.companions[name] ?? []) + ["--\(name)=\(value)"]
    let title = "\(command) --\(name)=\(value.prefix(20))"
    do {
      let start = ContinuousClock.now
      let timeout = Timeout()
      defer { timeout.watch(nil) }
      let run = try ToolRun(arguments, in: folder) { process in
        timeout.watch(process)
        DispatchQueue.global().asyncAfter(deadline: .now() + 120) { timeout.end() }
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      guard [0, 1, 64, 65, 66, 71, 73, 74].contains(run.status) else {
        return "\(title): status \(run.status), \(run.errors.suffix(300))"
      }
      if seconds > 100 { return "\(title): \(Int(seconds)) s" }
      guard run.status > 1 else { return nil }
      let rows = run.errors.split(separator: "\n").filter { $0.hasPrefix("rowwise: ") }
      if rows.count != 1 || run.errors.utf8.count > 4_000 {
        return "\(title): \(rows.count) rows of \(run.errors.utf8.count) bytes"
      }
      return nil
    } catch {
      return "\(title): \(error)"
    }
  }

  /// Ends a process that takes too long. One that has ended is let go: its open files would be too many
  /// until all timeouts are over.
  private final class Timeout: @unchecked Sendable {
    // SAFETY: read and written with the lock held; Process may be told to end from any thread.
    private let lock = NSLock()
    private var process: Process?

    func watch(_ process: Process?) { lock.withLock { self.process = process } }
    func end() { lock.withLock { if process?.isRunning == true { process?.terminate() } } }
  }

  @Test func aFoldWithoutFoldsAndWeightsOfNothingAreRefused() throws {
    for (arguments, text) in [
      (["--fold", "1"], "--fold must be one of --folds, got 1"),
      (["--fold", "0", "--folds", "2"], "--fold must be one of --folds, got 0"),
      (["--class-weights", "0,0"], "expected a weight above 0 for at least one class"),
      (["--class-weights", "1,1e7"], "--class-weights must be from 0 to 1000000, got 10000000"),
      (["--class-weights", "1"], "1 class weights for 2 classes; give one each"),
      (["--layers", "lstm:65536"], "of memory;"),
      (["--memory", "1"], "of memory; 2 MB are allowed"),
      (["--checkpoint-every", "1e300s"], "--checkpoint-every must be from 0 to 1000000000"),
    ] {
      let run = try ToolRun(["train", "data", "--output", "x"] + arguments, in: place.path)
      #expect(run.status == (text.contains("memory") ? 71 : 64), "\(arguments)")
      #expect(run.errors.contains(text), "\(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: place.path + "/x"))
    }
    let run = try ToolRun(
      ["compare", "--baselines", "data", "--parameters", "100000000000"], in: place.path)
    #expect(run.status == 71 && run.errors.contains("of memory;"), "\(run.errors)")
    let timing = try ToolRun(["benchmark", "--layers", "lstm:65536"], in: place.path)
    #expect(timing.status == 71 && timing.errors.contains("comparing lstm:65536 needs"))
  }

  @Test func rangesAreThoseOfOptions() throws {
    let names = Set(try options().map(\.name))
    for name in Array(OptionRange.whole.keys) + OptionRange.real.keys {
      #expect(names.contains(name) || name == "fold", "\(name)")
    }
  }
}
