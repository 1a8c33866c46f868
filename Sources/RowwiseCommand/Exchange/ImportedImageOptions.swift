import ArgumentParser
import RowSequencing

/// Options of `import` about pictures, which files of other toolkits do not tell.
struct ImportedImageOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      "Size of the images that the model reads. (default: what its timesteps and features say)",
      valueName: "width>x<height"),
    transform: { try ImageSize($0) })
  var size: ImageSize?

  @Option(help: "Channels that the model reads: gray or rgb. (default: gray)")
  var color: ColorMode?

  @Option(
    help: ArgumentHelp(
      "How an image becomes timesteps: \(ReadingOrder.names.joined(separator: ", ")). "
        + "(default: rows)",
      valueName: "order"),
    transform: { try ImageOptions.readingOrder($0) })
  var readingOrder: ReadingOrder?

  @Option(
    help: ArgumentHelp(
      "Mean of values in 0 to 1, one for each channel, with commas between them.",
      valueName: "m,…"))
  var mean: String?

  @Option(
    help: ArgumentHelp(
      "Standard deviation of values in 0 to 1, likewise.", valueName: "s,…"))
  var standardDeviation: String?

  @Option(
    help: ArgumentHelp(
      "Names of the classes, with commas between them. (default: 0, 1, 2, …)", valueName: "names"))
  var classes: String?

  /// Whether anything about pictures is given.
  var isGiven: Bool {
    size != nil || color != nil || readingOrder != nil || mean != nil || standardDeviation != nil
  }

  func validate() throws {
    for (name, text) in [("--mean", mean), ("--standard-deviation", standardDeviation)] {
      if let text, Self.values(text) == nil {
        throw ValidationError("\(name) takes numbers with commas between them, got \"\(text)\"")
      }
    }
  }

  /// How pictures become timesteps.
  ///
  /// - Parameters:
  ///   - features: that the model reads in a timestep.
  ///   - timesteps: that it reads, where that is fixed.
  ///   - path: the model's, for errors.
  /// - Throws: `CommandError` where the size is needed; `PreprocessingError`.
  func preprocessing(features: Int, timesteps: Int?, path: String) throws -> Preprocessing {
    let color = color ?? .gray
    let order = readingOrder ?? .rows
    var (width, height) = (size?.width, size?.height)
    if size == nil, let timesteps, features % color.channels == 0 {
      let pixels = features / color.channels
      switch order {
      case .rows, .rowsBottomUp, .serpentine: (width, height) = (pixels, timesteps)
      case .columns: (width, height) = (timesteps, pixels)
      case .pixels, .pixelsPermuted: break
      }
    }
    guard let width, let height else {
      throw CommandError.unusableInput(
        path: path,
        reason: "the size of images is not in the file; give it with --size, such as --size "
          + "\(features / color.channels)x\(features / color.channels)")
    }
    return try Preprocessing(
      width: width, height: height, color: color, readingOrder: order,
      mean: mean.flatMap { Self.values($0) },
      standardDeviation: standardDeviation.flatMap { Self.values($0) })
  }

  /// The classes' names as given; nil where they are not.
  func classNames(count: Int) throws -> [String]? {
    guard let classes else { return nil }
    let names = classes.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
    guard names.count == count, Set(names).count == count, !names.contains("") else {
      throw ValidationError(
        "--classes names \(Set(names).subtracting([""]).count) classes; the model has \(count)")
    }
    return names
  }

  /// Names of classes that have none.
  static func numbers(_ count: Int) -> [String] { (0..<count).map { "\($0)" } }

  private static func values(_ text: String) -> [Double]? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Double($0) }
    return numbers.count == parts.count && numbers.allSatisfy(\.isFinite) ? numbers : nil
  }
}
