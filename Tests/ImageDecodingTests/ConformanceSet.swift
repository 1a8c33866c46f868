import Foundation

/// The decoder conformance set beside the package, `../shared/data/decoder`; its SOURCE.md says
/// what it holds and how the expected values were made.
enum ConformanceSet {
  /// The package's folder.
  static let packageRoot = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let folder = packageRoot.appending(path: "../shared/data/decoder").standardizedFileURL

  /// Whether the set is there. Where it is not, says so on standard output, once.
  static let isPresent: Bool = {
    let isPresent = FileManager.default.fileExists(
      atPath: folder.appending(path: "expected.json").path)
    if !isPresent { print("SKIPPED: the decoder conformance set is not at \(folder.path)") }
    return isPresent
  }()

  /// One entry of expected.json.
  struct Expectation: Decodable {
    var format: String
    var width: Int
    var height: Int
    var bit_depth: Int?
    var rgb8_sha256: String
    var gray8_sha256: String
    var rgba8_sha256: String?
    var raw: String?
    var exif_orientation: Int?
    var upright_size: [Int]?
    var upright_rgb8_sha256: String?
    var interlaced: Bool?
    var sof: Int?
  }

  /// One line of fuzz/verdicts.tsv.
  struct Verdict {
    var file: String
    var reference: String
    var message: String
  }

  /// Decodable files, by their path in the set, in order.
  static func expectations() throws -> [(file: String, expected: Expectation)] {
    let data = try Data(contentsOf: folder.appending(path: "expected.json"))
    let entries = try JSONDecoder().decode([String: Expectation].self, from: data)
    return entries.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Refused and damaged files, by their path in the set, in order.
  static func refused() throws -> [String] {
    let data = try Data(contentsOf: folder.appending(path: "outcome.json"))
    let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    return object.keys.sorted()
  }

  /// What the reference decoders made of the fuzz corpora.
  static func verdicts() throws -> [Verdict] {
    let text = try String(contentsOf: folder.appending(path: "fuzz/verdicts.tsv"), encoding: .utf8)
    return text.split(separator: "\n").dropFirst().map { line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      return Verdict(file: "fuzz/" + fields[0], reference: fields[3], message: fields[6])
    }
  }

  static func path(_ file: String) -> String { folder.appending(path: file).path }

  static func bytes(_ file: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: file)))
  }
}
