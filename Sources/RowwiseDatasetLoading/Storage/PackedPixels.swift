import RowwiseImageDecoding
import RowwiseRowSequencing
import RowwiseWorkers

/// Samples of one shape in memory, one behind the other.
struct PackedPixels: SampleStorage {
  let pixels: [UInt8]
  let shape: NativeShape
  let count: Int

  var bytesEach: Int { shape.byteCount }
  var isResident: Bool { true }

  /// - Parameter pixels: a multiple of the shape's bytes.
  init(_ pixels: [UInt8], shape: NativeShape) {
    precondition(
      pixels.count % shape.byteCount == 0,
      "\(pixels.count) bytes, expected a multiple of \(shape.byteCount)")
    self.pixels = pixels
    self.shape = shape
    count = pixels.count / shape.byteCount
  }

  func withPixels<Result>(
    of index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) throws(DatasetError) -> Result {
    precondition((0..<count).contains(index), "sample \(index) of \(count)")
    return pixels.withUnsafeBufferPointer {
      body(UnsafeBufferPointer(rebasing: $0[index * bytesEach..<(index + 1) * bytesEach]))
    }
  }

  func prefetch(_ indices: [Int]) {}

  /// The samples in a model's size and channels.
  func converted(to preprocessing: Preprocessing, threads: Int) -> PackedPixels {
    let target = NativeShape(
      width: preprocessing.width, height: preprocessing.height, color: preprocessing.color)
    let keeps = preprocessing.keepsPixels(width: shape.width, height: shape.height)
    if target == shape, keeps { return self }
    let converted = PackedPixels.map(
      count: count, bytesEach: target.byteCount, threads: threads
    ) { index, bytes in
      let image = DecodedImage(
        width: shape.width, height: shape.height, channels: shape.color.channels,
        pixels: Array(pixels[index * bytesEach..<(index + 1) * bytesEach]))
      _ = bytes.update(fromContentsOf: preprocessing.placedPixels(of: image))
    }
    return PackedPixels(converted, shape: target)
  }

  /// Makes samples in parallel.
  ///
  /// - Parameter body: fills the bytes of the sample whose number it gets, every one of them.
  static func map(
    count: Int, bytesEach: Int, threads: Int,
    _ body: @Sendable (Int, UnsafeMutableBufferPointer<UInt8>) -> Void
  ) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count * bytesEach) { buffer, initialized in
      // SAFETY: every call gets bytes of its own, and forEach returns when all are done;
      // see `CIFARContentsTests` and `IDXContentsTests`.
      nonisolated(unsafe) let base = buffer
      WorkerPool.forEach(count, threads: threads, grain: 64) { index in
        body(
          index,
          UnsafeMutableBufferPointer(rebasing: base[index * bytesEach..<(index + 1) * bytesEach]))
      }
      initialized = count * bytesEach
    }
  }
}
