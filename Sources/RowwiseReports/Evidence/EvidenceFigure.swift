#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
import RowwiseTexts

/// Makes a PNG file of a raster.
public typealias PNGEncoder = (Raster) throws -> [UInt8]

/// The parts of pages that show evidence.
struct EvidenceFigure {
  let picture: ExplainedPicture
  let png: PNGEncoder

  /// Picture, overlay and bars side by side, row beside row.
  func panels() throws -> String {
    var text = "<div class=\"panels\" style=\"--ratio:\(ratio)\">"
    for (name, raster) in [
      ("what the model sees", picture.picture()), ("evidence of each pixel", picture.overlay()),
    ] {
      text +=
        "<figure><div class=\"frame\">\(try image(raster, name))<i class=\"unread\"></i></div>"
      text += "<figcaption>\(name)</figcaption></figure>"
    }
    text += "<figure><div class=\"frame\">\(bars)<i class=\"unread\"></i></div>"
    return text + "<figcaption>\(picture.barsTitle), \(barRange)</figcaption></figure></div>\n"
  }

  /// Overlay and bars alone, for a gallery that shows the picture itself.
  func small() throws -> String {
    let nats = ExplainedPicture.nats(picture.evidence.attribution.sum)
    var text = "<details class=\"why\"><summary>evidence</summary>"
    text += "<div class=\"panels\" style=\"--ratio:\(ratio)\">"
    text += "<div class=\"frame\">\(try image(picture.overlay(), "evidence of each pixel"))</div>"
    text += "<div class=\"frame\">\(bars)</div></div>"
    text += "for <b>\(HTMLText.escaped(picture.className))</b>: \(nats) nats by pixels"
    if !picture.evidence.attribution.isConverged { text += " (not converged)" }
    return text + "; bars: \(picture.barsTitle), \(barRange)</details>"
  }

  /// Which colours stand for how many nats.
  var legend: String {
    let most = NumberText.fixed(picture.strongestPixel, decimals: 3)
    var text = "<div class=\"nats\"><span>-\(most)</span>"
    for step in -8...8 {
      let color = EvidenceColors.color(gray: 0.5, share: Double(step) / 8)
      text += "<i style=\"background:rgb(\(color.red),\(color.green),\(color.blue))\"></i>"
    }
    return text + "<span>+\(most) nats a pixel</span><span>blue speaks for "
      + "<b>\(HTMLText.escaped(picture.className))</b>, orange against</span></div>\n"
  }

  private var ratio: String { "\(picture.evidence.width)/\(picture.evidence.height)" }

  private var barRange: String {
    let most = picture.bars.reduce(0) { max($0, $1.magnitude) }
    return "up to \(NumberText.fixed(most, decimals: 2)) nats"
  }

  private func image(_ raster: Raster, _ name: String) throws -> String {
    let data = Data(try png(raster)).base64EncodedString()
    return "<img src=\"data:image/png;base64,\(data)\" alt=\"\(HTMLText.escaped(name))\">"
  }

  private var bars: String {
    let values = picture.bars
    let most = values.reduce(0) { max($0, $1.magnitude) }
    var text =
      "<svg class=\"bars\" viewBox=\"0 0 200 \(values.count)\" preserveAspectRatio=\"none\" "
    text += "role=\"img\" aria-label=\"\(picture.barsTitle)\">"
    for (row, value) in values.enumerated() {
      let length = most > 0 ? (value.magnitude / most * 1000).rounded() / 10 : 0
      text +=
        "<rect class=\"\(value < 0 ? "con" : "pro")\" x=\"\(value < 0 ? 100 - length : 100)\" "
      text += "y=\"\(row).1\" width=\"\(length)\" height=\"0.8\">"
      text += "<title>row \(row + 1): \(ExplainedPicture.nats(value)) nats</title></rect>"
    }
    return text + "<path class=\"zero\" d=\"M100 0V\(values.count)\"/></svg>"
  }
}

extension ExplainedPicture {
  /// Overlay and bars, folded in, as HTML for a gallery that shows the picture itself.
  package func small(png: @escaping PNGEncoder) throws -> String {
    try EvidenceFigure(picture: self, png: png).small()
  }
}
