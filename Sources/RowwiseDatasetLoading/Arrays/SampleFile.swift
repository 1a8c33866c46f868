import RowwiseFiles
import RowwiseRowSequencing

/// A file of many pictures of one size, whose labels, if there are any, nobody asks for.
package struct SampleFile: Sendable {
  private let source: any SampleSource

  /// The file at a path; nil where it is one picture, an archive of pictures, or nothing.
  ///
  /// - Throws: `DatasetError`, such as where a table's row is no picture.
  package static func find(_ path: String) throws(DatasetError) -> SampleFile? {
    guard let kind = try FileKind(reaching: path), kind.kind == .file || Archives.holds(path),
      let arrays = try DatasetLoader.arrays(path)?.contents as? ArraysContents,
      let source = arrays.unlabelled
    else { return nil }
    return SampleFile(source: source)
  }

  /// Calls `body` with portions of the pictures in the size and channels that a model reads, each
  /// [height × width × channels].
  package func forEachPortion(
    as preprocessings: [Preprocessing], options: DatasetOptions,
    _ body: ([[SampleDecoder.Picture]]) throws -> Void
  ) throws {
    try source.check(limit: options.fileBytes)
    let shape = try source.shape(limit: options.fileBytes)
    let size = PictureMeasure.Source(width: shape.width, height: shape.height)
    var failure: (any Error)?
    try source.forEachPortion(limit: options.fileBytes, threads: options.threads) { pixels, _ in
      guard failure == nil else { return }
      let native = PackedPixels(pixels, shape: shape)
      do {
        try body(
          preprocessings.map { (preprocessing) -> [SampleDecoder.Picture] in
            let packed = native.converted(to: preprocessing, threads: options.threads)
            let each = packed.bytesEach
            return (0..<packed.count).map { index in
              var pixels = Array(packed.pixels[index * each..<(index + 1) * each])
              let finding = preprocessing.finish(&pixels, from: size)
              return SampleDecoder.Picture(pixels: pixels, damage: nil, finding: finding)
            }
          })
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }
}
