import RowwiseFiles
import RowwiseRowSequencing
import RowwiseWorkers

/// Labelled pictures of one size: one part of a data set, or some of its samples.
///
/// Pixels are bytes in the size and channels that a model reads. Every method may be called from
/// several threads at once.
public struct ImageDataset: Sendable {
  /// Where it came from.
  public let path: String
  /// Which part it is.
  public let part: DatasetPart
  /// Width of every sample, in pixels.
  public let width: Int
  /// Height of every sample, in pixels.
  public let height: Int
  /// Channels of every sample.
  public let color: ColorMode
  /// Names of the classes, in the order of the labels.
  public let classNames: [String]
  /// The class of each sample, an index of ``classNames``.
  public let labels: [Int32]
  /// What was left out, and which classes are empty.
  public let report: DatasetReport
  /// Hash of the samples.
  public let fingerprint: DataFingerprint

  private var storage: any SampleStorage
  /// Hashes of all samples' pixels in the storage, where they were made while these were decoded.
  private let storedHashes: [UInt64]?
  private let pictures: SamplePictures
  private let names: SampleNames
  /// Numbers of the samples in the storage; nil for all of them.
  private let indices: [Int]?

  /// Number of samples.
  public var count: Int { labels.count }

  /// Bytes of one sample.
  public var byteCount: Int { width * height * color.channels }

  /// Whether every sample is in memory, so that fetching one never decodes.
  public var isResident: Bool { storage.isResident }

  /// Number of samples of each class.
  public var classCounts: [Int] {
    var counts = [Int](repeating: 0, count: classNames.count)
    for label in labels { counts[Int(label)] += 1 }
    return counts
  }

  /// What a sample is called: the path of its file, or its number in the data file, from 0.
  public func sampleName(at index: Int) -> String { names.name(at: storageIndex(index)) }

  /// Whether another set has the same samples in the same order, whatever the size in which they are read.
  package func hasSamples(of other: ImageDataset) -> Bool {
    labels == other.labels
      && (0..<count).allSatisfy { sampleName(at: $0) == other.sampleName(at: $0) }
  }

  /// Pixels of a sample: [height × width × channels].
  ///
  /// - Throws: `imageLost` where its file can no longer be read.
  public func pixels(at index: Int) throws(DatasetError) -> [UInt8] {
    try withPixels(at: index) { Array($0) }
  }

  /// Calls `body` with the pixels of a sample: [height × width × channels].
  package func withPixels<Result>(
    at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) throws(DatasetError) -> Result {
    let index = storageIndex(index)
    guard pictures.isInverted(index) else { return try storage.withPixels(of: index, body) }
    return try storage.withPixels(of: index) { pixels in
      var inverted = Array(pixels)
      Preprocessing.invert(&inverted)
      return inverted.withUnsafeBufferPointer(body)
    }
  }

  /// In what a sample is unlike the pictures that a model was trained on, and what was done about it;
  /// nil where there is nothing to tell.
  public func finding(at index: Int) -> PictureFinding? { pictures.findings[storageIndex(index)] }

  /// What the samples are like, by an even sample of them; the same whatever the number of threads.
  ///
  /// - Parameter threads: nil: as many as the machine has processors.
  /// - Returns: nil where they are too few to tell.
  public func pictureStatistics(threads: Int? = nil) throws(DatasetError) -> PictureStatistics? {
    PictureStatistics(try pictureMeasures(threads: threads))
  }

  /// What each of an even sample of the samples is like, as it is read.
  package func pictureMeasures(threads: Int?) throws(DatasetError) -> [PictureMeasure] {
    let measures = try measures(of: PictureStatistics.sample(of: count), threads: threads)
    return pictures.areAllInverted ? measures.map(\.inverted) : measures
  }

  /// What some samples are like, light and dark as they are in their files.
  ///
  /// - Parameter threads: nil: as many as the machine has processors.
  func measures(of samples: [Int], threads: Int?) throws(DatasetError) -> [PictureMeasure] {
    try pictures.measures(of: samples.map { storageIndex($0) }, in: storage, threads: threads)
  }

  /// Hash of each sample's pixels, light and dark as they are in its file.
  ///
  /// - Parameter threads: nil: as many as the machine has processors.
  func pixelHashes(threads: Int?) throws(DatasetError) -> [UInt64] {
    if let storedHashes { return (0..<count).map { storedHashes[storageIndex($0)] } }
    return try storage.map((0..<count).map { storageIndex($0) }, threads: threads) {
      XXHash64.value(of: UnsafeRawBufferPointer($0))
    }
  }

  /// Begins to decode samples that will soon be asked for; returns at once.
  ///
  /// Without effect where all are in memory. Ask for the next batch, or a few, before computing
  /// with the current one.
  public func prefetch(_ indices: some Sequence<Int>) {
    if storage.isResident { return }
    storage.prefetch(indices.map { storageIndex($0) })
  }

