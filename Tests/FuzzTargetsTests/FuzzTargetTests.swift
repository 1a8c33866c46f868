import Foundation
import FuzzTargets
import Testing

/// Seeds and inputs that once failed, through the same properties that the fuzzer checks.
struct FuzzTargetTests {
  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fuzzing")

  private static func inputs(_ kind: String, _ target: FuzzTarget) throws -> [URL] {
    let folder = folder.appending(path: "\(kind)/\(target.rawValue)")
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
  }

  // One after the other: targets that read by path share a folder.
  @Test("Seeds, their truncations and changed bytes keep every property")
  func seeds() throws {
    for target in FuzzTarget.allCases {
      let files = try Self.inputs("seeds", target)
      #expect(!files.isEmpty, "no seeds for \(target)")
      // A command line takes as long as a hundred small pictures.
      let isCommandLine = [.arguments, .words, .configuration, .search].contains(target)
      for file in files {
        let bytes = Array(try Data(contentsOf: file))
        #expect(throws: Never.self, "\(file.path)") { try target.run(bytes) }
        var random = UInt64(bytes.count)
        for _ in 0..<(isCommandLine ? 3 : 20) {
          random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          let place = Int(random >> 33) % bytes.count
          var changed = bytes
          changed[place] ^= UInt8(truncatingIfNeeded: random >> 24) | 1
          #expect(throws: Never.self, "byte \(place) of \(file.path)") { try target.run(changed) }
          #expect(throws: Never.self, "\(place) bytes of \(file.path)") {
            try target.run(Array(bytes[..<place]))
          }
        }
      }
    }
  }

  @Test("Inputs that once failed keep every property")
  func regressions() throws {
    for target in FuzzTarget.allCases {
      for file in try Self.inputs("regressions", target) {
        let bytes = Array(try Data(contentsOf: file))
        #expect(throws: Never.self, "\(file.path)") { try target.run(bytes) }
      }
    }
  }
}
