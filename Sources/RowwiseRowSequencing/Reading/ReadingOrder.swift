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
    }
  }

  /// Whether timesteps follow from rows one after the other, from the top.
  public var streams: Bool {
    switch self {
    case .rows, .serpentine, .pixels: true
    case .rowsBottomUp, .columns, .pixelsPermuted: false
    }
  }

  /// Pixels in one timestep; the number of features is this times the channels.
  public func pixelsPerTimestep(width: Int, height: Int) -> Int {
    switch self {
    case .rows, .rowsBottomUp, .serpentine: width
    case .columns: height
    case .pixels, .pixelsPermuted: 1
    }
  }

  /// The pixels (row × width + column) in the order in which they are read.
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
  ]

  /// The name on the command line and in model files, such as `rows` or `pixels-permuted:7`.
  public var description: String {
    switch self {
    case .rows: "rows"
    case .rowsBottomUp: "rows-bottom-up"
    case .columns: "columns"
    case .serpentine: "serpentine"
    case .pixels: "pixels"
    case .pixelsPermuted(let seed): "pixels-permuted:\(seed)"
    }
  }

  /// The reading order of a name, or nil where it is none of ``names``.
  ///
  /// SEED is a decimal number from 0 to 2⁶⁴ − 1, without sign or leading zeros.
  public init?(_ description: String) {
    switch description {
    case "rows": self = .rows
    case "rows-bottom-up": self = .rowsBottomUp
    case "columns": self = .columns
    case "serpentine": self = .serpentine
    case "pixels": self = .pixels
    default:
      let prefix = "pixels-permuted:"
      guard description.hasPrefix(prefix) else { return nil }
      let digits = description.dropFirst(prefix.count)
      guard let seed = UInt64(digits), "\(seed)" == digits else { return nil }
      self = .pixelsPermuted(seed: seed)
    }
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
