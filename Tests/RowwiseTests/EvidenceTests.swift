import Foundation
import RowwiseEvaluation
import RowwiseImageDecoding
import RowwiseLayers
import RowwiseRandomness
import RowwiseRowSequencing
import RowwiseTraining
import Testing

@testable import Rowwise

/// What evidence must be, whatever the weights.
@Suite struct EvidenceTests {
  private static func picture(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> 11) }
  }

  private static func classifier(
    _ layers: [any Layer] = [LSTM(12)], width: Int = 7, height: Int = 6, color: ColorMode = .gray,
    order: ReadingOrder = .rows, classes: [String] = ["a", "b", "c"], seed: UInt64 = 5,
    standardizes: Bool = true
  ) throws -> ImageClassifier {
    let channels = color.channels
    return try ImageClassifier(
      hiddenLayers: layers,
      preprocessing: Preprocessing(
        width: width, height: height, color: color, readingOrder: order,
        mean: standardizes ? [Double](repeating: 0.4, count: channels) : nil,
        standardDeviation: standardizes ? [Double](repeating: 0.3, count: channels) : nil),
      classNames: classes, seed: seed, threads: 2)
  }

  /// Of a linear network with two classes, F = (w₁ − w₀) · x + b₁ − b₀: pixel i gives w_i (x_i − x⁰_i), in
  /// whatever order it is read.
  @Test(arguments: [
    ReadingOrder.rows, .columns, .pixelsPermuted(seed: 3), .windows(rows: 3, step: 1), .patches(2),
  ])
  func linearNetworks(_ order: ReadingOrder) throws {
    for color in [ColorMode.gray, .rgb] {
      let classifier = try Self.classifier(
        [Flatten()], color: color, order: order, classes: ["no", "yes"])
      let pixels = Self.picture(classifier.preprocessing.byteCount)
      let weights = classifier.network.values(of: classifier.network.parameters[0])
      for baseline in Evidence.Baseline.allCases {
        let evidence = try classifier.evidence(
          ofModelPixels: pixels, for: 1, options: EvidenceOptions(baseline: baseline))
        let byte: Double =
          switch baseline {
          case .mean: 0.4 * 255
          case .white: 255
          case .black: 0
          }
        // A pixel that overlapping windows read more than once gives the sum.
        var expected = [Double](repeating: 0, count: pixels.count)
        let pixelOrder = order.pixelOrder(width: 7, height: 6)
        for (place, pixel) in pixelOrder.enumerated() where pixel >= 0 {
          for c in 0..<color.channels {
            let i = place * color.channels + c
            let weight = Double(weights[2 * i + 1]) - Double(weights[2 * i])
            let p = pixel * color.channels + c
            let distance: Double = Double(pixels[p]) - byte
            expected[p] += weight * distance / (255 * 0.3)
          }
        }
        for (value, expected) in zip(evidence.attribution.values, expected) {
          #expect(abs(value - expected) < 2e-6, "\(order), \(baseline)")
        }
        #expect(evidence.attribution.nodes == 16 && evidence.attribution.isConverged)
        #expect(abs(evidence.attribution.sum - evidence.change) < 1e-4)
        // Each row alone loses what its pixels give.
        for (lost, given) in zip(evidence.occlusion.rows, evidence.rows) {
          #expect(abs(lost - given) < 1e-4)
        }
        #expect(evidence.occlusion.rankCorrelation == 1)
        #expect(evidence.reading == nil && evidence.readingAbsence != nil)
      }
    }
  }

  /// Pixels that no weight reads get exactly nothing.
  @Test func unreadPixelsGiveNothing() throws {
    let classifier = try Self.classifier()
    let network = classifier.network
    let input = network.parameters[0]
    var weights = network.values(of: input)
    for k in 0..<input.shape[1] { weights[2 * input.shape[1] + k] = 0 }
    network.setValues(weights, of: input)
    let evidence = try classifier.evidence(ofModelPixels: Self.picture(42))
    for (pixel, value) in evidence.pixels.enumerated() {
      #expect((value == 0) == (pixel % 7 == 2), "pixel \(pixel): \(value)")
    }
  }

  /// By row while reading: the parts add up, and end where the whole picture is.
  @Test(
    arguments: [
      ReadingOrder.rows, .serpentine, .pixels, .windows(rows: 3, step: 1),
      .windows(rows: 3, step: 2), .windows(rows: 4, step: 4), .patches(2), .patches(4),
    ])
  func rowsAddUp(_ order: ReadingOrder) throws {
    for color in [ColorMode.gray, .rgb] {
      let classifier = try Self.classifier(
        [LSTM(9, returnSequences: true), LSTM(7)], color: color, order: order)
      let evidence = try classifier.evidence(
        ofModelPixels: Self.picture(classifier.preprocessing.byteCount))
      let reading = try #require(evidence.reading)
      #expect(reading.logOdds.count == 7 && reading.evidence.count == 6)
      #expect(reading.probabilities.last == evidence.probabilities)
      // A row changes the answer where a timestep ends in it.
      if order == .patches(4) {
        #expect(reading.evidence.map { $0 != 0 }[..<3] == [false, false, false])
      }
      let sum = reading.evidence.reduce(0, +)
      #expect(abs(sum - (reading.logOdds[6] - reading.logOdds[0])) < 1e-12)
      #expect(abs(reading.logOdds[6] - evidence.logOdds) < 1e-5)
      #expect(evidence.readingAbsence == nil)
    }
  }

  /// Where the classifier has an early exit that holds, the row after which it stops is told.
  @Test func theEarlyExitIsSeen() throws {
    let classifier = try Self.classifier()
    let pixels = Self.picture(42)
    func exitRow(_ threshold: Double?) throws -> Int? {
      classifier.earlyExit = EarlyExit(
        rule: EarlyExitRule(
          slopes: [Double](repeating: 1, count: 5), offsets: [Double](repeating: 0, count: 5),
          threshold: threshold, patience: 1, firstRow: 3),
        risk: EarlyExitRisk(.lost, atMost: 0.01), confidence: 0.95, screened: 1, tested: 1,
        thresholds: 1, taken: 1, wrong: 0, early: 1, meanRows: 3, dataFingerprint: "",
        weightsFingerprint: classifier.weightsFingerprint, precision: "float32",
        instructionSet: "")
      return try #require(try classifier.evidence(ofModelPixels: pixels).reading).exitRow
    }
    // So low that the first row that may stop does.
    #expect(try exitRow(-100) == 3)
    #expect(try exitRow(100) == nil)
    #expect(try exitRow(nil) == nil)
    classifier.earlyExit = nil
    #expect(try classifier.evidence(ofModelPixels: pixels).reading?.exitRow == nil)
  }

  /// Every kind of layer gets its evidence; where it cannot stream, the reason says so.
  @Test func everyKindOfNetwork() throws {
    let stacks: [(layers: [any Layer], order: ReadingOrder, streams: Bool)] = [
      ([Bidirectional(LSTM(5))], .rows, false), ([LSTM(5)], .columns, false),
      ([Dropout(0.5), GRU(6, direction: .backwards)], .rowsBottomUp, false),
      (
        [Residual(Recurrent(.layerNormalized, 6, returnSequences: true)), Pooling(.attention)],
        .rows, true
      ),
      ([Dropout(0.5), GRU(6), Dense(4, activation: .relu)], .serpentine, true),
    ]
    for (layers, order, streams) in stacks {
      // Not the mean: where x is 0, a normalisation changes faster than points can follow.
      let evidence = try Self.classifier(layers, order: order).evidence(
        ofModelPixels: Self.picture(42), options: EvidenceOptions(baseline: .black))
      #expect(evidence.attribution.isConverged, "\(layers)")
      #expect(
        abs(evidence.attribution.sum - evidence.change) <= 0.01 + 0.01 * abs(evidence.change))
      #expect((evidence.reading != nil) == streams, "\(layers)")
      #expect((evidence.readingAbsence?.isEmpty == false) != streams)
    }
  }

  /// Where the points do not suffice, it says so, and more points help.
  @Test func whatDoesNotConvergeSaysSo() throws {
    let classifier = try Self.classifier()
    for parameter in classifier.network.parameters {
      classifier.network.setValues(
        classifier.network.values(of: parameter).map { $0 * 12 }, of: parameter)
    }
    let pixels = Self.picture(42)
    let few = try classifier.evidence(
      ofModelPixels: pixels, options: EvidenceOptions(nodes: 1...2))
    #expect(!few.attribution.isConverged && few.attribution.nodes == 2)
    let many = try classifier.evidence(ofModelPixels: pixels)
    #expect(many.attribution.nodes > 2)
    #expect(
      abs(many.attribution.sum - many.change) < abs(few.attribution.sum - few.change))
  }

  /// The runs found change the prediction, and none that is shorter does.
  @Test func counterfactualsAreTheShortest() throws {
    for seed in 1...8 as ClosedRange<UInt64> {
      let classifier = try Self.classifier(seed: seed)
      let pixels = Self.picture(42, seed: seed)
      let found = try classifier.evidence(
        ofModelPixels: pixels, options: EvidenceOptions(baseline: .black))
      func prediction(without rows: Range<Int>) -> (classIndex: Int, probability: Float) {
        var covered = pixels
        for p in rows.lowerBound * 7..<rows.upperBound * 7 { covered[p] = 0 }
        let probabilities = classifier.probabilities(ofModelPixels: [covered])[0]
        let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
        return (best, probabilities[best])
      }
      var shortest: Range<Int>?
      search: for length in 1...6 {
        for start in 0...6 - length
        where prediction(without: start..<start + length).classIndex != found.prediction {
          shortest = start..<start + length
          break search
        }
      }
      #expect(found.counterfactual.run?.rows == shortest, "seed \(seed)")
      #expect(found.counterfactual.longestTried == shortest?.count ?? 6)
      guard let run = found.counterfactual.run else { continue }
      let expected = prediction(without: run.rows)
      #expect(run.classIndex == expected.classIndex)
      #expect(abs(run.probability - expected.probability) < 1e-5)
    }
  }

  @Test func whatCannotBeExplained() throws {
    let pixels = Self.picture(42)
    let plain = try Self.classifier(standardizes: false)
    #expect(throws: EvidenceError.noMean) {
      try plain.evidence(ofModelPixels: pixels, options: EvidenceOptions(baseline: .mean))
    }
    #expect(try plain.evidence(ofModelPixels: pixels).baseline == .black)
    #expect(try Self.classifier().evidence(ofModelPixels: pixels).baseline == .mean)
    #expect(throws: EvidenceError.oneClass) {
      try Self.classifier(classes: ["a"]).evidence(ofModelPixels: pixels)
    }
    let diverged = try Self.classifier()
    let last = try #require(diverged.network.parameters.last)
    diverged.network.setValues([.nan, 0, 0], of: last)
    #expect(throws: EvidenceError.notFinite) { try diverged.evidence(ofModelPixels: pixels) }
  }

  /// A picture of one pixel, and others smaller than the grid.
  @Test func smallPictures() throws {
    for (width, height) in [(1, 1), (1, 5), (5, 1), (3, 2)] {
      let evidence = try Self.classifier(width: width, height: height).evidence(
        ofModelPixels: Self.picture(width * height))
      #expect(evidence.occlusion.gridRows == min(4, height))
      #expect(evidence.occlusion.gridColumns == min(4, width))
      #expect(evidence.pixels.count == width * height)
    }
  }

  @Test(arguments: [1, 2, 3, 16, 64, 512])
  func gaussLegendreIsExactForPolynomials(_ count: Int) {
    let rule = GaussLegendre(count: count)
    #expect(abs(rule.weights.reduce(0, +) - 1) < 1e-13)
    #expect(zip(rule.nodes, rule.nodes.dropFirst()).allSatisfy { $0 < $1 })
    for power in [1, 2, min(2 * count - 1, 40)] where power < 2 * count {
      let integral = zip(rule.nodes, rule.weights).reduce(0.0) {
        $0 + $1.1 * pow($1.0, Double(power))
      }
      #expect(abs(integral - 1 / Double(power + 1)) < 1e-13, "\(count) points, x^\(power)")
    }
  }
}
