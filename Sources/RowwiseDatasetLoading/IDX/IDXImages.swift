import RowwiseFiles
import RowwiseImageDecoding
import RowwiseRowSequencing
import RowwiseFiles

/// The images of an IDX file on their way to the size and channels of a model.
struct IDXImages {
  let count: Int
  /// As they stand in the file.
  let stored: NativeShape
  /// Whether the channels lie one behind the other in the file.
  let arePlanes: Bool
  /// Whether rows and columns are exchanged in the file.
  let isTransposed: Bool
  let preprocessing: Preprocessing

  /// As the model reads them.
  private var target: NativeShape {
    NativeShape(
      width: preprocessing.width, height: preprocessing.height, color: preprocessing.color)
  }

  /// Bytes of all images as the model reads them.
  private var bytes: Int { ByteCount(target.byteCount).times(count).value }

  /// Some images as the model reads them.
  private func converted(_ pixels: [UInt8], threads: Int) -> [UInt8] {
    let pixels = arePlanes ? stored.interleave(pixels, threads: threads) : pixels
    let upright = isTransposed ? stored.transpose(pixels, threads: threads) : pixels
    return PackedPixels(upright, shape: stored.transposed(isTransposed))
      .converted(to: preprocessing, threads: threads).pixels
  }

  /// Reads all images, a portion at a time, so that there is never one more than once in memory; or
  /// none, where they are more than may be kept: then each is read whenever it is asked for.
  ///
  /// - Parameter file: with its header read.
  /// - Throws: `tooLarge` where they are more and cannot be read one by one, being compressed.
  func storage(
    of file: IDXFile, options: DatasetOptions
  ) throws(DatasetError) -> any SampleStorage {
    guard bytes <= options.cacheBytes else {
      guard !file.isGzip else {
        throw .tooLargeCompressed(path: file.path, bytes: bytes, limit: options.cacheBytes)
      }
      return try FileSamples(
        path: file.path, offset: file.headerBytes, storedBytes: stored.byteCount,
        count: count, bytesEach: target.byteCount
      ) { converted($0, threads: 1) }
    }
    var pixels: [UInt8] = []
    let keeps = preprocessing.keepsPixels(width: stored.width, height: stored.height)
    if target == stored, keeps, !isTransposed, !arePlanes {
      pixels = try file.values()
    } else {
      pixels.reserveCapacity(bytes)
      let portion = max(1, (1 << 24) / stored.byteCount)
      for start in stride(from: 0, to: count, by: portion) {
        let count = min(portion, count - start)
        pixels += converted(
          try file.next(count * stored.byteCount), threads: options.threads)
      }
      try file.expectEnd()
    }
    return PackedPixels(pixels, shape: target)
  }
}

/// Samples that stay in their file, each read and converted whenever it is asked for.
final class FileSamples: SampleStorage {
  private let file: RegularFile
  private let offset: Int
  private let storedBytes: Int
  let count: Int
  let bytesEach: Int
  var isResident: Bool { false }
  private let convert: @Sendable ([UInt8]) -> [UInt8]

  /// - Parameters:
  ///   - offset: of the first sample.
  ///   - storedBytes: of each sample in the file.
  ///   - convert: what samples become, `bytesEach` bytes.
  init(
    path: String, offset: Int, storedBytes: Int, count: Int, bytesEach: Int,
    convert: @escaping @Sendable ([UInt8]) -> [UInt8]
  ) throws(DatasetError) {
    do throws(FileError) {
      file = try RegularFile(path: path)
    } catch {
      throw DatasetError(error)
    }
    self.offset = offset
    self.storedBytes = storedBytes
    self.count = count
    self.bytesEach = bytesEach
    self.convert = convert
  }

  func withPixels<Result>(
    of index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) throws(DatasetError) -> Result {
    precondition((0..<count).contains(index), "sample \(index) of \(count)")
    var bytes = [UInt8](repeating: 0, count: storedBytes)
    let got = bytes.withUnsafeMutableBytes { room -> Int in
      var filled = 0
      while filled < room.count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: room[filled...])
        let place = offset + index * storedBytes + filled
        guard let count = try? file.read(into: rest, at: place), count > 0 else { break }
        filled += count
      }
      return filled
    }
    guard got == storedBytes else {
      throw .imageLost(path: file.path, reason: "image \(index) can no longer be read")
    }
    return convert(bytes).withUnsafeBufferPointer(body)
  }

  func prefetch(_ indices: [Int]) {}
}
