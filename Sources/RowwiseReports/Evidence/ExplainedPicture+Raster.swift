import RowwiseEvaluation
import RowwiseTexts

extension ExplainedPicture {
  private static let ink = RasterColor(0x1B, 0x1F, 0x24)
  private static let soft = RasterColor(0x59, 0x63, 0x6E)
  private static let rule = RasterColor(0xC3, 0xC9, 0xD0)
  private static let margin = 12
  /// A picture is enlarged to about so many pixels.
  private static let wantedSide = 224

  /// What the model sees.
  package func picture(scale: Int = 1) -> Raster {
    draw(scale: scale) { pixel in
      let start = pixel * evidence.channels
      return evidence.channels == 1
        ? RasterColor(pixels[start], pixels[start], pixels[start])
        : RasterColor(pixels[start], pixels[start + 1], pixels[start + 2])
    }
  }

  /// What the model sees, pale, with the evidence of each pixel over it.
  package func overlay(scale: Int = 1) -> Raster {
    let values = evidence.pixels
    let most = strongestPixel
    return draw(scale: scale) { pixel in
      EvidenceColors.color(
        gray: brightness(pixel), share: most > 0 ? values[pixel] / most : 0)
    }
  }

  /// The magnitude of the strongest pixel's evidence, in nats.
  var strongestPixel: Double { evidence.pixels.reduce(0) { max($0, $1.magnitude) } }

  /// Luma as the decoder weighs colours, 0 … 1.
  private func brightness(_ pixel: Int) -> Double {
    let start = pixel * evidence.channels
    guard evidence.channels == 3 else { return Double(pixels[start]) / 255 }
    return
      (0.299 * Double(pixels[start]) + 0.587 * Double(pixels[start + 1])
      + 0.114 * Double(pixels[start + 2])) / 255
  }

  private func draw(scale: Int, _ color: (Int) -> RasterColor) -> Raster {
    var raster = Raster(width: evidence.width * scale, height: evidence.height * scale)
    for y in 0..<evidence.height {
      for x in 0..<evidence.width {
        raster.fill(
          x: x * scale, y: y * scale, width: scale, height: scale, color(y * evidence.width + x))
      }
    }
    return raster
  }

  // MARK: One picture of everything

  /// Picture, overlay and bars side by side, with what they mean.
  package func sheet() -> Raster {
    let scale = max(1, Self.wantedSide / max(evidence.width, evidence.height))
    let (width, height) = (evidence.width * scale, evidence.height * scale)
    let barsWidth = max(width, 120)
    let total = max(2 * width + barsWidth + 4 * Self.margin, 420)
    let line = BitmapFont.height + 6
    let top = Self.margin + 2 * line
    var raster = Raster(width: total, height: top + height + 2 * line + 2 * Self.margin)
    let room = (total - 2 * Self.margin) / BitmapFont.advance
    for (row, text) in [Self.ascii(name), heading].enumerated() {
      raster.draw(
        Self.fitted(text, room), x: Self.margin, y: Self.margin + row * line, scale: 1,
        row == 0 ? Self.ink : Self.soft)
    }
    raster.draw(picture(scale: scale), x: Self.margin, y: top)
    raster.draw(overlay(scale: scale), x: 2 * Self.margin + width, y: top)
    drawBars(&raster, x: 3 * Self.margin + 2 * width, y: top, width: barsWidth, scale: scale)
    drawLegend(&raster, y: top + height + Self.margin)
    return raster
  }

  private var heading: String {
    let name = Self.ascii(className)
    let rows = evidence.reading == nil ? "lost by covered row" : "added by row"
    return "for \(name): pixels \(Self.nats(evidence.attribution.sum)) nats; bars: \(rows)"
  }

  private func drawBars(_ raster: inout Raster, x: Int, y: Int, width: Int, scale: Int) {
    let values = bars
    let most = values.reduce(0) { max($0, $1.magnitude) }
    let middle = x + width / 2
    for (row, value) in values.enumerated() where most > 0 {
      let length = Int((value.magnitude / most * Double(width / 2)).rounded())
      raster.fill(
        x: value < 0 ? middle - length : middle, y: y + row * scale, width: length,
        height: max(1, scale - scale / 5), value < 0 ? EvidenceColors.con : EvidenceColors.pro)
    }
    raster.fill(x: middle, y: y, width: 1, height: evidence.height * scale, Self.rule)
    let text = "most \(NumberText.fixed(most, decimals: 2)) nats"
    raster.draw(
      text, x: max(x, x + width - Raster.length(of: text, scale: 1)),
      y: y + evidence.height * scale + Self.margin, scale: 1, Self.soft)
  }

  private func drawLegend(_ raster: inout Raster, y: Int) {
    let most = NumberText.fixed(strongestPixel, decimals: 3)
    var x = Self.margin
    func write(_ text: String) {
      raster.draw(text, x: x, y: y, scale: 1, Self.soft)
      x += Raster.length(of: text, scale: 1) + BitmapFont.advance
    }
    write("-\(most)")
    for step in -8...8 {
      raster.fill(
        x: x, y: y, width: 6, height: BitmapFont.height,
        EvidenceColors.color(gray: 0.5, share: Double(step) / 8))
      x += 6
    }
    x += BitmapFont.advance
    write("+\(most) nats a pixel")
  }

  /// The text with a question mark for every character that the pictures' font has not.
  private static func ascii(_ text: String) -> String {
    String(
      TerminalText.printable(text).map { character in
        BitmapFont.canShow(String(character)) ? character : "?"
      })
  }

  /// The end of a text, as paths are told apart by it.
  private static func fitted(_ text: String, _ room: Int) -> String {
    text.count <= room ? text : "..." + text.suffix(max(0, room - 3))
  }

  /// Sheets below each other.
  package static func sheets(_ pictures: [ExplainedPicture]) -> Raster? {
    let sheets = pictures.map { $0.sheet() }
    guard let width = sheets.map(\.width).max() else { return nil }
    var raster = Raster(width: width, height: sheets.reduce(0) { $0 + $1.height })
    var y = 0
    for sheet in sheets {
      raster.draw(sheet, x: 0, y: y)
      y += sheet.height
    }
    return raster
  }
}
