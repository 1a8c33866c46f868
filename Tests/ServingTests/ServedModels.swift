import Rowwise
import RowwiseImageDecoding
import RowwiseLayers
import RowwiseRowSequencing
import Testing

@testable import RowwiseServing

/// Small models and pictures of theirs.
enum ServedModels {
  /// Reads gray pictures of 6 × 5 by their rows.
  static func classifier(seed: UInt64 = 1, classes: [String] = ["a", "b", "c"]) throws
    -> ImageClassifier
  {
    try ImageClassifier(
      hiddenLayers: [LSTM(8)], preprocessing: Preprocessing(width: 6, height: 5),
      classNames: classes, seed: seed, threads: 1)
  }

  static func source(_ name: String, seed: UInt64 = 1) throws -> ModelSource {
    let classifier = try classifier(seed: seed)
    return ModelSource(name: name, paths: ["/nowhere/\(name)"]) { ImageEnsemble(classifier) }
  }

  /// A picture file.
  static func picture(_ number: Int) throws -> [UInt8] {
    let pixels = (0..<30).map { UInt8(truncatingIfNeeded: ($0 + 1) * (number &* 37 &+ 11)) }
    return try PNGWriter.encode(
      DecodedImage(width: 6, height: 5, channels: 1, pixels: pixels))
  }

  /// Runs a server for a test; it is ended behind it.
  static func serve(
    _ sources: [ModelSource]? = nil, _ change: (inout ServerSettings) -> Void = { _ in },
    _ body: (Int) throws -> Void
  ) throws {
    var settings = ServerSettings()
    settings.port = 0
    settings.threads = 2
    change(&settings)
    let server = try Server(try sources ?? [source("first"), source("second", seed: 2)], settings)
    let port = try server.start()
    let result = Result { try body(port) }
    #expect(server.drain() == 0)
    try result.get()
  }
}
