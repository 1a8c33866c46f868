// For the square root: without the C library, debug builds miss it when they are linked.
import RowwiseSystem

/// Mean and standard deviation of each channel, over pictures seen one by one.
///
/// Counts how often each byte occurs, so that nothing is lost by rounding and neither the order of
/// the pictures nor a division among threads changes a bit of the result.
public struct ChannelStatistics: Sendable, Equatable {
  /// Channels counted.
  public let channels: Int
  /// [channels × 256] occurrences.
  private var histogram: [UInt64]

  /// Nothing seen yet.
  public init(color: ColorMode) {
    channels = color.channels
    histogram = [UInt64](repeating: 0, count: channels * 256)
  }

  /// Counts the bytes of a picture, or of several one behind the other.
  ///
  /// - Parameter pixels: interleaved, a multiple of ``channels`` bytes.
  public mutating func add(_ pixels: Span<UInt8>) {
    precondition(
      pixels.count % channels == 0, "\(pixels.count) bytes in pixels of \(channels) channels")
    var i = 0
    while i < pixels.count {
      for channel in 0..<channels {
        histogram[channel * 256 + Int(pixels[i + channel])] += 1
      }
      i += channels
    }
  }

  /// Adds what another counted.
  public mutating func add(_ other: ChannelStatistics) {
    precondition(channels == other.channels, "\(channels) and \(other.channels) channels")
    for i in histogram.indices { histogram[i] += other.histogram[i] }
  }

  /// Mean of byte / 255 of each channel; 0 where nothing was seen.
  public var mean: [Double] { (0..<channels).map { moments(of: $0).mean } }

  /// Standard deviation of byte / 255 of each channel (over the population, as NumPy's `std`).
  ///
  /// 1 where a channel has one value only, or nothing was seen: nothing can be divided by 0.
  public var standardDeviation: [Double] { (0..<channels).map { moments(of: $0).deviation } }

  private func moments(of channel: Int) -> (mean: Double, deviation: Double) {
    let counts = histogram[channel * 256..<(channel + 1) * 256]
    var count = 0.0
    var sum = 0.0
    for (byte, occurrences) in counts.enumerated() {
      count += Double(occurrences)
      sum += Double(occurrences) * Double(byte)
    }
    guard count > 0 else { return (0, 1) }
    let mean = sum / count
    var squares = 0.0
    for (byte, occurrences) in counts.enumerated() {
      let distance = Double(byte) - mean
      squares += Double(occurrences) * distance * distance
    }
    let deviation = (squares / count).squareRoot() / 255
    return (mean / 255, deviation > 0 ? deviation : 1)
  }
}
