/// What a picture's header says.
public struct ImageInfo: Sendable, Equatable {
  /// The colour model of the stored pixels.
  public enum ColorModel: String, Sendable, Equatable {
    case gray = "gray"
    case grayAlpha = "gray with alpha"
    case rgb = "RGB"
    case rgba = "RGB with alpha"
    case palette = "palette"
    case cmyk = "CMYK"
  }

  /// Why rows cannot be had before the whole file was read.
  public enum WholeImageReason: String, Sendable, Equatable, CaseIterable {
    /// PNG's Adam7: the last of seven passes completes every other row.
    case interlaced = "interlaced"
    /// JPEG with several scans (progressive, or one scan a component).
    case severalScans = "several scans"
    /// Arithmetic-coded JPEG: libjpeg cannot pause within it. Its rows are decoded one by one, but
    /// the compressed bytes are held.
    case arithmeticCoding = "arithmetic coding"
    /// The upright picture's first row is not the stored one's: EXIF orientations 3 to 8, and BMP
    /// files, most of which store the bottom row first.
    case orientation = "orientation"
    /// Whether light and dark are to be exchanged follows from the whole picture.
    case inversion = "invert auto"
    /// The colour behind transparent pixels follows from the whole picture.
    case background = "background auto"
    /// What is on a picture is known when all of it is.
    case trimming = "trim"
    /// Bars of the colour of the picture's border stand above its first row.
    case letterbox = "letterbox"
    /// The greatest value follows from the whole picture.
    case range = "range auto"
  }

  /// The file's format, by its bytes.
  public var format: ImageFormat
  /// Width as stored, before it is turned upright.
  public var width: Int
  /// Height as stored, before it is turned upright.
  public var height: Int
  /// Bits of one stored sample (of one index, for a palette).
  public var bitDepth: Int
  /// The stored pixels' colour model.
  public var colorModel: ColorModel
  /// How the stored picture must be turned: by EXIF, or `.bottomLeft` for a BMP file that stores its
  /// bottom row first. For a PNG whose EXIF block comes after its pixels it is
  /// known only when those were read; until then it is `.topLeft`.
  public var orientation: ImageOrientation
  /// Whether a PNG is interlaced.
  public var isInterlaced: Bool
  /// Whether a JPEG is progressive.
  public var isProgressive: Bool
  /// Whether an ICC profile is embedded.
  ///
  /// It is not applied, and neither are PNG's gAMA, cHRM, sRGB and cICP chunks: pixels are the stored
  /// numbers, as a network should see the same numbers in training and later, whatever profile a
  /// camera or scanner writes. CMYK becomes RGB without a profile, each colour multiplied by black
  /// (R = C × K / 255 of Adobe's inverted samples), as `djpeg` does.
  public var hasColorProfile: Bool
  /// Pictures in the file, of which the first is read: those of an animated PNG, or of a JPEG in the
  /// Multi-Picture Format.
  public var pictureCount = 1
  /// Why the stored rows cannot be had as the bytes arrive; empty where they can.
  public var wholeImageReasons: [WholeImageReason]

  /// Whether stored rows can be had as their bytes arrive, in memory that grows with the width only.
  public var streams: Bool { wholeImageReasons.isEmpty }
  /// Width of the upright picture.
  public var uprightWidth: Int { orientation.uprightSize(width: width, height: height).width }
  /// Height of the upright picture.
  public var uprightHeight: Int { orientation.uprightSize(width: width, height: height).height }
}
