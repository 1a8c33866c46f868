/// Some samples of another storage, in memory under the same numbers.
struct HeldSamples: SampleStorage {
  private let pixels: [Int: [UInt8]]
  let bytesEach: Int
  let count: Int
  var isResident: Bool { true }

  /// - Parameters:
  ///   - numbers: of the samples.
  ///   - threads: that read; nil: as many as the machine has processors.
  /// - Throws: `imageLost` where a file can no longer be read.
  init(
    _ numbers: [Int], of storage: any SampleStorage, threads: Int?
  ) throws(DatasetError) {
    (bytesEach, count) = (storage.bytesEach, storage.count)
    let samples = try storage.map(numbers, threads: threads) { Array($0) }
    pixels = Dictionary(zip(numbers, samples)) { first, _ in first }
  }

  func withPixels<Result>(
    of index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) throws(DatasetError) -> Result {
    guard let sample = pixels[index] else { preconditionFailure("sample \(index) is not held") }
    return sample.withUnsafeBufferPointer(body)
  }

  func prefetch(_ indices: [Int]) {}
}
