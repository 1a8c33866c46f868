import Foundation
import Testing

@testable import RowwiseCommand
@testable import RowwiseDatasetLoading

/// What is said of odd data, how often, and with `--quiet`.
struct DataWarningsTests {
  /// Two classes with ten pictures each, and files that are none.
  private func place() throws -> Workplace {
    let place = try Workplace()
    for index in 0..<10 {
      try place.writePicture("data/a/\(index).png", value: UInt8(index))
      try place.writePicture("data/b/\(index).png", value: UInt8(100 + index))
    }
    try place.write(Data("text".utf8), to: "data/a/notes.txt")
    return place
  }

  private let notes =
    "warning: files that are no picture by their name, ignored: 1 (data/a/notes.txt)\n"
  private let bad = "warning: 1 image was left out because it cannot be read:\n"

  private func count(_ text: String, in run: ToolRun) -> Int {
    run.errors.components(separatedBy: text).count - 1
  }

  @Test func oneFolderIsToldOfOnce() throws {
    let place = try place()
    try place.write(Data("no picture".utf8), to: "data/b/bad.png")
    try place.write(Data("data: data\nepochs: 1\nlayers: lstm:2\n".utf8), to: "space.yaml")
    for arguments in [
      ["train", "data", "--folds", "3", "--epochs", "1", "--layers", "lstm:2", "--output", "run"],
      ["search", "space.yaml", "--trials", "2", "--output", "found"],
      ["evaluate", "run/fold-1", "data"], ["calibrate", "run/fold-1", "data", "--part", "whole"],
      ["compare", "run/fold-1", "run/fold-2", "--data", "data"],
      ["compare", "--baselines", "data", "--epochs", "1", "--parameters", "100"],
    ] {
      let run = try ToolRun(arguments, in: place.path)
      #expect(run.status == CommandStatus.someInputsFailed.rawValue, "\(run.errors)")
      #expect(count(notes, in: run) == 1, "\(arguments): \(run.errors)")
      #expect(count(bad, in: run) == 1, "\(arguments): \(run.errors)")
      // What is lost is said all the same, the rest is not.
      let again =
        arguments.map { ["run", "found"].contains($0) ? "quiet-\($0)" : $0 } + ["--quiet"]
      let quiet = try ToolRun(again, in: place.path)
      let rows = quiet.errors.split(separator: "\n").map { String($0) }
      #expect(rows.count == 2 && rows[0] + "\n" == bad, "\(arguments): \(quiet.errors)")
      #expect(rows.last?.hasPrefix("warning:   data/b/bad.png: ") == true)
    }
  }

  /// Images with the pixels of another: counted in one line of train, once for all folds, named by inspect.
  @Test func repeatsAreCountedAndNamed() throws {
    let place = try place()
    try place.writePicture("data/a/again.png", value: 3)
    try place.writePicture("data/b/other.png", value: 4)
    let arguments = ["train", "data", "--epochs", "1", "--layers", "lstm:2", "--recipe", "keras"]
    for more in [["--output", "run"], ["--output", "folds", "--folds", "3"]] {
      let run = try place.rowwise(arguments + more)
      #expect(
        count(
          "warning: 2 of 22 images of data have the pixels of another, 1 of them in another class; "
            + "rowwise inspect data names them\n", in: run) == 1, "\(run.errors)")
    }
    try place.write(
      Data("data: data\nepochs: 1\nlayers: lstm:2\n".utf8), to: "space.yaml")
    let search = try place.rowwise("search", "space.yaml", "--trials", "3", "--output", "found")
    #expect(count("have the pixels of another", in: search) == 1, "\(search.errors)")
    let inspected = try place.rowwise("inspect", "data").output
    for row in [
      "whole: 1 sample has the pixels of a sample of another class, as read at 8 × 8\n",
      "  data/b/other.png (b) = data/a/4.png (a)\n",
      "whole: 1 sample has the pixels of a sample of the same class, as read at 8 × 8\n",
      "  data/a/again.png = data/a/3.png\n",
    ] { #expect(inspected.contains(row), "\(inspected)") }
  }

  /// Folds decode their images once: the first is enough.
  @Test func folderIsReadOnce() throws {
    let place = try place()
    let console = Console(
      output: MemorySink(isTerminal: false), errors: MemorySink(isTerminal: false),
      settings: Console.Settings(), environment: TerminalEnvironment())
    let shared = SharedImages(console)
    let layout = try DatasetLoader.locate("\(place.path)/data")
    let first = try shared.load(layout, .whole, DatasetOptions())
    try FileManager.default.removeItem(atPath: "\(place.path)/data")
    let second = try shared.load(layout, .whole, DatasetOptions())
    #expect(second.count == 20 && second.fingerprint == first.fingerprint)
  }

  @Test func findingsAreToldOnce() {
    let errors = MemorySink(isTerminal: false)
    let console = Console(
      output: MemorySink(isTerminal: false), errors: errors, settings: Console.Settings(),
      environment: TerminalEnvironment())
    let warnings = DataWarnings(console)
    var report = DatasetReport()
    report.badImages = [.init(path: "x.png", reason: "empty")]
    report.ignoredFolders = ["extra"]
    warnings.tell(report)
    let first = errors.text
    #expect(first.split(separator: "\n").count == 3)
    warnings.tell(report)
    #expect(errors.text == first)
    // Another finding beside one that is known.
    report.emptyClasses = ["c"]
    warnings.tell(report)
    #expect(errors.text == first + "warning: classes without images: c\n")
    #expect(report.findings().map(\.isLoss) == [true, false, true])
    #expect(report.lines() == report.findings().flatMap(\.lines))
  }
}
