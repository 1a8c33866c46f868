import RealModule

/// Colours of evidence: blue for, orange against, as Okabe and Ito chose them to be told apart with every
/// kind of colour vision.
enum EvidenceColors {
  static let pro = RasterColor(0x00, 0x72, 0xB2)
  static let con = RasterColor(0xD5, 0x5E, 0x00)

  /// A pixel with its evidence over it.
  ///
  /// - Parameters:
  ///   - gray: the pixel's brightness, 0 … 1; shown pale, so that colours stand out.
  ///   - share: of the strongest evidence of the picture, −1 … 1. Colours grow with a power of it: few
  ///     pixels are strong, and what is weak should be seen too.
  static func color(gray: Double, share: Double) -> RasterColor {
    let strength = Double.pow(min(share.magnitude, 1), 0.7)
    let tone = share < 0 ? con : pro
    let base = 255 * (0.58 + 0.42 * gray)
    func mix(_ channel: UInt8) -> UInt8 {
      UInt8(min(255, max(0, base + (Double(channel) - base) * strength)).rounded())
    }
    return RasterColor(mix(tone.red), mix(tone.green), mix(tone.blue))
  }
}
