import RowwiseRandomness

/// How a picture of height × width pixels becomes timesteps.
///
/// Pixels of several channels stay together: each contributes its red, green and blue value, in
/// this order, to the timestep it belongs to.
public enum ReadingOrder: Sendable, Equatable, Hashable {
  /// One row a timestep, top to bottom, each left to right. T = height, D = width × channels.
  case rows
  /// One row a timestep, bottom to top, each left to right.
  case rowsBottomUp
  /// One column a timestep, left to right, each top to bottom. T = width, D = height × channels.
  case columns
  /// One row a timestep, top to bottom; every second row (the 2nd, 4th …) right to left.
  case serpentine
  /// `rows` rows a timestep, one under the other, from `step` rows further down than those of the one
  /// before, each left to right. T = ⌈height / step⌉, D = rows × width × channels; zeros stand for rows
  /// below the picture.
  case windows(rows: Int, step: Int)
  /// A strip of P rows a timestep, cut in squares of P × P pixels: square after square, each row by row.
  /// T = ⌈height / P⌉, D = ⌈width / P⌉ × P² × channels; zeros stand for pixels beyond the picture.
  case patches(Int)
  /// One pixel a timestep, row by row. T = width × height, D = channels.
  case pixels
  /// One pixel a timestep, in a shuffled order that depends on the seed and the number of pixels
  /// only (`SplitMix64`), for ever the same.
  case pixelsPermuted(seed: UInt64)

  /// Timesteps of a picture.
  public func timesteps(width: Int, height: Int) -> Int {
    switch self {
    case .rows, .rowsBottomUp, .serpentine: height
    case .columns: width
    case .pixels, .pixelsPermuted: width * height
    case .windows(_, let step): (height + step - 1) / step
    case .patches(let side): (height + side - 1) / side
    }
  }

  /// Whether timesteps follow from rows one after the other, from the top.
  public var streams: Bool {
    switch self {
    case .rows, .serpentine, .pixels, .windows, .patches: true
    case .rowsBottomUp, .columns, .pixelsPermuted: false
    }
  }

  /// Pixels in one timestep; the number of features is this times the channels.
  public func pixelsPerTimestep(width: Int, height: Int) -> Int {
    switch self {
    case .rows, .rowsBottomUp, .serpentine: width
    case .columns: height
    case .pixels, .pixelsPermuted: 1
    case .windows(let rows, _): rows * width
    case .patches(let side): (width + side - 1) / side * side * side
    }
  }

  /// Patches side by side in a timestep, as sweeps read them: squares, or the pixels of a row; 1 where a
  /// timestep is none of these.
  public func columns(width: Int, height: Int) -> Int {
    switch self {
    case .rows, .rowsBottomUp: width
    case .columns: height
    case .patches(let side): (width + side - 1) / side
    case .serpentine, .pixels, .pixelsPermuted, .windows: 1
    }
  }

  /// Whether timesteps are patches side by side; see `columns(width:height:)`.
  public var isOfPatches: Bool {
    switch self {
    case .rows, .rowsBottomUp, .columns, .patches: true
    case .serpentine, .pixels, .pixelsPermuted, .windows: false
    }
  }

  /// Rows of the picture that a timestep needs, at most.
  var rowsOfTimestep: Int {
    switch self {
    case .windows(let rows, _): rows
    case .patches(let side): side
    case .rows, .rowsBottomUp, .columns, .serpentine, .pixels, .pixelsPermuted: 1
    }
  }

  /// The timesteps of which row `y` is the last that they need, of an order that streams.
  package func timesteps(endingInRow y: Int, width: Int, height: Int) -> Range<Int> {
    switch self {
    case .rows, .rowsBottomUp, .columns, .serpentine: y..<y + 1
    case .pixels, .pixelsPermuted: y * width..<(y + 1) * width
    case .windows(let rows, let step): Self.timesteps(endingInRow: y, rows, step, height)
    case .patches(let side): Self.timesteps(endingInRow: y, side, side, height)
    }
  }

  /// Timestep t reads rows t · step ..< t · step + rows, or up to the picture's end.
  private static func timesteps(
    endingInRow y: Int, _ rows: Int, _ step: Int, _ height: Int
  ) -> Range<Int> {
    func ended(_ rowCount: Int) -> Int {
      // All have ended with the picture; before it, those whose rows are all there.
      rowCount == height
        ? (height + step - 1) / step : rowCount < rows ? 0 : (rowCount - rows) / step + 1
    }
    return ended(y)..<ended(y + 1)
  }

