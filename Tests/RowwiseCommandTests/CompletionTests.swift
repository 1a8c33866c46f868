import Foundation
import TestSupport
import Testing

@testable import RowwiseCommand

/// Completion in real shells, and what is done to the argument parser's scripts.
struct CompletionTests {
  private static func has(_ program: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
    }
  }

  /// Types command lines into the shell and presses the tab key.
  @Test(
    .enabled(if: has("python3"), "there is no Python to drive a shell with"),
    arguments: ["bash", "zsh", "fish"])
  func linesAreCompleted(shell: String) throws {
    let script = Workplace.package.appendingPathComponent("Scripts/checks/completion.py").path
    let run = try ProgramRun("python3", [script, ToolRun.tool.path, shell])
    guard Self.has(shell) else {
      #expect(run.status == 77 && run.output.contains("SKIPPED"))
      print("no \(shell) is installed: its completion is not tested")
      return
    }
    #expect(run.status == 0, "\(run.output)")
    #expect(run.output.contains("lines are completed rightly"))
  }

  @Test func scriptsAreMended() {
    #expect(CompletionScript.mended("#!/bin/bash\nx").hasPrefix("#!/bin/bash\nx\n"))
    #expect(CompletionScript.mended("OVERVIEW: x") == "OVERVIEW: x")
    let zsh = """
      #compdef rowwise
          '--size[Size [of it]]:size:'
          '*--layers[Layers]:layers:'
          '(--output -o)'{--output,-o}'[File]:output:_files'
          '--quiet[Say nothing.]'
          '(-h --help)'{-h,--help}'[Show help.]'
          ':model:_files'
      """
    #expect(
      CompletionScript.mended(zsh) == """
        #compdef rowwise
            '--size=[Size [of it]]:size:'
            '*--layers=[Layers]:layers:'
            '(--output -o)'{--output=,-o}'[File]:output:_files'
            '--quiet[Say nothing.]'
            '(-h --help)'{-h,--help}'[Show help.]'
            ':model:_files'
        """)
  }
}

/// `make install`, with the tool that the tests have built.
struct InstallTests {
  @Test func installedDataAreFoundFromAnywhere() throws {
    let folder = try TemporaryFolder()
    let prefix = "\(folder.path)/a prefix"
    let make = try ProgramRun(
      "make",
      [
        "-C", Workplace.package.path, "install", "SWIFT=true", "ROWWISE=\(ToolRun.tool.path)",
        "DESTDIR=\(folder.path)", "PREFIX=/a prefix",
      ])
    #expect(make.status == 0, "\(make.output)")
    let tool = URL(fileURLWithPath: "\(prefix)/bin/rowwise")
    let elsewhere = try TemporaryFolder()
    let run = try ToolRun(
      ["train", "digits", "--epochs", "1", "--layers", "lstm:4", "--output", "run"],
      in: elsewhere.path, tool: tool)
    #expect(run.status == 0 && run.output == "run/model.safetensors\n", "\(run.errors)")
    #expect(try ToolRun(["inspect", "digits-png"], in: elsewhere.path, tool: tool).status == 0)
    let missing = try ToolRun(["train", "nothing"], in: elsewhere.path, tool: tool)
    #expect(missing.status == CommandStatus.inputNotFound.rawValue)
    #expect(missing.errors.contains("\(prefix)/share/rowwise/datasets"), "\(missing.errors)")
    // Also where a link leads to the command.
    try elsewhere.link("linked", to: tool.path)
    let linked = try ToolRun(
      ["inspect", "digits"], in: elsewhere.path,
      tool: URL(fileURLWithPath: "\(elsewhere.path)/linked"))
    #expect(linked.status == 0, "\(linked.errors)")
    for name in [
      "bash-completion/completions/rowwise", "zsh/site-functions/_rowwise",
      "fish/vendor_completions.d/rowwise.fish",
    ] {
      let script = try String(contentsOfFile: "\(prefix)/share/\(name)", encoding: .utf8)
      #expect(script.contains("rowwise") && script.count > 1000)
    }
  }
}

/// A run of any program on the path.
struct ProgramRun {
  /// Standard output and standard error.
  let output: String
  let status: Int32

  init(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    (process.standardOutput, process.standardError) = (pipe, pipe)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    status = process.terminationStatus
  }
}
