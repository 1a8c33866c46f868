import RealModule
import RowwiseEvaluation

/// Colours for shares from 0 to 1: one hue from near white to deep blue, equal steps of which look
/// equally large.
///
/// Lightness falls evenly in Oklab, so that the order can be seen with every kind of colour vision
/// and in gray print. Source: B. Ottosson, "A perceptual color space for image processing", 2020
/// (Oklab and its matrices).
package enum ColorRamp {
  /// Oklab lightness of share 0 and of share 1.
  private static let lightness = (first: 0.985, last: 0.30)
  /// The hue's direction in Oklab's (a, b) plane.
  private static let direction = (a: -0.0375, b: -0.1200)

  /// The colour of a share; shares outside [0, 1] are taken as its ends.
  package static func color(_ share: Double) -> RasterColor {
    let share = share.isNaN ? 0 : min(1, max(0, share))
    // Fullest at 0.7, where sRGB still has blues that colourful.
    return color(lightness: lightness(share), chroma: share * (1 - 0.7 * share) / 0.357)
  }

  /// Whether white writing is read better on a share's colour than black writing.
  package static func isDark(_ share: Double) -> Bool { lightness(min(1, max(0, share))) < 0.57 }

  private static func lightness(_ share: Double) -> Double {
    lightness.first + (lightness.last - lightness.first) * share
  }

  private static func color(lightness: Double, chroma: Double) -> RasterColor {
    let (a, b) = (direction.a * min(chroma, 1), direction.b * min(chroma, 1))
    func cube(_ value: Double) -> Double { value * value * value }
    let l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b)
    let m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b)
    let s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b)
    return RasterColor(
      encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
      encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
      encoded(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s))
  }

  /// A linear channel in sRGB's coding (IEC 61966-2-1), as a byte.
  private static func encoded(_ linear: Double) -> UInt8 {
    let value = min(1, max(0, linear))
    let coded =
      value <= 0.0031308
      ? 12.92 * value : 1.055 * Double.exp(Double.log(value) / 2.4) - 0.055
    return UInt8((coded * 255).rounded())
  }
}
