import Rowwise
import RowwiseImageDecoding
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseRowSequencing
import Testing

/// Pictures in, probabilities out.
@Suite struct ImageClassifierTests {
  private func classifier(
    _ preprocessing: Preprocessing, _ layers: [any Layer] = [LSTM(9)], threads: Int? = nil,
    seed: UInt64 = 0
  ) throws -> ImageClassifier {
    try ImageClassifier(
      hiddenLayers: layers, preprocessing: preprocessing, classNames: ["a", "b", "c"], seed: seed,
      threads: threads)
  }

  /// Recurrent layers return sequences exactly where another one follows.
  @Test func layersAreConnected() throws {
    let classifier = try classifier(
      try Preprocessing(width: 5, height: 4),
      [
        LSTM(4), Dropout(0.1), Bidirectional(LSTM(5)), LSTM(6, returnSequences: true),
        Dense(7, activation: .relu),
      ])
    let expected: [any Layer] = [
      LSTM(4, returnSequences: true), Dropout(0.1), Bidirectional(LSTM(5, returnSequences: true)),
      LSTM(6), Dense(7, activation: .relu), Dense(3, activation: .softmax),
    ]
    #expect(classifier.network.layers == expected.map(\.specification))
    #expect(classifier.network.timesteps == 4)
    #expect(classifier.network.features == 5)
    #expect(classifier.network.classCount == 3)
  }

  /// A layer that makes a vector of all timesteps leaves sequences to those below it, and a residual
  /// layer at the top gets one.
  @Test func poolingIsConnected() throws {
    func layers(_ hidden: [any Layer]) throws -> [LayerSpecification] {
      try classifier(try Preprocessing(width: 5, height: 4), hidden).network.layers.dropLast()
    }
    #expect(
      try layers([LSTM(4), Pooling(.mean), Dense(3)]) == [
        .recurrent(LSTM(4, returnSequences: true)), .pooling(Pooling(.mean)), .dense(Dense(3)),
      ])
    #expect(
      try layers([GRU(4), Flatten()]) == [.recurrent(GRU(4, returnSequences: true)), .flatten])
    #expect(
      try layers([Residual(LSTM(4)), Residual(GRU(5)), Dense(3)]) == [
        .residual(.recurrent(LSTM(4, returnSequences: true))),
        .residual(.recurrent(GRU(5, returnSequences: true))), .pooling(Pooling(.last)),
        .dense(Dense(3)),
      ])
  }

  @Test func layersThatDoNotFitThrow() throws {
    let preprocessing = try Preprocessing(width: 5, height: 4)
    #expect(throws: LayerError.needsVector(layer: 1)) { try self.classifier(preprocessing, []) }
    // A dense layer of each timestep leaves timesteps.
    #expect(throws: LayerError.needsVector(layer: 2)) {
      try self.classifier(preprocessing, [Dense(4)])
    }
    #expect(throws: LayerError.invalidUnits(layer: 1, units: 0)) {
      try self.classifier(preprocessing, [LSTM(0)])
    }
    #expect(throws: LayerError.needsSequence(layer: 3)) {
      try self.classifier(preprocessing, [LSTM(4), Pooling(.max), LSTM(4)])
    }
    let between = try classifier(preprocessing, [LSTM(4), Dense(3), LSTM(4)])
    #expect(between.network.layers[0] == .recurrent(LSTM(4, returnSequences: true)))
  }

  @Test(arguments: [
    ReadingOrder.rows, .rowsBottomUp, .columns, .serpentine, .pixels, .pixelsPermuted(seed: 3),
    .windows(rows: 3, step: 2), .patches(3),
  ])
  func picturesTogetherAreThoseAlone(_ order: ReadingOrder) throws {
    for color in [ColorMode.gray, .rgb] {
      let preprocessing = try Preprocessing(
        width: 6, height: 4, color: color, readingOrder: order)
      let classifier = try classifier(preprocessing)
      let pictures: [[UInt8]] = (0..<7).map { n in
        (0..<preprocessing.byteCount).map { UInt8(truncatingIfNeeded: $0 * 37 + n * 91) }
      }
      let together = classifier.probabilities(ofModelPixels: pictures)
      #expect(together.count == 7)
      #expect(Set(together).count == 7)
      for (n, picture) in pictures.enumerated() {
        #expect(classifier.probabilities(ofModelPixels: [picture]) == [together[n]])
        let image = DecodedImage(
          width: 6, height: 4, channels: preprocessing.color.channels, pixels: picture)
        #expect(classifier.probabilities(of: image) == together[n])
      }
    }
    let empty = try classifier(try Preprocessing(width: 6, height: 4))
    #expect(empty.probabilities(ofModelPixels: []).isEmpty)
  }

  /// A white picture read by an order is a white picture; a picture turned upside down and read
  /// bottom-up is the picture.
  @Test func theReadingOrderCounts() throws {
    let pixels = (0..<24).map { UInt8($0 * 10) }
    var turned: [UInt8] = []
    for row in (0..<4).reversed() { turned += pixels[row * 6..<row * 6 + 6] }
    let down = try classifier(try Preprocessing(width: 6, height: 4))
    let up = try classifier(
      try Preprocessing(width: 6, height: 4, readingOrder: .rowsBottomUp))
    let straight = down.probabilities(ofModelPixels: [pixels])
    #expect(up.probabilities(ofModelPixels: [turned]) == straight)
    #expect(up.probabilities(ofModelPixels: [pixels]) != straight)
  }

  @Test func seedsAndThreads() throws {
    let preprocessing = try Preprocessing(width: 6, height: 4)
    let picture = [(0..<24).map { UInt8($0 * 10) }]
    let base = try classifier(preprocessing).probabilities(ofModelPixels: picture)
    #expect(try classifier(preprocessing, threads: 3).probabilities(ofModelPixels: picture) == base)
    #expect(try classifier(preprocessing, seed: 1).probabilities(ofModelPixels: picture) != base)
  }
}
