import RowwiseImageDecoding

/// Changes the size of a picture while its rows arrive, one by one.
///
/// Each axis by itself: area average where it gets shorter, bilinear where it gets longer,
/// untouched where it keeps its length (`AxisWeights`). Horizontal first, rounded to bytes, then
/// vertical: as Pillow's `resize` with BOX and BILINEAR, within one level. Memory: the output rows
/// in the making, never the source picture.
public struct RowResampler: Sendable {
  private let channels: Int
  private let horizontal: AxisWeights
  private let vertical: AxisWeights
  /// The arrived row at output width.
  private var row: [UInt8]
  /// Sums of output rows in the making; output row i is in place i % `places`.
  private var sums: [Int32]
  private let places: Int
  /// Finished output row.
  private var finished: [UInt8]
  private var arrivedRows = 0
  private var finishedRows = 0

  /// - Parameters: sizes in pixels and channels, all at least 1.
  public init(
    sourceWidth: Int, sourceHeight: Int, width: Int, height: Int, channels: Int
  ) {
    precondition(channels > 0, "\(channels) channels")
    self.channels = channels
    horizontal = AxisWeights(sourceCount: sourceWidth, outputCount: width)
    vertical = AxisWeights(sourceCount: sourceHeight, outputCount: height)
    row = [UInt8](repeating: 0, count: width * channels)
    finished = row
    places = RowResampler.placesNeeded(by: vertical)
    sums = [Int32](repeating: 0, count: places * width * channels)
  }

  /// The most output rows that one source row contributes to.
  private static func placesNeeded(by axis: AxisWeights) -> Int {
    if axis.isIdentity { return 0 }
    var most = 1
    var first = 0
    for output in 0..<axis.outputCount {
      // Row `output` begins here; which earlier ones still need this source row or a later one?
      while axis.starts[first] + axis.counts[first] <= axis.starts[output] { first += 1 }
      most = max(most, output - first + 1)
    }
    return most
  }

  /// Takes the next source row and hands over the output rows that it finishes, in order.
  ///
  /// - Parameters:
  ///   - source: source width × channels bytes.
  ///   - body: called with each finished row of width × channels bytes.
  public mutating func append(_ source: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
    precondition(
      source.count == horizontal.sourceCount * channels,
      "row of \(source.count) bytes, expected \(horizontal.sourceCount * channels)")
    precondition(arrivedRows < vertical.sourceCount, "more than \(arrivedRows) rows")
    let y = arrivedRows
    arrivedRows += 1
    if horizontal.isIdentity {
      for i in 0..<row.count { row[i] = source[i] }
    } else if channels == 1 {
      resampleGray(source)
    } else {
      resampleInterleaved(source)
    }
    if vertical.isIdentity {
      finishedRows += 1
      body(row.span)
      return
    }
    addToOutputs(sourceRow: y, body)
  }

  private mutating func resampleGray(_ source: Span<UInt8>) {
    for x in 0..<horizontal.outputCount {
      let start = horizontal.starts[x]
      let offset = horizontal.offsets[x]
      var sum = AxisWeights.half
      for k in 0..<horizontal.counts[x] {
        sum &+= horizontal.weights[offset + k] &* Int32(source[start + k])
      }
      row[x] = UInt8(truncatingIfNeeded: sum &>> AxisWeights.fractionBits)
    }
  }

  private mutating func resampleInterleaved(_ source: Span<UInt8>) {
    for x in 0..<horizontal.outputCount {
      let offset = horizontal.offsets[x]
      let count = horizontal.counts[x]
      for channel in 0..<channels {
        var position = horizontal.starts[x] * channels + channel
        var sum = AxisWeights.half
        for k in 0..<count {
          sum &+= horizontal.weights[offset + k] &* Int32(source[position])
          position += channels
        }
        row[x * channels + channel] = UInt8(truncatingIfNeeded: sum &>> AxisWeights.fractionBits)
      }
    }
  }

  private mutating func addToOutputs(sourceRow y: Int, _ body: (Span<UInt8>) -> Void) {
    var output = finishedRows
    while output < vertical.outputCount, vertical.starts[output] <= y {
      let base = output % places * row.count
      let k = y - vertical.starts[output]
      let weight = vertical.weights[vertical.offsets[output] + k]
      if k == 0 {
        for i in 0..<row.count {
          sums[base + i] = AxisWeights.half &+ weight &* Int32(row[i])
        }
      } else {
        for i in 0..<row.count { sums[base + i] &+= weight &* Int32(row[i]) }
      }
      if k == vertical.counts[output] - 1 {
        for i in 0..<row.count {
          finished[i] = UInt8(truncatingIfNeeded: sums[base + i] &>> AxisWeights.fractionBits)
        }
        finishedRows += 1
        body(finished.span)
      }
      output += 1
    }
  }

  /// The whole picture in another size.
  ///
  /// - Parameters:
  ///   - image: at least 1×1.
  ///   - width: in pixels, at least 1; `height` likewise.
  public static func resize(_ image: DecodedImage, width: Int, height: Int) -> DecodedImage {
    if image.width == width, image.height == height { return image }
    precondition(
      image.pixels.count == image.width * image.height * image.channels,
      "image of \(image.pixels.count) bytes, expected "
        + "\(image.width)×\(image.height)×\(image.channels)")
    var resampler = RowResampler(
      sourceWidth: image.width, sourceHeight: image.height, width: width, height: height,
      channels: image.channels)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * image.channels)
    let rowBytes = image.width * image.channels
    for y in 0..<image.height {
      let source = image.pixels.span.extracting(y * rowBytes..<(y + 1) * rowBytes)
      resampler.append(source) { row in
        for i in row.indices { pixels.append(row[i]) }
      }
    }
    return DecodedImage(width: width, height: height, channels: image.channels, pixels: pixels)
  }
}
