/// Ways to look at one picture, whose answers are averaged: as it is, then moved a little, and mirrored
/// where that changes nothing about its class.
///
/// Which ways these are is fixed by their number and the picture's size: the picture itself, then its
/// shifts by a step, a thirty-second of the side, to the left, right, top and bottom, to the corners, and by two
/// steps. Where pictures are mirrored, each of these comes twice, the second time mirrored. Between two pixels a
/// picture is read linearly, and what a shift leaves open gets the nearest pixel's colour, as with
/// `Augmentation.shift`.
public struct PictureViews: Sendable, Equatable {
  /// How many, at least 1.
  public let count: Int
  /// Whether every second one is mirrored left to right.
  public let mirrors: Bool

  /// Every shift by up to two steps.
  public static let maximumCount = 25
  /// The picture as it is.
  public static let one = PictureViews(1)

  /// - Parameters:
  ///   - count: from 1 to ``maximumCount``.
  ///   - mirrors: whether mirrored pictures are of the same class. Wrong for digits and letters.
  public init(_ count: Int, mirrors: Bool = false) {
    precondition((1...Self.maximumCount).contains(count), "\(count) views")
    self.count = count
    self.mirrors = mirrors
  }

  /// Steps to the right and down, the shortest way first.
  private static let shifts: [(x: Int, y: Int)] = [
    (0, 0), (-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (1, -1), (-1, 1),
    (-2, 0), (2, 0), (0, -2), (0, 2), (-2, -1), (2, 1), (2, -1), (-2, 1), (-1, -2), (1, 2), (1, -2),
    (-1, 2), (-2, -2), (2, 2), (2, -2), (-2, 2),
  ]

  /// A step along a side of so many pixels, in 256ths of a pixel: a thirty-second of the side.
  private static func step(_ side: Int) -> Int { side * 256 / 32 }

  /// Writes one way to look at a picture.
  ///
  /// - Parameters:
  ///   - number: which, from 0; that is the picture as it is.
  ///   - pixels: [height × width × channels].
  ///   - preprocessing: of that size and channels.
  ///   - output: as large.
  public func write(
    _ number: Int, of pixels: Span<UInt8>, _ preprocessing: Preprocessing,
    into output: inout MutableSpan<UInt8>
  ) {
    let (width, height) = (preprocessing.width, preprocessing.height)
    let channels = preprocessing.color.channels
    precondition((0..<count).contains(number), "view \(number) of \(count)")
    precondition(
      pixels.count == preprocessing.byteCount && output.count >= pixels.count,
      "pictures of \(pixels.count) and \(output.count) bytes, expected \(preprocessing.byteCount)")
    let shift = Self.shifts[mirrors ? number / 2 : number]
    let isMirrored = mirrors && number % 2 == 1
    let (right, down) = (shift.x * Self.step(width), shift.y * Self.step(height))
    var place = 0
    for y in 0..<height {
      let (upper, lower, low) = Self.between(y * 256 - down, height)
      for x in 0..<width {
        var (first, second, share) = Self.between(x * 256 - right, width)
        if isMirrored { (first, second) = (width - 1 - first, width - 1 - second) }
        for channel in 0..<channels {
          func pixel(_ row: Int, _ column: Int) -> Int {
            Int(pixels[(row * width + column) * channels + channel])
          }
          let top = pixel(upper, first) * (256 - share) + pixel(upper, second) * share
          let bottom = pixel(lower, first) * (256 - share) + pixel(lower, second) * share
          output[place] = UInt8((top * (256 - low) + bottom * low + 0x8000) >> 16)
          place += 1
        }
      }
    }
  }

  /// The pixels that a place lies between, and the share of the second, both in 256ths; the nearest pixel for
  /// places beside the picture.
  private static func between(
    _ place: Int, _ count: Int
  ) -> (first: Int, second: Int, share: Int) {
    let inside = min(max(place, 0), (count - 1) * 256)
    return (inside / 256, min(inside / 256 + 1, count - 1), inside % 256)
  }
}
