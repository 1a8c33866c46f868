import Foundation
import ImageDecoding

/// A new folder, gone with the object.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("rowwise-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func path(_ name: String) -> String { path + "/" + name }

  /// Makes a folder and those above it.
  @discardableResult
  func folder(_ name: String) throws -> String {
    try FileManager.default.createDirectory(
      atPath: path(name), withIntermediateDirectories: true)
    return path(name)
  }

  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    if let slash = name.lastIndex(of: "/") { try folder(String(name[..<slash])) }
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  @discardableResult
  func write(text: String, to name: String) throws -> String {
    try write(Array(text.utf8), to: name)
  }

  /// A PNG of one value.
  @discardableResult
  func picture(
    _ name: String, value: UInt8 = 100, width: Int = 4, height: Int = 3, channels: Int = 1
  ) throws -> String {
    let pixels = [UInt8](repeating: value, count: width * height * channels)
    let image = DecodedImage(width: width, height: height, channels: channels, pixels: pixels)
    return try write(PNGWriter.encode(image), to: name)
  }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: path(name), withDestinationPath: target)
  }
}

/// The bytes of an IDX file.
func idx(_ dimensions: [Int], _ values: [UInt8]) -> [UInt8] {
  var bytes: [UInt8] = [0, 0, 8, UInt8(dimensions.count)]
  for size in dimensions {
    bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) }
  }
  return bytes + values
}

/// A gzip member that holds bytes without compressing them (RFC 1951, 1952).
func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var member: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
  var start = 0
  repeat {
    let count = min(65_535, bytes.count - start)
    let isLast = start + count == bytes.count
    let low = UInt8(count & 255)
    let high = UInt8(count >> 8)
    member += [isLast ? 1 : 0, low, high, ~low, ~high]
    member += bytes[start..<start + count]
    start += count
  } while start < bytes.count
  var check: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    check ^= UInt32(byte)
    for _ in 0..<8 { check = check & 1 == 1 ? check >> 1 ^ 0xEDB8_8320 : check >> 1 }
  }
  for number in [~check, UInt32(bytes.count)] {
    member += [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: number >> $0) }
  }
  return member
}

/// What lies in the repository and beside it.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let datasets = root.appendingPathComponent("Datasets").path

  /// A folder or file of real data beside the repository.
  static func shared(_ name: String) -> String {
    root.deletingLastPathComponent().appendingPathComponent("shared/data/" + name).path
  }

  /// Whether it is there; says so aloud where not.
  static func hasShared(_ name: String) -> Bool {
    let exists = FileManager.default.fileExists(atPath: shared(name))
    if !exists { print("SKIPPED: no real data at ../shared/data/\(name)") }
    return exists
  }
}
