import ArgumentParser
import RowwiseRowSequencing
import RowwiseWeightExchange

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
    guard (mean == nil) == (standardDeviation == nil) else {
      throw ValidationError("--mean and --standard-deviation go together")
    }
    for (name, text) in [("--mean", mean), ("--standard-deviation", standardDeviation)] {
      if let text, Self.values(text) == nil {
        throw ValidationError("\(name) takes numbers with commas between them, got \"\(text)\"")
      }
    }
  }

  /// How pictures become timesteps.
  ///
  /// - Parameters:
  ///   - width: what the model reads.
  ///   - timesteps: that it reads, where that is fixed.
  ///   - path: the model's, for errors.
  /// - Throws: `CommandError` where the size is needed; `PreprocessingError`.
  func preprocessing(
    of width: InputWidth, timesteps: Int?, path: String
  ) throws -> Preprocessing {
    let color = color ?? .gray
    let order = readingOrder ?? .rows
    let (count, unit) =
      switch width {
      case .timestep(let features): (features, "features a timestep")
      case .sequence(let numbers): (numbers, "numbers a picture")
      }
    guard count % color.channels == 0 else {
      throw CommandError.unusableInput(
        path: path,
        reason:
          "its \(count) \(unit) are no whole number of \(color.channels)-channel "
          + "pixels; --color \(color.rawValue) does not fit")
    }
    let given = self.size.map { (width: $0.width, height: $0.height) }
    guard let size = given ?? Self.size(of: width, timesteps: timesteps, color, order) else {
      throw CommandError.unusableInput(
        path: path,
        reason: "the size of images is not in the file; give it with --size"
          + Self.example(of: width, color))
    }
    return try Preprocessing(
      width: size.width, height: size.height, color: color, readingOrder: order,
      mean: mean.flatMap { Self.values($0) },
      standardDeviation: standardDeviation.flatMap { Self.values($0) })
  }

  /// The size that follows from timesteps and features; nil where it does not.
  private static func size(
    of width: InputWidth, timesteps: Int?, _ color: ColorMode, _ order: ReadingOrder
  ) -> (width: Int, height: Int)? {
    guard let timesteps, case .timestep(let features) = width else { return nil }
    let pixels = features / color.channels
    switch order {
    case .rows, .rowsBottomUp, .serpentine: return (pixels, timesteps)
    case .columns: return (timesteps, pixels)
    case .pixels, .pixelsPermuted, .windows, .patches: return nil
    }
  }

  /// Words that name a square picture that would fit; none where there is no such picture.
  private static func example(of width: InputWidth, _ color: ColorMode) -> String {
    let side: Int
    switch width {
    case .timestep(let features): side = features / color.channels
    case .sequence(let numbers):
      let pixels = numbers / color.channels
      side = Int(Double(pixels).squareRoot().rounded())
      guard side * side == pixels else { return "" }
    }
    return ", such as --size \(side)x\(side)"
  }

  /// The classes' names as given; nil where they are not.
  func classNames(count: Int) throws -> [String]? {
    guard let classes else { return nil }
    let names = classes.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
    guard names.count == count, !names.contains("") else {
      throw ValidationError(
        "--classes names \(names.count { !$0.isEmpty }) classes; the model has \(count)")
    }
    if let index = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      throw ValidationError("--classes names \"\(names[index])\" twice")
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
