/// How a stored picture must be turned to be upright: EXIF tag 0x0112 (EXIF 2.32, 4.6.4 A).
///
/// The names say where the stored picture's first row and first column belong in the upright one.
public enum ImageOrientation: Int, Sendable, Equatable, CaseIterable {
  /// Upright as stored.
  case topLeft = 1
  /// Mirrored left to right.
  case topRight = 2
  /// Turned by 180°.
  case bottomRight = 3
  /// Mirrored top to bottom.
  case bottomLeft = 4
  /// Mirrored along the diagonal from top left to bottom right.
  case leftTop = 5
  /// To be turned by 90° clockwise.
  case rightTop = 6
  /// Mirrored along the other diagonal.
  case rightBottom = 7
  /// To be turned by 90° counter-clockwise.
  case leftBottom = 8

  /// Whether stored columns become rows.
  public var swapsAxes: Bool { rawValue >= 5 }

  /// Whether the first upright row can be made from the first stored row alone: true as stored and
  /// for a left-right mirror. All others need the whole picture first.
  public var keepsRowOrder: Bool { rawValue <= 2 }

  /// Width and height of the upright picture.
  public func uprightSize(width: Int, height: Int) -> (width: Int, height: Int) {
    swapsAxes ? (height, width) : (width, height)
  }

  /// Where upright row `row` starts in a stored picture and how far its pixels lie apart, both in
  /// stored pixels.
  func walk(row: Int, width: Int, height: Int) -> (start: Int, step: Int) {
    switch self {
    case .topLeft: (row * width, 1)
    case .topRight: (row * width + width - 1, -1)
    case .bottomRight: ((height - 1 - row) * width + width - 1, -1)
    case .bottomLeft: ((height - 1 - row) * width, 1)
    case .leftTop: (row, width)
    case .rightTop: ((height - 1) * width + row, -width)
    case .rightBottom: ((height - 1) * width + width - 1 - row, -width)
    case .leftBottom: (width - 1 - row, width)
    }
  }

  /// Copies one upright row out of a stored picture.
  ///
  /// - Parameters:
  ///   - stored: `width * height` pixels of `pixelBytes` bytes each; not overlapping `target`.
  ///   - target: Room for the upright row.
  func copyRow(
    _ row: Int, from stored: UnsafePointer<UInt8>, width: Int, height: Int, pixelBytes: Int,
    to target: UnsafeMutablePointer<UInt8>
  ) {
    let (start, step) = walk(row: row, width: width, height: height)
    let count = swapsAxes ? height : width
    var source = stored + start * pixelBytes
    var place = target
    if step == 1 {
      target.update(from: source, count: count * pixelBytes)
      return
    }
    let stride = step * pixelBytes
    for index in 0..<count {
      for byte in 0..<pixelBytes { place[byte] = source[byte] }
      place += pixelBytes
      // The last step could leave the picture's memory.
      if index + 1 < count { source += stride }
    }
  }
}
