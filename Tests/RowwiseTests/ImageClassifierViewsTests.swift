import Rowwise
import RowwiseDatasetLoading
import RowwiseLayers
import RowwiseRowSequencing
import TestSupport
import Testing

/// Classifiers that look at each picture in several ways.
@Suite struct ImageClassifierViewsTests {
  private func classifier(threads: Int = 1, color: ColorMode = .gray) throws -> ImageClassifier {
    try ImageClassifier(
      hiddenLayers: [Bidirectional(LSTM(9)), LSTM(7)],
      preprocessing: Preprocessing(width: 8, height: 8, color: color),
      classNames: (0..<10).map(String.init), seed: 5, threads: threads)
  }

  private static func pictures(_ count: Int, bytes: Int) -> [[UInt8]] {
    (0..<count).map { n in
      (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ n &* 91 &+ $0 / 5) }
    }
  }

  private func views(_ views: PictureViews, of pixels: [UInt8], _ preprocessing: Preprocessing)
    -> [[UInt8]]
  {
    (0..<views.count).map { number in
      var view = pixels
      var span = view.mutableSpan
      views.write(number, of: pixels.span, preprocessing, into: &span)
      return view
    }
  }

  /// The answer is the mean of the answers about the views, each alone, summed in their order.
  @Test(arguments: [PictureViews(2), PictureViews(9), PictureViews(6, mirrors: true)])
  func theMeanOfWhatIsSeen(_ looks: PictureViews) throws {
    let classifier = try classifier(color: .rgb)
    let averaging = classifier.averaging(looks)
    let pictures = Self.pictures(5, bytes: classifier.preprocessing.byteCount)
    let answers = averaging.probabilities(ofModelPixels: pictures)
    for (pixels, answer) in zip(pictures, answers) {
      var sums = [Double](repeating: 0, count: 10)
      for view in views(looks, of: pixels, classifier.preprocessing) {
        for (k, p) in classifier.probabilities(ofModelPixels: [view])[0].enumerated() {
          sums[k] += Double(p)
        }
      }
      #expect(answer == sums.map { Float($0 / Double(looks.count)) })
      #expect(averaging.probabilities(ofModelPixels: [pixels]) == [answer])
    }
    #expect(answers != classifier.probabilities(ofModelPixels: pictures))
    #expect(averaging.probabilities(ofModelPixels: []).isEmpty)
    // What is no class probability sees the picture as it is, and one view is none at all.
    #expect(
      averaging.embeddings(ofModelPixels: pictures)
        == classifier.embeddings(ofModelPixels: pictures))
    #expect(
      averaging.averaging(.one).probabilities(ofModelPixels: pictures)
        == classifier.probabilities(ofModelPixels: pictures))
  }

  /// A data set gives the same bits with any number of threads, in memory or decoded again each time.
  @Test func dataSetsGiveTheSameBits() throws {
    let looks = PictureViews(5)
    let (_, test) = try Digits.load()
    let some = test.subset(Array(0..<70))
    let pixels = try (0..<some.count).map { try some.pixels(at: $0) }
    let expected = try classifier().averaging(looks).probabilities(ofModelPixels: pixels)
    for threads in [1, 2, 3] {
      let averaging = try classifier(threads: threads).averaging(looks)
      var answers: [[Float]] = []
      try averaging.forEachPrediction(of: some) { index, label, probabilities in
        #expect(index == answers.count && label == Int(some.labels[index]))
        answers.append(probabilities)
      }
      #expect(answers == expected, "\(threads) threads")
    }
  }

  /// So do files, which are then decoded once for all views where they are not kept.
  @Test func filesGiveTheSameBits() throws {
    let folder = "\(Digits.folder)/digits-png"
    var options = DatasetOptions()
    (options.width, options.height, options.color) = (8, 8, .gray)
    options.cacheBytes = 64 * 20
    let dataset = try DatasetLoader.locate(folder).load(.whole, options: options)
    #expect(!dataset.isResident)
    let averaging = try classifier(threads: 2).averaging(PictureViews(4, mirrors: true))
    var answers: [[Float]] = []
    try averaging.forEachPrediction(of: dataset) { answers.append($2) }
    let paths = (0..<dataset.count).map { dataset.sampleName(at: $0) }
    let files = FileClassifier(averaging).classify(paths)
    #expect(try files.map { try $0.get().probabilities } == answers)
    #expect(FileClassifier(averaging).batchSize >= 1)
  }

  /// Only models that say so have learnt from mirrored pictures.
  @Test func mirrorsAreThoseOfTraining() {
    var provenance = Provenance()
    #expect(!provenance.mirrorsPictures)
    for (text, mirrors) in [
      ("none", false), ("light", false), ("strong,flip", true), ("flip", true),
      ("light,rotate:20,flip", true), ("what is this, flip", false),
    ] {
      provenance.augmentation = text
      #expect(provenance.mirrorsPictures == mirrors, "\(text)")
    }
  }
}
