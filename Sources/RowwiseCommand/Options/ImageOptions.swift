import ArgumentParser
import RowwiseDatasetLoading
import RowwiseRowSequencing
import RowwiseTexts

/// Options of `train` about how images become timesteps.
struct ImageOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      """
      Size that images get before they are read. (default: that of --from, or the images' own; of \
      image files the median size, shrunk to about 32x32, or 64x64 where detail would be lost)
      """, valueName: "width>x<height"),
    transform: { try ImageSize($0) })
  var size: ImageSize?

  @Option(
    help: "Channels to read: gray or rgb. (default: as --from, or gray where all images are)")
  var color: ColorMode?

  @Option(
    help: ArgumentHelp(
      """
      How an image becomes timesteps: \(ReadingOrder.names.joined(separator: ", ")). (default: as \
      --from, or by the recipe)
      """, valueName: "order"),
    transform: { try readingOrder($0) })
  var readingOrder: ReadingOrder?

  @Flag(
    inversion: .prefixedNo,
    help: """
      Bring each channel to mean 0 and standard deviation 1 over the training images, or over \
      those of the model of --from. (default: as --from, or by the recipe)
      """)
  var standardize: Bool?

  @OptionGroup var pictures: PictureOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var list: ListOptions

  /// The options as data sets take them.
  func datasetOptions(_ engine: EngineOptions, _ console: Console) -> DatasetOptions {
    var options = DatasetOptions()
    options.width = size?.width
    options.height = size?.height
    options.color = color
    options.adaptation = pictures.replacing(PictureAdaptation())
    options.decoding = reading.decoding
    options.threads = engine.threadCount
    options.progress = console.readingProgress()
    return options
  }

  /// The reading order of a name.
  static func readingOrder(_ name: String) throws -> ReadingOrder {
    guard let order = ReadingOrder(name) else {
      if let numbers = ReadingOrder.numbers(in: name) { throw ValidationError(numbers) }
      throw ValidationError(
        "known are \(ReadingOrder.names.joined(separator: ", "))"
          + NearestWord.question(name, among: ReadingOrder.names))
    }
    return order
  }
}

/// A size as `--size` takes it: `32x24`, or `28` for a square.
struct ImageSize: Sendable, Equatable, CustomStringConvertible {
  let width: Int
  let height: Int

  /// As it is written.
  var description: String { "\(width)x\(height)" }

  /// The size of the images that a model reads.
  init(_ preprocessing: Preprocessing) {
    width = preprocessing.width
    height = preprocessing.height
  }

  /// - Throws: `ValidationError` where the text is not one or two numbers from 1 on.
  init(_ text: String) throws {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false)
    let sides = parts.compactMap { Int($0) }.filter { (1...Preprocessing.maximumSide).contains($0) }
    guard sides.count == parts.count, (1...2).contains(sides.count) else {
      throw ValidationError(
        "expected WIDTHxHEIGHT such as 32x24, sides from 1 to \(Preprocessing.maximumSide)")
    }
    width = sides[0]
    height = sides[sides.count - 1]
  }
}

extension ColorMode: ExpressibleByArgument {}
