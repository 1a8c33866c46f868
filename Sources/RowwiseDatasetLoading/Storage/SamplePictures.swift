import RowwiseRowSequencing

/// What the samples of a storage are like, and which of them are read with light and dark exchanged.
struct SamplePictures: Sendable {
  /// What there is to tell of some samples, by their number in the storage.
  private(set) var findings: [Int: PictureFinding]
  private let preprocessing: Preprocessing
  /// Of all samples, where they were measured while they were decoded.
  private let measured: [PictureMeasure]?
  private let native: PictureMeasure.Source

  /// Measures samples against the pictures that the model was trained on, where these are known.
  ///
  /// - Throws: `imageLost` where a file can no longer be read.
  init(_ loaded: LoadedPart, _ preprocessing: Preprocessing) throws(DatasetError) {
    self.preprocessing = preprocessing
    measured = loaded.measures
    let shape = loaded.native
    native = PictureMeasure.Source(
      width: shape?.width ?? preprocessing.width, height: shape?.height ?? preprocessing.height)
    findings = loaded.choices
    guard preprocessing.pictures != nil else { return }
    let all = Array(loaded.labels.indices)
    for (index, measure) in zip(all, try measures(of: all, in: loaded.storage, threads: nil)) {
      var finding = preprocessing.finding(of: measure)
      if let choice = loaded.choices[index] {
        (finding.background, finding.greatestValue) = (choice.background, choice.greatestValue)
      }
      if finding.isNotable { findings[index] = finding }
    }
  }

  /// Whether a sample is read with light and dark exchanged.
  func isInverted(_ index: Int) -> Bool {
    switch preprocessing.adaptation.inversion {
    case .no: false
    case .yes: true
    case .auto: findings[index]?.isInverted ?? false
    }
  }

  /// Whether all samples are.
  var areAllInverted: Bool { preprocessing.adaptation.inversion == .yes }

  /// What some samples are like, light and dark as they are in their files.
  ///
  /// - Parameter threads: nil: as many as the machine has processors.
  func measures(
    of indices: [Int], in storage: any SampleStorage, threads: Int?
  ) throws(DatasetError) -> [PictureMeasure] {
    if let measured { return indices.map { measured[$0] } }
    let (preprocessing, native) = (preprocessing, native)
    return try storage.map(indices, threads: threads) { preprocessing.measure($0.span, native) }
  }
}
