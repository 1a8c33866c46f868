/// Writes pictures of the model's size as sequences of timesteps.
///
/// Made once for a ``Preprocessing`` and used for every picture: it holds the reading order as a
/// table of pixels, and a table of the 256 values of each channel.
public struct SequenceWriter: Sendable {
  /// What the tables were made from.
  public let preprocessing: Preprocessing
  private let pixelOrder: [Int32]
  /// [channels × 256], value of byte b of channel c at c × 256 + b.
  private let values: [Float]

  /// Makes the tables.
  public init(_ preprocessing: Preprocessing) {
    self.preprocessing = preprocessing
    pixelOrder = preprocessing.readingOrder
      .pixelOrder(width: preprocessing.width, height: preprocessing.height).map { Int32($0) }
    values = (0..<preprocessing.color.channels).flatMap { channel in
      (0..<256).map { byte in
        let scaled = Double(byte) / 255
        guard let mean = preprocessing.mean, let deviation = preprocessing.standardDeviation else {
          return Float(scaled)
        }
        return Float((scaled - mean[channel]) / deviation[channel])
      }
    }
  }

  /// Writes feature d of timestep t to `sequence[t × timestepStride + d]`.
  ///
  /// A batch is time-major, [T, N, D]: for sample n hand over the part of it that begins at
  /// n × row stride, and as `timestepStride` N × row stride.
  ///
  /// - Parameters:
  ///   - pixels: [height × width × channels] bytes of the model's size.
  ///   - sequence: holds at least (T − 1) × `timestepStride` + D numbers; others stay untouched.
  ///   - timestepStride: numbers from one timestep to the next, at least D.
  public func write(
    _ pixels: Span<UInt8>, into sequence: inout MutableSpan<Float>, timestepStride: Int
  ) {
    let timesteps = preprocessing.timesteps
    let features = preprocessing.features
    precondition(
      pixels.count == preprocessing.byteCount,
      "\(pixels.count) bytes, expected \(preprocessing.byteCount)")
    precondition(
      timestepStride >= features, "timestep stride \(timestepStride), features \(features)")
    precondition(
      sequence.count >= (timesteps - 1) * timestepStride + features,
      "room for \(sequence.count) numbers, needed \((timesteps - 1) * timestepStride + features)")
    let pixelsPerTimestep = features / preprocessing.color.channels
    let order = pixelOrder.span
    for t in 0..<timesteps {
      write(
        pixels, order.extracting(t * pixelsPerTimestep..<(t + 1) * pixelsPerTimestep), offset: 0,
        into: &sequence, at: t * timestepStride)
    }
  }

  /// Writes the pixels that `order` names, one after the other, from `position` on.
  ///
  /// - Parameter offset: of the first of `pixels` in the picture.
  @inline(__always)
  private func write(
    _ pixels: Span<UInt8>, _ order: Span<Int32>, offset: Int,
    into sequence: inout MutableSpan<Float>, at position: Int
  ) {
    let values = values.span
    var position = position
    switch preprocessing.color {
    case .gray:
      for next in order.indices {
        let pixel = Int(order[next])
        sequence[position] = pixel < 0 ? 0 : values[Int(pixels[pixel - offset])]
        position += 1
      }
    case .rgb:
      for next in order.indices {
        guard order[next] >= 0 else {
          for channel in 0..<3 { sequence[position + channel] = 0 }
          position += 3
          continue
        }
        let pixel = (Int(order[next]) - offset) * 3
        sequence[position] = values[Int(pixels[pixel])]
        sequence[position + 1] = values[256 + Int(pixels[pixel + 1])]
        sequence[position + 2] = values[512 + Int(pixels[pixel + 2])]
        position += 3
      }
    }
  }

  /// Writes some timesteps, [timesteps × D], of rows of the model's size.
  ///
  /// - Parameters:
  ///   - rows: those that the timesteps need, from row `first` on.
  func write(
    _ timesteps: Range<Int>, ofRows rows: Span<UInt8>, from first: Int,
    into sequence: inout MutableSpan<Float>
  ) {
    let pixels = preprocessing.features / preprocessing.color.channels
    write(
      rows,
      pixelOrder.span.extracting(timesteps.lowerBound * pixels..<timesteps.upperBound * pixels),
      offset: first * preprocessing.width, into: &sequence, at: 0)
  }

  /// The sequence of one picture, [T × D].
  ///
  /// - Parameter pixels: [height × width × channels] bytes of the model's size.
  public func sequence(of pixels: [UInt8]) -> [Float] {
    let features = preprocessing.features
    var sequence = [Float](repeating: 0, count: preprocessing.timesteps * features)
    var span = sequence.mutableSpan
    write(pixels.span, into: &span, timestepStride: features)
    return sequence
  }
}
