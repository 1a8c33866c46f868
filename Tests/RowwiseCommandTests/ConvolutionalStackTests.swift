import Foundation
import Rowwise
import RowwiseLayers
import RowwiseRowSequencing
import Testing

@testable import RowwiseCommand

/// The convolutional network of `rowwise compare --baselines`.
struct ConvolutionalStackTests {
  private static func weights(_ layers: String, _ preprocessing: Preprocessing) throws -> Int {
    try ImageClassifier.parameterCount(
      hiddenLayers: LayersText(layers).stack(peephole: .none), preprocessing: preprocessing,
      classCount: 10)
  }

  @Test func blocksLeaveAFewPlaces() {
    for (width, height, blocks) in [
      (8, 8, 2), (28, 28, 2), (32, 32, 2), (33, 32, 3), (64, 64, 3), (1, 1, 2), (1, 28, 2),
      (4_096, 1, 4), (3, 200, 2),
    ] {
      #expect(
        ConvolutionalStack(width: width, height: height).blocks == blocks, "\(width) × \(height)")
    }
  }

  /// With nothing said, about what a network of the same purpose has elsewhere: 16 and 32 channels.
  @Test func ordinaryPicturesGetOrdinaryChannels() throws {
    for (side, color, layers) in [
      (28, ColorMode.gray, "conv:14,conv:28,dense:56:relu"),
      (8, .gray, "conv:37,conv:74,dense:151:relu"),
      (32, .rgb, "conv:15,conv:30,dense:58:relu"),
      (64, .rgb, "conv:9,conv:18,conv:36,dense:68:relu"),
    ] {
      let preprocessing = try Preprocessing(width: side, height: side, color: color)
      let target = try Self.weights(BaselineFamily.standard, preprocessing)
      let found = try BaselineFamily.cnn.layers(nearest: target, for: preprocessing) {
        try Self.weights($0, preprocessing)
      }
      #expect(found == layers)
      let count = try Self.weights(found, preprocessing)
      #expect((count - target).magnitude < target / 50, "\(count) for \(target)")
    }
  }

  /// Pictures of a row or a column, very wide ones, and budgets that are too small or very large for them.
  @Test(arguments: [(1, 1), (1, 28), (28, 1), (2, 3), (2_000, 3), (3, 2_000)])
  func everyPictureGetsANetwork(width: Int, height: Int) throws {
    let preprocessing = try Preprocessing(width: width, height: height, color: .rgb)
    for target in [100, 3_000, 80_000, 50_000_000] {
      let layers = try BaselineFamily.cnn.layers(nearest: target, for: preprocessing) {
        try Self.weights($0, preprocessing)
      }
      let least = try Self.weights(
        ConvolutionalStack(width: width, height: height).layers(channels: 1, units: 1),
        preprocessing)
      let count = try Self.weights(layers, preprocessing)
      #expect(
        count == least || (count - target).magnitude < max(target / 20, 600),
        "\(layers): \(count) for \(target)")
    }
    let classifier = try ImageClassifier(
      hiddenLayers: LayersText("conv:2,conv:4,dense:3:relu").stack(peephole: .none),
      preprocessing: preprocessing, classNames: ["a", "b"], seed: 1, threads: 1)
    let pixels = (0..<preprocessing.byteCount).map { UInt8(truncatingIfNeeded: $0 * 31) }
    let probabilities = classifier.probabilities(ofModelPixels: [pixels])[0]
    #expect(abs(probabilities[0] + probabilities[1] - 1) < 1e-6)
  }

  /// Bars of three pixels, across or upright, anywhere.
  @Test func tellsBarsApart() throws {
    let place = try Workplace()
    for number in 0..<108 {
      for (name, step) in [("across", 1), ("upright", 8)] {
        var pixels = [UInt8](repeating: 0, count: 64)
        let first = number % 6 * 8 + number / 6 % 6
        for place in 0..<3 { pixels[first + place * step] = UInt8(255 - number / 36 * 50) }
        try place.write(Data("P5 8 8 255\n".utf8) + Data(pixels), to: "data/\(name)/\(number).pgm")
      }
    }
    let setup = try ConsoleTests.make(terminal: false)
    let engine = try EngineOptions.parse(["--threads", "2"])
    let data = try BaselineData(
      "\(place.path)/data", seed: 0, try ListOptions.parse([]), try ReadingOptions.parse([]),
      engine, setup.console)
    let budget = try BaselineOptions.parse(["--epochs", "40", "--parameters", "2000"])
    let candidate = try NetworkBaseline(.cnn, budget, data, engine, setup.console).train()
    #expect(candidate.title == "CNN" && candidate.isNetwork)
    #expect(candidate.name.hasPrefix("CNN (conv:"))
    #expect((candidate.training?.best?.accuracy ?? 0) >= 0.95, "\(setup.errors.text)")
    #expect(candidate.training?.fileName == "cnn.safetensors")
  }

  /// The layers are those of `train`, which reads rows of pixels for them.
  @Test func trainsByItself() throws {
    let place = try Workplace()
    let run = try place.rowwise(
      "train", "digits", "--layers", "conv:8,conv:16,dense:32:relu", "--epochs", "12", "--output",
      "a"
    )
    #expect(run.status == 0, "\(run.errors)")
    let summary = try place.rowwise("inspect", "a")
    #expect(summary.output.contains("8 × 8 gray, read by rows"), "\(summary.output)")
    #expect(
      summary.output.contains("convolution, 3 × 3, 16 units, 2 × 2 pooling"), "\(summary.output)")
    let evaluated = try place.rowwise("evaluate", "a", "digits", "--require", "accuracy>=0.9")
    #expect(evaluated.status == 0, "\(evaluated.output)")
    let streamed = try place.rowwise(
      "classify", "a", "--stream", "Datasets/digits-png/3/003.png")
    #expect(streamed.status == 65, "\(streamed.errors)")
    #expect(streamed.errors.contains("conv:8"), "\(streamed.errors)")
    let exported = try place.rowwise("export", "a", "--to", "pytorch", "--output", "a.safetensors")
    #expect(exported.status == 65, "\(exported.errors)")
    #expect(
      exported.errors.contains("convolutions are not exchanged with PyTorch"), "\(exported.errors)")
    let pixels = try place.rowwise(
      "train", "digits", "--layers", "conv:4", "--reading-order", "pixels", "--output", "b")
    #expect(pixels.status == 64, "\(pixels.errors)")
    #expect(pixels.errors.contains("order pixels has none; take rows"), "\(pixels.errors)")
  }
}
