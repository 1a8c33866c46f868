/// Samples of image files of which only the first are kept in memory.
///
/// The others are decoded whenever they are asked for, or ahead of it (``DecodeAhead``).
struct FileStorage: SampleStorage {
  private let kept: PackedPixels
  private let paths: [String]
  private let ahead: DecodeAhead

  var bytesEach: Int { kept.bytesEach }
  var count: Int { paths.count }
  var isResident: Bool { false }

  /// - Parameter kept: pixels of the first of `paths`.
  init(kept: PackedPixels, paths: [String], decoder: SampleDecoder, threads: Int) {
    self.kept = kept
    self.paths = paths
    ahead = DecodeAhead(paths: paths, decoder: decoder, threads: threads)
  }

  func withPixels<Result>(
    of index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) throws(DatasetError) -> Result {
    if index < kept.count { return try kept.withPixels(of: index, body) }
    switch ahead.take(index) {
    case .sample(let sample): return sample.pixels.withUnsafeBufferPointer(body)
    case .bad(let reason, _): throw .imageLost(path: paths[index], reason: reason)
    }
  }

  func prefetch(_ indices: [Int]) { ahead.request(indices.filter { $0 >= kept.count }) }
}
