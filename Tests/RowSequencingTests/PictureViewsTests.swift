import RowwiseRowSequencing
import Testing

/// Ways to look at one picture.
@Suite struct PictureViewsTests {
  private static func picture(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 / 7) }
  }

  private func all(
    _ views: PictureViews, of pixels: [UInt8], _ preprocessing: Preprocessing
  ) -> [[UInt8]] {
    (0..<views.count).map { number in
      var view = [UInt8](repeating: 0, count: pixels.count)
      var span = view.mutableSpan
      views.write(number, of: pixels.span, preprocessing, into: &span)
      return view
    }
  }

  /// The picture moved by steps, in Double: linear between two pixels, the nearest one beside the picture.
  private func moved(
    _ pixels: [UInt8], _ preprocessing: Preprocessing, right: Int, down: Int, mirrored: Bool = false
  ) -> [UInt8] {
    let (width, height) = (preprocessing.width, preprocessing.height)
    let channels = preprocessing.color.channels
    func at(_ x: Double, _ y: Double, _ channel: Int) -> UInt8 {
      let x = min(max(x, 0), Double(width - 1))
      let y = min(max(y, 0), Double(height - 1))
      var sum = 0.0
      for row in 0..<height where abs(Double(row) - y) < 1 {
        for column in 0..<width where abs(Double(column) - x) < 1 {
          let source = mirrored ? width - 1 - column : column
          sum +=
            (1 - abs(Double(row) - y)) * (1 - abs(Double(column) - x))
            * Double(pixels[(row * width + source) * channels + channel])
        }
      }
      return UInt8(sum.rounded())
    }
    return (0..<height).flatMap { y in
      (0..<width).flatMap { x in
        (0..<channels).map { channel in
          at(
            Double(x) - Double(right * width) / 32, Double(y) - Double(down * height) / 32, channel)
        }
      }
    }
  }

  @Test(arguments: [ColorMode.gray, .rgb])
  func thePictureThenItsShifts(_ color: ColorMode) throws {
    let preprocessing = try Preprocessing(width: 7, height: 5, color: color)
    let pixels = Self.picture(preprocessing.byteCount)
    let views = all(PictureViews(9), of: pixels, preprocessing)
    #expect(views[0] == pixels)
    let shifts = [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (1, -1), (-1, 1)]
    for (view, (right, down)) in zip(views.dropFirst(), shifts) {
      #expect(view == moved(pixels, preprocessing, right: right, down: down), "\(right), \(down)")
    }
    let every = all(PictureViews(PictureViews.maximumCount), of: pixels, preprocessing)
    #expect(Array(every.prefix(9)) == views)
    // As many steps in every direction: their sum is none.
    let whole = (-2...2).flatMap { down in
      (-2...2).map { moved(pixels, preprocessing, right: $0, down: down) }
    }
    #expect(Set(every) == Set(whole))
  }

  /// Each shift is followed by its mirror image.
  @Test func mirroredOnesStandBetween() throws {
    let preprocessing = try Preprocessing(width: 6, height: 4, color: .rgb)
    let pixels = Self.picture(preprocessing.byteCount)
    let views = all(PictureViews(5, mirrors: true), of: pixels, preprocessing)
    #expect(views[0] == pixels)
    #expect(views[1] == moved(pixels, preprocessing, right: 0, down: 0, mirrored: true))
    #expect(views[2] == moved(pixels, preprocessing, right: -1, down: 0))
    #expect(views[3] == moved(pixels, preprocessing, right: -1, down: 0, mirrored: true))
    #expect(views[4] == moved(pixels, preprocessing, right: 1, down: 0))
  }

  /// A step is a thirty-second of the side: a quarter of a pixel of eight, one of 32, seven of 224.
  @Test(arguments: [(8, 0.25), (28, 0.875), (32, 1), (64, 2), (224, 7)])
  func aStepGrowsWithTheSide(side: Int, step: Double) throws {
    let preprocessing = try Preprocessing(width: side, height: 3)
    let pixels = (0..<3 * side).map { UInt8($0 % side) }
    let views = all(PictureViews(5), of: pixels, preprocessing)
    #expect(views[1][0] == UInt8(step.rounded()))
    let column = side / 2
    #expect(views[1][column] == UInt8((Double(column) + step).rounded()))
    #expect(views[2][column] == UInt8((Double(column) - step).rounded()))
    #expect(views[3] == pixels && views[4] == pixels)
  }

  /// No two are the same.
  @Test func everyOneIsAnother() throws {
    let preprocessing = try Preprocessing(width: 32, height: 32)
    let pixels = (0..<1024).map { UInt8(truncatingIfNeeded: ($0 &* $0 &* 7919) >> 5) }
    for views in [PictureViews(25), PictureViews(25, mirrors: true)] {
      #expect(Set(all(views, of: pixels, preprocessing)).count == 25)
    }
  }

  /// A single row or column cannot move, and nothing is read beyond it.
  @Test func everySizeIsTaken() throws {
    for (width, height) in [(1, 1), (1, 9), (9, 1), (2, 2)] {
      let preprocessing = try Preprocessing(width: width, height: height)
      let pixels = Self.picture(preprocessing.byteCount)
      for view in all(PictureViews(25, mirrors: true), of: pixels, preprocessing) {
        #expect(view.allSatisfy { (pixels.min() ?? 0)...(pixels.max() ?? 0) ~= $0 })
        if width == 1, height == 1 { #expect(view == pixels) }
      }
    }
  }
}
