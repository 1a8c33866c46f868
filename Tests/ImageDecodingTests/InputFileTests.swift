import Foundation
import RowwiseImageDecoding
import Testing

/// What is read by its path, through the public reader.
struct InputFileTests {
  private final class Folder {
    let path = "\(NSTemporaryDirectory())/rowwise-input-\(UUID().uuidString)"

    init() throws {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private func error(_ path: String) -> ImageDecodingError? {
    do throws(ImageDecodingError) {
      _ = try ImageDecoder.decode(path: path)
      return nil
    } catch {
      return error
    }
  }

  @Test("Folders, pipes and devices are named as such, without waiting for them")
  func kinds() throws {
    let folder = try Folder()
    let pipe = folder.path + "/pipe.png"
    try #require(mkfifo(pipe, 0o600) == 0)
    for (path, kind) in [
      (folder.path, "a folder"), (pipe, "a pipe"), ("/dev/null", "a device"),
      ("/dev/zero", "a device"),
    ] {
      let reason = "it is \(kind), expected a regular file"
      #expect(error(path) == .cannotRead(source: path, reason: reason))
    }
  }

  @Test("Empty and missing files")
  func nothing() throws {
    let folder = try Folder()
    let path = folder.path + "/none.png"
    #expect(error(path) == .cannotRead(source: path, reason: "No such file or directory"))
    try Data().write(to: URL(filePath: path))
    #expect(error(path) == .empty(source: path))
  }

  @Test("A file gives the same as its bytes, whatever its length is to the portions of reading")
  func lengths() throws {
    let folder = try Folder()
    let path = folder.path + "/picture.ppm"
    // The whole file of 65,525 to 65,548 bytes, and cut where the first portion ends.
    for (width, cut) in [
      (5_457, 0), (5_458, 0), (5_459, 0), (400, 4_095), (400, 4_096), (400, 4_097),
    ] {
      var bytes = Array("P6 \(width) 4 255\n".utf8)
      bytes += (0..<width * 12).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      if cut > 0 { bytes.removeSubrange(cut...) }
      try Data(bytes).write(to: URL(filePath: path))
      let options = DecodingOptions(strictness: .lenient)
      let ofFile = try ImageDecoder.decodeWithWarnings(path: path, options: options)
      let ofBytes = try ImageDecoder.decodeWithWarnings(bytes: bytes, named: path, options: options)
      #expect(ofFile.image == ofBytes.image && ofFile.warnings == ofBytes.warnings)
      #expect(ofFile.warnings.isEmpty == (cut == 0))
    }
  }
}
