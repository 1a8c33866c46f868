/// Pixels of samples, wherever they are kept. Every method may be called from several threads.
protocol SampleStorage: Sendable {
  /// Bytes of each sample.
  var bytesEach: Int { get }
  var count: Int { get }
  /// Whether every sample is in memory, so that fetching never decodes.
  var isResident: Bool { get }

  /// Calls `body` with the pixels of a sample: [height × width × channels].
  func withPixels<Result>(
    of index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) throws(DatasetError) -> Result

  /// Begins to decode samples that will soon be asked for.
  func prefetch(_ indices: [Int])
}
