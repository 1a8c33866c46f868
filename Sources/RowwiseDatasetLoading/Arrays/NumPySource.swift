import RowwiseFiles
import RowwiseRowSequencing

/// Pictures and labels in two NumPy arrays.
struct NumPySource: SampleSource {
  let images: String
  let labels: String?

  var path: String { images }
  var isLabelled: Bool { labels != nil }

  func shape(limit: Int) throws(DatasetError) -> NativeShape {
    try Layout(NumPyArray(path: images, limit: limit)).shape
  }

  func labels(limit: Int) throws(DatasetError) -> [String] {
    guard let labels else { throw .unlabelled(path: images) }
    return try NumPyArray(path: labels, limit: limit, areLabels: true).texts()
  }

  func expectedBytes(_ each: Int, of native: Int) -> Int {
    // A byte a number; nothing is opened for it, which in an archive would inflate it once more.
    (FileKind(path: images)?.size ?? 0) / max(native, 1) * each
  }

  func check(limit: Int) throws(DatasetError) {
    try NumPyArray(path: images, limit: limit).finish()
  }

  func forEachPortion(
    limit: Int, threads: Int,
    _ body: (_ pixels: [UInt8], _ labels: [String]?) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    let array = try NumPyArray(path: images, limit: limit)
    let layout = try Layout(array)
    if let labels {
      let count = try NumPyArray(path: labels, limit: limit, areLabels: true).count
      guard count == array.count else {
        throw .countMismatch(
          images: images, imageCount: array.count, labels: labels, labelCount: count)
      }
    }
    // Few enough that they are still in the processor's cache when they are put behind the others.
    let portion = max(1, (1 << 20) / layout.shape.byteCount)
    for start in stride(from: 0, to: array.count, by: portion) {
      let values = try array.next(min(portion, array.count - start))
      // Truth values become black and white.
      let pixels = array.isBoolean ? values.map { $0 == 0 ? 0 : 255 } : values
      try body(
        layout.arePlanes ? layout.shape.interleave(pixels, threads: threads) : pixels, nil)
    }
    try array.finish()
  }

  /// How an array's numbers are pictures.
  private struct Layout {
    var shape: NativeShape
    /// Whether the channels lie one behind the other: (N, 3, H, W).
    var arePlanes = false

    init(_ array: NumPyArray) throws(DatasetError) {
      guard case .integer(1, false, _) = array.element else {
        throw .unclear(
          path: array.path,
          reason:
            "pictures of \(array.element.byteCount == 1 ? "signed " : "")"
            + "\(8 * array.element.byteCount)-bit numbers; expected unsigned bytes: bring them to "
            + "0…255, as (x // 257) does with 16 bits, and save them with astype(\"uint8\")")
      }
      let sizes = Array(array.dimensions.dropFirst())
      let found: NativeShape? =
        switch (sizes.count, sizes.last) {
        case (1, _): NativeShape.square(sizes[0])
        case (2, _): NativeShape(width: sizes[1], height: sizes[0], color: .gray)
        case (3, 1): NativeShape(width: sizes[1], height: sizes[0], color: .gray)
        case (3, 3): NativeShape(width: sizes[1], height: sizes[0], color: .rgb)
        default:
          sizes.count == 3 && [1, 3].contains(sizes[0])
            ? NativeShape(
              width: sizes[2], height: sizes[1], color: sizes[0] == 1 ? .gray : .rgb) : nil
        }
      if sizes.count == 1, found?.color == .rgb {
        throw .unclear(
          path: array.path,
          reason:
            "\(sizes[0]) numbers a picture may be three planes or pixels of three; save them as "
            + "x.reshape(-1, 3, H, W) or x.reshape(-1, H, W, 3)")
      }
      guard let found, (1...65_535).contains(found.width), (1...65_535).contains(found.height),
        array.count > 0
      else {
        throw .unclear(
          path: array.path,
          reason: "an array of the shape ("
            + array.dimensions.map { "\($0)" }.joined(separator: ", ")
            + "); expected pictures: (N, H, W), (N, H, W, 1 or 3), (N, 1 or 3, H, W) or (N, H × W)")
      }
      shape = found
      arePlanes = sizes.count == 3 && sizes[2] != 3 && sizes[2] != 1 && found.color == .rgb
    }
  }
}

extension NativeShape {
  /// Gray or RGB pictures as wide as high, of so many numbers; nil where there are none.
  static func square(_ numbers: Int) -> NativeShape? {
    for color in [ColorMode.gray, .rgb] where numbers % color.channels == 0 {
      let pixels = numbers / color.channels
      let side = Int(Double(pixels).squareRoot().rounded())
      if side > 0, side * side == pixels {
        return NativeShape(width: side, height: side, color: color)
      }
    }
    return nil
  }

  /// Pixels of pictures whose channels lie one behind the other, side by side.
  func interleave(_ planes: [UInt8], threads: Int) -> [UInt8] {
    let (pixels, channels) = (width * height, color.channels)
    return PackedPixels.map(
      count: planes.count / byteCount, bytesEach: byteCount, threads: threads
    ) { index, target in
      let base = index * pixels * channels
      for pixel in 0..<pixels {
        for channel in 0..<channels {
          target[pixel * channels + channel] = planes[base + channel * pixels + pixel]
        }
      }
    }
  }
}