  /// The same samples in memory, for whoever asks for them more than once; each is decoded once for it.
  ///
  /// - Parameter threads: nil: as many as the machine has processors.
  /// - Throws: `imageLost` where a file can no longer be read.
  package func held(threads: Int?) throws(DatasetError) -> ImageDataset {
    if isResident { return self }
    let numbers = (0..<count).map { storageIndex($0) }
    var held = self
    held.storage = try HeldSamples(numbers, of: storage, threads: threads)
    return held
  }

  private func storageIndex(_ index: Int) -> Int {
    precondition((0..<count).contains(index), "sample \(index) of \(count)")
    return indices.map { $0[index] } ?? index
  }

  /// Some of the samples, in the order given; pixels are shared, not copied.
  ///
  /// - Parameter indices: numbers of samples of this set.
  public func subset(_ indices: [Int]) -> ImageDataset {
    ImageDataset(of: self, indices: indices)
  }

  /// Mean and standard deviation of each channel, over all samples; the same whatever the number of
  /// threads.
  ///
  /// - Parameter threads: nil: as many as the machine has processors.
  public func statistics(threads: Int? = nil) throws(DatasetError) -> ChannelStatistics {
    let threads = threads ?? WorkerPool.availableThreads
    let shards = max(1, min(threads, count))
    let color = color
    let results = WorkerPool.map(Array(0..<shards), threads: threads) { shard in
      var statistics = ChannelStatistics(color: color)
      do throws(DatasetError) {
        for index in shard * count / shards..<(shard + 1) * count / shards {
          try withPixels(at: index) { statistics.add($0.span) }
        }
        return Result<ChannelStatistics, DatasetError>.success(statistics)
      } catch {
        return .failure(error)
      }
    }
    var total = ChannelStatistics(color: color)
    for result in results { total.add(try result.get()) }
    return total
  }
}

extension ImageDataset {
  /// A loaded part, with its labels in the order of a model's classes where one is given.
  ///
  /// - Parameter contents: what the part was loaded from.
  init(
    _ loaded: LoadedPart, of contents: any DatasetContents, part: DatasetPart,
    preprocessing: Preprocessing, options: DatasetOptions
  ) throws(DatasetError) {
    path = contents.path
    self.part = part
    width = preprocessing.width
    height = preprocessing.height
    color = preprocessing.color
    storage = loaded.storage
    pictures = try SamplePictures(loaded, preprocessing)
    storedHashes = loaded.pixelHashes
    names = loaded.samples
    var report = loaded.report
    report.part = part
    let shape = NativeShape(
      width: preprocessing.width, height: preprocessing.height, color: preprocessing.color)
    let samples: DataFingerprint.Samples
    if let known = loaded.fingerprint {
      samples = known
    } else {
      samples = try ImageDataset.hash(loaded)
    }
    let whole = DataFingerprint(samples: samples, shape: shape, classNames: loaded.classNames)
    guard let expected = options.classNames else {
      let present = Set(loaded.labels)
      if part == .train || part == .whole, present.count < 2 {
        if let wrapped = contents.wrapped {
          throw .wrapped(path: contents.path, inner: wrapped)
        }
        throw .tooFewClasses(
          path: contents.path, classes: present.sorted().map { loaded.classNames[Int($0)] })
      }
      classNames = loaded.classNames
      labels = loaded.labels
      indices = nil
      fingerprint = whole
      self.report = report
      return
    }
    let matching = try ClassMatching(
      loaded, to: expected, byNumber: contents.namesAreNumbers || loaded.namesAreNumbers,
      options.unknownClasses,
      of: contents)
    report.notes += matching.notes(part)
    self.report = report
    classNames = expected
    let numbers = loaded.labels.map { matching.numbers[Int($0)] }
    guard matching.skipsSome else {
      labels = numbers
      indices = nil
      fingerprint = whole
      return
    }
    let kept = numbers.indices.filter { numbers[$0] >= 0 }
    labels = kept.map { numbers[$0] }
    indices = kept
    fingerprint = DataFingerprint(of: whole, indices: kept)
  }

  private init(of whole: ImageDataset, indices: [Int]) {
    path = whole.path
    part = whole.part
    width = whole.width
    height = whole.height
    color = whole.color
    classNames = whole.classNames
    labels = indices.map { whole.labels[$0] }
    report = whole.report
    fingerprint = DataFingerprint(of: whole.fingerprint, indices: indices)
    storage = whole.storage
    storedHashes = whole.storedHashes
    pictures = whole.pictures
    names = whole.names
    self.indices = indices.map { whole.storageIndex($0) }
  }

  private static func hash(_ loaded: LoadedPart) throws(DatasetError) -> DataFingerprint.Samples {
    var samples = DataFingerprint.Samples()
    for (index, label) in loaded.labels.enumerated() {
      try loaded.storage.withPixels(of: index) {
        samples.add(label: label, pixels: UnsafeRawBufferPointer($0))
      }
    }
    return samples
  }
}
