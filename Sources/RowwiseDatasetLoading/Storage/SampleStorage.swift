import RowwiseWorkers

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

extension SampleStorage {
  /// What `body` makes of the pixels of some samples, in the order of their numbers.
  ///
  /// - Parameter threads: that read; nil: as many as the machine has processors.
  /// - Throws: `imageLost` where a file can no longer be read.
  func map<Value: Sendable>(
    _ numbers: [Int], threads: Int?,
    _ body: @Sendable (UnsafeBufferPointer<UInt8>) -> Value
  ) throws(DatasetError) -> [Value] {
    let results = WorkerPool.map(numbers, threads: threads ?? WorkerPool.availableThreads) {
      number in
      Result { () throws(DatasetError) in try withPixels(of: number, body) }
    }
    return try results.map { result throws(DatasetError) in try result.get() }
  }
}
