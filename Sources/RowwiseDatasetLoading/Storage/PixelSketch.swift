/// A few of the pictures that a model has learnt, by the hashes of their pixels: enough to tell whether others
/// are among them, whatever their labels, names and order.
///
/// It keeps the smallest of the hashes (XXH64) of all pictures as the model reads them. Hashes are spread
/// evenly, so that of other pictures those with hashes as small as these must be among them, if they were
/// learnt: what share of these is, is about the share of all that is.
public struct PixelSketch: Sendable, Equatable, Codable {
  /// The most hashes that are kept.
  static let most = 128

  /// In their order; all of them where there are fewer pictures than are kept.
  private let hashes: [UInt64]

  init(_ all: some Sequence<UInt64>) { hashes = Array(Set(all).sorted().prefix(Self.most)) }

  /// How many of other pictures can be told of, and how many of these were learnt.
  func share(of all: some Sequence<UInt64>) -> (told: Int, learnt: Int) {
    let known = Set(hashes)
    // Fewer than are kept are all that there were.
    let greatest = hashes.count < Self.most ? .max : hashes.last ?? .max
    let told = Set(all).filter { $0 <= greatest }
    return (told.count, told.intersection(known).count)
  }

  /// Reads the hashes, 16 hexadecimal digits each.
  public init(from decoder: any Decoder) throws {
    let text = Array(try decoder.singleValueContainer().decode(String.self))
    let hashes = stride(from: 0, to: text.count, by: 16).map { start in
      UInt64(String(text[start..<min(start + 16, text.count)]), radix: 16)
    }
    guard text.count % 16 == 0, hashes.count <= Self.most, !hashes.contains(nil) else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "expected at most \(Self.most) hashes of 16 hexadecimal digits"))
    }
    self.init(hashes.compactMap { $0 })
  }

  /// Writes the hashes, 16 hexadecimal digits each.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(
      hashes.map { hash in
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
      }.joined())
  }
}

extension ImageDataset {
  /// What a model that learns these samples remembers of them.
  ///
  /// - Parameter threads: nil: as many as the machine has processors.
  /// - Throws: `imageLost`.
  public func pixelSketch(threads: Int? = nil) throws(DatasetError) -> PixelSketch {
    PixelSketch(try pixelHashes(threads: threads))
  }

  /// How many of the samples can be told of by what a model remembers, and how many of these it has learnt.
  ///
  /// - Parameters:
  ///   - sketch: of the model.
  ///   - threads: nil: as many as the machine has processors.
  /// - Throws: `imageLost`.
  public func learntShare(
    by sketch: PixelSketch, threads: Int? = nil
  ) throws(DatasetError) -> (told: Int, learnt: Int) {
    sketch.share(of: try pixelHashes(threads: threads))
  }
}
