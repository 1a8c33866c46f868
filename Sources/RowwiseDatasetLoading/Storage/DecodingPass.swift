import RowwiseFiles
import RowwiseRowSequencing
import RowwiseTexts
import RowwiseWorkers

/// Decodes every image file of a part once, by all threads, in the files' order.
///
/// Finds the bad ones, keeps the pixels of the first as many as the cache may hold, and hashes all.
struct DecodingPass {
  private let decoder: SampleDecoder
  private let options: DatasetOptions
  /// Pixels of the first of ``goodFiles``.
  private(set) var pixels: [UInt8] = []
  private(set) var goodFiles: [FilesContents.File] = []
  private(set) var badImages: [DatasetReport.BadImage] = []
  /// Read leniently, and some of it is missing.
  private(set) var damagedImages: [DatasetReport.BadImage] = []
  /// What each of ``goodFiles`` is like.
  private(set) var measures: [PictureMeasure] = []
  /// What was chosen for some of them, by their number.
  private(set) var choices: [Int: PictureFinding] = [:]
  /// Files of several pictures, of which the first is a sample: how many, and the first few.
  private(set) var several: (count: Int, examples: [String]) = (0, [])
  /// Hash of the pixels of each of ``goodFiles``.
  private(set) var pixelHashes: [UInt64] = []
  private var samplesHash = DataFingerprint.Samples()

  var fingerprint: DataFingerprint.Samples { samplesHash }

  init(decoder: SampleDecoder, options: DatasetOptions) {
    self.decoder = decoder
    self.options = options
  }

  /// - Throws: `allImagesBad` where not one can be read.
  mutating func decode(_ files: [FilesContents.File], of path: String) throws(DatasetError) {
    let bytesEach = decoder.preprocessing.byteCount
    let most = options.cacheBytes / bytesEach
    pixels.reserveCapacity(min(files.count, most) * bytesEach)
    goodFiles.reserveCapacity(files.count)
    // Long enough that threads seldom wait for the last of a chunk, small in memory.
    let chunk = max(1, min(64 * options.threads, (64 << 20) / bytesEach))
    for start in stride(from: 0, to: files.count, by: chunk) {
      let range = start..<min(start + chunk, files.count)
      let decoded = decodeChunk(files[range])
      for (file, result) in zip(files[range], decoded) {
        switch result {
        case .sample(let sample):
          if let damage = sample.damage {
            damagedImages.append(DatasetReport.BadImage(path: file.path, reason: damage))
          }
          note(sample)
          if sample.pictureCount > 1 {
            several.count += 1
            if several.examples.count < 3 { several.examples.append(file.path) }
          }
          samplesHash.add(label: file.label, pixels: sample.pixels)
          pixelHashes.append(sample.pixels.withUnsafeBytes { XXHash64.value(of: $0) })
          if goodFiles.count < most { pixels += sample.pixels }
          goodFiles.append(file)
        case .bad(let reason, let format):
          badImages.append(
            DatasetReport.BadImage(path: file.path, reason: reason, format: format))
        }
      }
      options.progress?(range.upperBound, files.count)
    }
    if goodFiles.isEmpty, let first = badImages.first {
      let foreign = badImages.compactMap(\.format)
      let kinds = NaturalKey.sorted(Set(foreign.map(\.rawValue))).map { name in
        "\(foreign.count { $0.rawValue == name }) \(name)"
      }
      let found = kinds.isEmpty ? "" : "(found: \(kinds.joined(separator: ", "))) "
      throw .allImagesBad(
        path: path, count: files.count, firstReason: "\(found)\(first.path): \(first.reason)")
    }
  }

  /// Keeps what is known of the sample that comes next.
  private mutating func note(_ sample: PlacedSample) {
    measures.append(decoder.preprocessing.measure(sample.pixels.span, sample.source))
    guard sample.background != nil || sample.greatestValue != nil else { return }
    var finding = PictureFinding()
    (finding.background, finding.greatestValue) = (sample.background, sample.greatestValue)
    choices[goodFiles.count] = finding
  }

  private func decodeChunk(
    _ files: ArraySlice<FilesContents.File>
  ) -> [DecodedSample] {
    WorkerPool.map(Array(files), threads: options.threads) { decoder.sample(ofFile: $0.path) }
  }
}
