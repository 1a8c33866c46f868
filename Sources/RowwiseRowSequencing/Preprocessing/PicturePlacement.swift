import RowwiseImageDecoding

/// Where a picture lies in the model's size: a part of it, resampled, at a place between bars.
struct PicturePlacement: Sendable, Equatable {
  /// A rectangle of pixels.
  struct Box: Sendable, Equatable {
    var x = 0
    var y = 0
    var width: Int
    var height: Int
  }

  /// The part of the picture that is read.
  var part: Box
  /// Where it goes in the model's size, and how large it gets.
  var place: Box
  /// Bytes of a pixel of the bars, the model's channels.
  var bar: [UInt8] = []

  /// All of a picture, stretched.
  init(stretching width: Int, _ height: Int, to preprocessing: Preprocessing) {
    part = Box(width: width, height: height)
    place = Box(width: preprocessing.width, height: preprocessing.height)
  }

  /// The place that follows from a picture's size and the adaptation alone.
  ///
  /// - Parameter bar: a pixel of a letterbox's bars.
  init(of width: Int, _ height: Int, in preprocessing: Preprocessing, bar: [UInt8]) {
    self.init(stretching: width, height, to: preprocessing)
    let (modelWidth, modelHeight) = (preprocessing.width, preprocessing.height)
    switch preprocessing.adaptation.fit {
    case .stretch: break
    case .letterbox:
      self.bar = bar
      place = Self.box(width, height, within: modelWidth, modelHeight)
      place.x = (modelWidth - place.width) / 2
      place.y = (modelHeight - place.height) / 2
    case .crop:
      part = Self.box(modelWidth, modelHeight, within: width, height)
      part.x = (width - part.width) / 2
      part.y = (height - part.height) / 2
    }
  }

  /// The largest box of given proportions in another.
  private static func box(_ width: Int, _ height: Int, within outer: Int, _ high: Int) -> Box {
    func side(_ side: Int, _ by: Int, _ per: Int) -> Int {
      max(1, Int((Double(side) * Double(by) / Double(per)).rounded()))
    }
    // Compared as products: no side is above 65,535 × the same.
    return width * high > outer * height
      ? Box(width: outer, height: min(side(outer, height, width), high))
      : Box(width: min(side(high, width, height), outer), height: high)
  }

  /// The place of what is on a picture: 5/7 of the model's size, its centre of mass in the middle; nil
  /// where there is nothing on it.
  ///
  /// What differs from the border's median colour by a quarter of the greatest difference is on it, and
  /// by more than the border itself differs, as under uneven light.
  init?(trimming image: DecodedImage, to preprocessing: Preprocessing) {
    let color = Self.borderColor(of: image)
    let distances = Self.distances(of: image, from: color)
    guard let greatest = distances.max(), greatest > 1 else { return nil }
    let shade = Self.border(of: image.width, image.height).map { distances[$0] }.sorted()
    let uneven = Int(shade[shade.count * 19 / 20]) * 3 / 2
    let least = max(Int(greatest) / 4, min(uneven, Int(greatest) / 2), 1)
    var (left, right, top, bottom) = (image.width, -1, image.height, -1)
    var (mass, massX, massY) = (0, 0, 0)
    for y in 0..<image.height {
      for x in 0..<image.width {
        let distance = Int(distances[y * image.width + x])
        guard distance >= least else { continue }
        (left, right, top, bottom) = (min(left, x), max(right, x), min(top, y), max(bottom, y))
        mass += distance
        massX += distance * x
        massY += distance * y
      }
    }
    self.init(stretching: image.width, image.height, to: preprocessing)
    bar = color
    part = Box(x: left, y: top, width: right - left + 1, height: bottom - top + 1)
    let (width, height) = (preprocessing.width, preprocessing.height)
    place = Self.box(
      part.width, part.height, within: max(1, width * 5 / 7), max(1, height * 5 / 7))
    func start(_ mass: Double, _ part: Int, _ place: Int, _ whole: Int) -> Int {
      let middle = (mass + 0.5) * Double(place) / Double(part)
      return min(max(Int((Double(whole) / 2 - middle).rounded()), 0), whole - place)
    }
    place.x = start(Double(massX) / Double(mass) - Double(left), part.width, place.width, width)
    place.y = start(Double(massY) / Double(mass) - Double(top), part.height, place.height, height)
  }

