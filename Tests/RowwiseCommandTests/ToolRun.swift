import Foundation
import TestSupport

/// One run of the built `rowwise`, as a shell would start it.
struct ToolRun {
  let output: String
  let errors: String
  let status: Int32

  /// The executable, which the build puts beside the test bundle.
  static let tool: URL = {
    let start =
      Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
      ?? URL(fileURLWithPath: CommandLine.arguments[0])
    var folder = start.deletingLastPathComponent()
    while folder.path != "/" {
      let candidate = folder.appendingPathComponent("rowwise")
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder),
        !isFolder.boolValue
      {
        return candidate
      }
      folder.deleteLastPathComponent()
    }
    return start.deletingLastPathComponent().appendingPathComponent("rowwise")
  }()

  /// Starts the tool in `folder`, with that folder as the user's own, and waits for its end.
  ///
  /// - Parameters:
  ///   - input: what stands on standard input.
  ///   - tool: another copy of the executable; nil: the built one.
  ///   - whileRunning: called once the tool runs, with its process.
  init(
    _ arguments: [String], in folder: String, input: String = "", tool: URL? = nil,
    whileRunning: (Process) throws -> Void = { _ in }
  ) throws {
    let scratch = try TemporaryFolder()
    func file(_ name: String, _ content: String = "") throws -> URL {
      let url = URL(fileURLWithPath: scratch.path).appendingPathComponent(name)
      try Data(content.utf8).write(to: url)
      return url
    }
    let (outputFile, errorFile) = (try file("output"), try file("errors"))
    let process = Process()
    process.executableURL = tool ?? Self.tool
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    var environment = ProcessInfo.processInfo.environment
    environment["HOME"] = folder
    environment["XDG_CACHE_HOME"] = nil
    process.environment = environment
    process.standardInput = try FileHandle(forReadingFrom: file("input", input))
    process.standardOutput = try FileHandle(forWritingTo: outputFile)
    process.standardError = try FileHandle(forWritingTo: errorFile)
    try process.run()
    try whileRunning(process)
    process.waitUntilExit()
    output = String(decoding: try Data(contentsOf: outputFile), as: UTF8.self)
    errors = String(decoding: try Data(contentsOf: errorFile), as: UTF8.self)
    status = process.terminationStatus
  }
}
