import RowwiseDatasetLoading
public import RowwiseEvaluation
public import RowwiseImageDecoding
import RowwiseLayers
import RowwiseRowSequencing

extension ImageClassifier {
  /// Which rows and pixels of a picture speak for a class, in nats; see `Evidence`.
  ///
  /// It takes the place of a training pass in the network: predictions of other tasks wait for it.
  ///
  /// - Parameters:
  ///   - pixels: a picture of the model's size, [height × width × channels] bytes.
  ///   - classIndex: the class, in the order of the class names; nil: the predicted one.
  ///   - options: baseline and how finely the integral is taken.
  /// - Throws: `EvidenceError`.
  public func evidence(
    ofModelPixels pixels: [UInt8], for classIndex: Int? = nil,
    options: EvidenceOptions = EvidenceOptions()
  ) throws(EvidenceError) -> Evidence {
    precondition(
      classIndex.map { classNames.indices.contains($0) } ?? true,
      "class \(classIndex ?? 0) of \(classNames.count)")
    guard classNames.count > 1 else { throw .oneClass }
    guard network.precision.trains else {
      throw .noGradients(precision: network.precision.rawValue)
    }
    let variants = try PictureVariants(self, pixels, options.baseline)
    let probabilities = probabilities(ofModelPixels: [pixels])[0]
    guard probabilities.allSatisfy(\.isFinite) else { throw .notFinite }
    let prediction = probabilities.indices.reduce(0) {
      probabilities[$1] > probabilities[$0] ? $1 : $0
    }
    let chosen = classIndex ?? prediction
    let ends = variants.logOdds(2, of: chosen) { number, sequence in
      if number == 1 { sequence = variants.empty }
    }
    guard ends.allSatisfy(\.isFinite) else { throw .notFinite }
    let attribution = variants.attribution(
      of: chosen, change: ends[0] - ends[1], nodes: options.nodes)
    let (reading, absence) = reading(variants.sequence, of: chosen)
    return Evidence(
      classIndex: chosen, width: preprocessing.width, height: preprocessing.height,
      channels: preprocessing.color.channels, probabilities: probabilities, logOdds: ends[0],
      baseline: variants.baseline, baselineLogOdds: ends[1], attribution: attribution,
      reading: reading, readingAbsence: absence,
      occlusion: variants.occlusion(
        of: chosen, whole: ends[0], attributions: attribution.values),
      counterfactual: variants.counterfactual(prediction))
  }

  /// The evidence of a decoded picture of any size; see `evidence(ofModelPixels:for:options:)`.
  public func evidence(
    of image: DecodedImage, for classIndex: Int? = nil,
    options: EvidenceOptions = EvidenceOptions()
  ) throws(EvidenceError) -> Evidence {
    try evidence(
      ofModelPixels: preprocessing.modelPixels(of: image), for: classIndex, options: options)
  }

  /// A picture file's bytes in the model's size and channels, as `probabilities(path:)` reads it, and
  /// what is missing of them where it was read leniently, and what was found out about it.
  ///
  /// - Throws: `ImageDecodingError`.
  package func modelPixels(
    path: String, decoding: DecodingOptions
  ) throws(ImageDecodingError) -> (pixels: [UInt8], damage: String?, finding: PictureFinding) {
    let picture = try SampleDecoder(preprocessing: preprocessing, decoding: decoding).read(path)
    return (picture.pixels, picture.damage, picture.finding)
  }

  /// The same of a picture file whose bytes are there.
  ///
  /// - Throws: `ImageDecodingError`.
  package func modelPixels(
    bytes: [UInt8], named name: String, decoding: DecodingOptions
  ) throws(ImageDecodingError) -> [UInt8] {
    let decoder = SampleDecoder(preprocessing: preprocessing, decoding: decoding)
    return try decoder.read(bytes: bytes, named: name).pixels
  }

  /// F and all probabilities before the first row of a picture and after each, or why they cannot be had.
  private func reading(
    _ sequence: [Float], of chosen: Int
  ) -> (reading: Evidence.Reading?, absence: String?) {
    let steps: NetworkReader<Float>
    do throws(StreamingError) {
      steps = try makeReader()
    } catch {
      return (nil, error.description)
    }
    var found = Evidence.Reading(logOdds: [], probabilities: [])
    func note() {
      let row = Array(steps.probabilities())
      found.logOdds.append(ReadingTraces.logOdds(row.span, of: chosen))
      found.probabilities.append(row)
    }
    var watch = (try? checkedEarlyExit()).map { EarlyExitWatch($0.rule) }
    steps.reset()
    note()
    let (width, height) = (preprocessing.width, preprocessing.height)
    let features = preprocessing.features
    sequence.withUnsafeBufferPointer { numbers in
      for y in 0..<height {
        // None, where a timestep reads several rows of which this is not the last, or several.
        for t in preprocessing.readingOrder.timesteps(endingInRow: y, width: width, height: height)
        {
          steps.step(UnsafeBufferPointer(rebasing: numbers[t * features..<(t + 1) * features]))
          if watch != nil, found.exitRow == nil {
            let now = Array(steps.probabilities())
            let best = ReadingTraces.best(now.span)
            let score = ReadingTraces.logOdds(now.span, of: best)
            if watch?.stops(class: best, score: score, row: t + 1) == true { found.exitRow = y + 1 }
          }
        }
        note()
      }
    }
    return (found, nil)
  }
}
