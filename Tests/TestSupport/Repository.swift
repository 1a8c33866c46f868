import Foundation

/// What lies in the repository and beside it.
package enum Repository {
  package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  package static let datasets = root.appendingPathComponent("Datasets").path

  /// A folder or file of real data beside the repository.
  package static func shared(_ name: String) -> String {
    root.deletingLastPathComponent().appendingPathComponent("shared/data/" + name).path
  }

  /// Whether it is there; says so aloud where not.
  package static func hasShared(_ name: String) -> Bool {
    let exists = FileManager.default.fileExists(atPath: shared(name))
    if !exists { print("SKIPPED: no real data at ../shared/data/\(name)") }
    return exists
  }
}