  /// Whether it changes nothing but the size.
  func isStretch(_ width: Int, _ height: Int, to preprocessing: Preprocessing) -> Bool {
    part == Box(width: width, height: height)
      && place == Box(width: preprocessing.width, height: preprocessing.height)
  }

  // MARK: Border

  /// The pixels at the border.
  private static func border(of width: Int, _ height: Int) -> [Int] {
    guard width > 1, height > 1 else { return Array(0..<width * height) }
    let sides = (1..<height - 1).flatMap { [$0 * width, ($0 + 1) * width - 1] }
    return Array(0..<width) + Array((height - 1) * width..<height * width) + sides
  }

  /// The median of each channel over the border.
  static func borderColor(of image: DecodedImage) -> [UInt8] {
    let border = border(of: image.width, image.height)
    return (0..<image.channels).map { channel in
      border.map { image.pixels[$0 * image.channels + channel] }.sorted()[border.count / 2]
    }
  }

  /// How far each pixel is from a colour: the greatest difference of a channel.
  private static func distances(of image: DecodedImage, from color: [UInt8]) -> [UInt8] {
    let (channels, pixels) = (image.channels, image.pixels.span)
    return (0..<image.width * image.height).map { pixel in
      var greatest: UInt8 = 0
      for channel in 0..<channels {
        let byte = pixels[pixel * channels + channel]
        greatest = max(
          greatest, byte > color[channel] ? byte - color[channel] : color[channel] - byte)
      }
      return greatest
    }
  }
}

/// Puts the rows of a picture to their place while they arrive.
struct PicturePlacer: Sendable {
  private let placement: PicturePlacement
  private let channels: Int
  private let height: Int
  private var resampler: RowResampler
  /// A row of the model's size with the part in its place, bars left and right.
  private var row: [UInt8]
  private var barRow: [UInt8]
  private var arrivedRows = 0
  private var finishedRows = 0

  init(_ placement: PicturePlacement, width: Int, height: Int, channels: Int) {
    self.placement = placement
    self.channels = channels
    self.height = height
    resampler = RowResampler(
      sourceWidth: placement.part.width, sourceHeight: placement.part.height,
      width: placement.place.width, height: placement.place.height, channels: channels)
    let bar = placement.bar
    barRow = (0..<width * channels).map { bar.isEmpty ? 0 : bar[$0 % channels] }
    row = barRow
  }

  /// Takes the next row of the picture and hands over the rows of the model's size that it completes.
  mutating func append(_ source: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
    let (part, place) = (placement.part, placement.place)
    let y = arrivedRows
    arrivedRows += 1
    guard y >= part.y, y < part.y + part.height else { return }
    if y == part.y { addBars(place.y, body) }
    let columns = source.extracting(part.x * channels..<(part.x + part.width) * channels)
    let first = place.x * channels
    let isWhole = row.count == place.width * channels
    // Taken out for the call, so that it is neither copied nor accessed twice.
    var line: [UInt8] = []
    swap(&line, &row)
    var finished = 0
    resampler.append(columns) { pixels in
      finished += 1
      guard !isWhole else { return body(pixels) }
      for i in 0..<pixels.count { line[first + i] = pixels[i] }
      body(line.span)
    }
    swap(&line, &row)
    finishedRows += finished
    if finishedRows == place.y + place.height { addBars(height - finishedRows, body) }
  }

  private mutating func addBars(_ count: Int, _ body: (Span<UInt8>) -> Void) {
    for _ in 0..<count {
      finishedRows += 1
      body(barRow.span)
    }
  }
}
