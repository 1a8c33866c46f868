import Foundation

/// A Python that has ONNX Runtime.
enum PythonWithONNX {
  /// The one that ROWWISE_PYTHON names, or `python3`; nil where it lacks a package.
  static let path: String? = {
    let path = ProcessInfo.processInfo.environment["ROWWISE_PYTHON"] ?? "python3"
    guard (try? run(path, ["-c", "import numpy, onnx, onnxruntime"]))?.status == 0 else {
      print(
        "SKIPPED: \(path) has no onnxruntime, exported models are not run in it "
          + "(name another Python in ROWWISE_PYTHON)")
      return nil
    }
    return path
  }()

  /// Starts a program that the shell would find, and waits for its end.
  ///
  /// - Returns: what it wrote on both of its outputs.
  static func run(
    _ program: String, _ arguments: [String]
  ) throws -> (output: String, status: Int32) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: output, as: UTF8.self), process.terminationStatus)
  }
}
