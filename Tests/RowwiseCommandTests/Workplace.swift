import Foundation
import RowwiseImageDecoding
import TestSupport

/// A folder in which the tool runs as it would in a fresh clone: the bundled data are in it.
struct Workplace {
  let folder: TemporaryFolder

  /// Path of the folder.
  var path: String { folder.path }

  /// The package's own folder.
  static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  init() throws {
    folder = try TemporaryFolder()
    try folder.link(
      "Datasets", to: Self.package.appendingPathComponent("Datasets").path)
  }

  /// Runs the tool here.
  func rowwise(_ arguments: String..., input: String = "") throws -> ToolRun {
    try ToolRun(arguments, in: path, input: input)
  }

  /// Runs the tool here.
  func rowwise(_ arguments: [String]) throws -> ToolRun { try ToolRun(arguments, in: path) }

  /// The bytes of a file.
  func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  /// The text of a file.
  func text(_ name: String) throws -> String {
    String(decoding: try bytes(name), as: UTF8.self)
  }

  /// Writes a file, with the folders above it.
  func write(_ bytes: Data, to name: String) throws {
    try folder.write([], to: name)
    try bytes.write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  /// Writes a small gray picture.
  func writePicture(_ name: String, value: UInt8) throws {
    let pixels = [UInt8](repeating: value, count: 64)
    try folder.write([], to: name)
    try PNGWriter.write(
      DecodedImage(width: 8, height: 8, channels: 1, pixels: pixels), toPath: "\(path)/\(name)")
  }

  /// Everything below the folder but the data, sorted.
  var contents: [String] {
    (FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? [])
      .filter { !$0.hasPrefix("Datasets") }.sorted()
  }
}