  /// The pixels (row × width + column) in the order in which they are read; −1 stands for none, whose
  /// values are zero.
  ///
  /// Timestep t takes entries `t × pixelsPerTimestep ..< (t + 1) × pixelsPerTimestep`.
  public func pixelOrder(width: Int, height: Int) -> [Int] {
    let count = width * height
    switch self {
    case .rows, .pixels:
      return Array(0..<count)
    case .rowsBottomUp:
      return (0..<height).reversed().flatMap { row in row * width..<(row + 1) * width }
    case .columns:
      return (0..<width).flatMap { column in (0..<height).map { $0 * width + column } }
    case .serpentine:
      return (0..<height).flatMap { row in
        (0..<width).map { row * width + (row % 2 == 0 ? $0 : width - 1 - $0) }
      }
    case .windows(let rows, let step):
      return (0..<timesteps(width: width, height: height)).flatMap { t in
        (t * step * width..<(t * step + rows) * width).map { $0 < count ? $0 : -1 }
      }
    case .patches(let side):
      let columns = (width + side - 1) / side
      return (0..<timesteps(width: width, height: height) * columns).flatMap { patch in
        (0..<side * side).map { place in
          let y = patch / columns * side + place / side
          let x = patch % columns * side + place % side
          return y < height && x < width ? y * width + x : -1
        }
      }
    case .pixelsPermuted(let seed):
      var order = Array(0..<count)
      var random = SplitMix64(seed: seed)
      random.shuffle(&order)
      return order
    }
  }
}

extension ReadingOrder: LosslessStringConvertible {
  /// The names that ``init(_:)`` reads, for help texts and error messages.
  public static let names = [
    "rows", "rows-bottom-up", "columns", "serpentine", "pixels", "pixels-permuted:SEED",
    "windows:ROWS/STEP", "patches:SIDE",
  ]

  /// What ROWS, STEP and SIDE may be.
  static let windowSizes = 1...256

  /// The name on the command line and in model files, such as `rows` or `pixels-permuted:7`.
  public var description: String {
    switch self {
    case .rows: "rows"
    case .rowsBottomUp: "rows-bottom-up"
    case .columns: "columns"
    case .serpentine: "serpentine"
    case .pixels: "pixels"
    case .pixelsPermuted(let seed): "pixels-permuted:\(seed)"
    case .windows(let rows, let step): "windows:\(rows)/\(step)"
    case .patches(let side): "patches:\(side)"
    }
  }

  /// The reading order of a name, or nil where it is none of ``names``.
  ///
  /// SEED is a decimal number from 0 to 2⁶⁴ − 1, ROWS, STEP and SIDE one from 1 to 256, all without sign
  /// or leading zeros. STEP is at most ROWS, so that every row is read.
  public init?(_ description: String) {
    switch description {
    case "rows": self = .rows
    case "rows-bottom-up": self = .rowsBottomUp
    case "columns": self = .columns
    case "serpentine": self = .serpentine
    case "pixels": self = .pixels
    default:
      let parts = description.split(
        separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      switch parts[0] {
      case "pixels-permuted":
        guard let seed = UInt64(parts[1]), "\(seed)" == parts[1] else { return nil }
        self = .pixelsPermuted(seed: seed)
      case "windows":
        let sizes = parts[1].split(separator: "/", omittingEmptySubsequences: false)
        guard sizes.count == 2, let rows = Self.size(sizes[0]), let step = Self.size(sizes[1]),
          step <= rows
        else { return nil }
        self = .windows(rows: rows, step: step)
      case "patches":
        guard let side = Self.size(parts[1]) else { return nil }
        self = .patches(side)
      default: return nil
      }
    }
  }

  /// What the numbers of a name must be that begins as an order's does; nil where it is no order's.
  package static func numbers(in name: String) -> String? {
    let most = windowSizes.upperBound
    return switch name.prefix(while: { $0 != ":" }) {
    case "windows":
      "windows:ROWS/STEP takes two numbers from 1 to \(most), the step no larger than the rows, such "
        + "as windows:4/2"
    case "patches": "patches:SIDE takes a number from 1 to \(most), such as patches:4"
    case "pixels-permuted":
      "pixels-permuted:SEED takes a whole number from 0, such as pixels-permuted:1"
    default: nil
    }
  }

  private static func size(_ digits: Substring) -> Int? {
    guard let size = Int(digits), "\(size)" == digits, windowSizes.contains(size) else {
      return nil
    }
    return size
  }
}

extension ReadingOrder: Codable {
  /// Writes the name as one string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Reads the name; throws ``PreprocessingError/unknownReadingOrder(_:)`` where it is unknown.
  public init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    guard let order = ReadingOrder(name) else {
      throw PreprocessingError.unknownReadingOrder(name)
    }
    self = order
  }
}
