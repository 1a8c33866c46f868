import RowwiseImageDecoding

extension Preprocessing {
  /// The picture's bytes in the model's size and channels, light and dark as they are in the picture:
  /// [height × width × channels].
  ///
  /// - Parameter image: at least 1×1, one or three channels, upright.
  package func placedPixels(of image: DecodedImage) -> [UInt8] {
    let converted = Luma.convert(image, to: color)
    let placement = placement(of: converted)
    if placement.isStretch(image.width, image.height, to: self) {
      return RowResampler.resize(converted, width: width, height: height).pixels
    }
    var placer = PicturePlacer(
      placement, width: width, height: height, channels: color.channels)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(byteCount)
    let rowBytes = converted.width * color.channels
    for y in 0..<converted.height {
      placer.append(converted.pixels.span.extracting(y * rowBytes..<(y + 1) * rowBytes)) { row in
        for i in row.indices { pixels.append(row[i]) }
      }
    }
    return pixels
  }

  /// Where a picture of the model's channels goes.
  private func placement(of image: DecodedImage) -> PicturePlacement {
    if adaptation.trims, let placement = PicturePlacement(trimming: image, to: self) {
      return placement
    }
    let isBarred = adaptation.fit == .letterbox
    return PicturePlacement(
      of: image.width, image.height, in: self,
      bar: !isBarred ? [] : barPixel ?? PicturePlacement.borderColor(of: image))
  }

  /// A pixel of the bars; nil where the picture's border decides.
  var barPixel: [UInt8]? {
    adaptation.barColor.map { background in
      let (red, green, blue) = (background.red, background.green, background.blue)
      return color == .gray
        ? [Luma.luma(red: red, green: green, blue: blue)] : [red, green, blue]
    }
  }

  /// Whether samples of that size and the model's channels are read as they are, but for light and dark.
  package func keepsPixels(width: Int, height: Int) -> Bool {
    width == self.width && height == self.height && !adaptation.trims
  }

  // MARK: Light and dark

  /// What is found of a picture, and whether light and dark are to be exchanged.
  ///
  /// - Parameter measure: of the picture with light and dark as they are in it.
  package func finding(of measure: PictureMeasure) -> PictureFinding {
    var measure = measure
    var finding = PictureFinding()
    switch adaptation.inversion {
    case .no: break
    case .yes: finding.isInverted = true
    case .auto: finding.isInverted = pictures?.looksInverted(measure) ?? false
    }
    if finding.isInverted { measure = measure.inverted }
    let keepsProportions = adaptation.trims || adaptation.fit != .stretch
    finding.oddities =
      pictures?.oddities(of: measure, keepsProportions: keepsProportions) ?? []
    return finding
  }

  /// Measures a picture and exchanges its light and dark where it is to be.
  ///
  /// - Parameters:
  ///   - pixels: as ``placedPixels(of:)`` makes them; become those that the model reads.
  ///   - source: what else is known of it.
  package func finish(
    _ pixels: inout [UInt8], from source: PictureMeasure.Source
  ) -> PictureFinding {
    // Nothing would come of it.
    if pictures == nil, adaptation.inversion == .no { return PictureFinding() }
    let finding = finding(of: measure(pixels.span, source))
    if finding.isInverted { Self.invert(&pixels) }
    return finding
  }

  /// Measures a picture.
  ///
  /// - Parameter pixels: as ``placedPixels(of:)`` makes them.
  package func measure(
    _ pixels: Span<UInt8>, _ source: PictureMeasure.Source
  ) -> PictureMeasure {
    PictureMeasure(
      of: pixels, width: width, height: height, channels: color.channels, source: source)
  }

  /// Exchanges light and dark.
  package static func invert(_ pixels: inout [UInt8]) {
    for i in pixels.indices { pixels[i] = 255 - pixels[i] }
  }
}
