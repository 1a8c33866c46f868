/// How pictures are to be decoded.
public struct DecodingOptions: Sendable, Equatable {
  /// What to do about a picture stored turned or mirrored (EXIF orientation).
  public enum OrientationPolicy: Sendable, Equatable {
    /// Rows come upright. Orientations 3 to 8 need the whole picture before the first row.
    case upright
    /// Rows come as stored; `ImageInfo.orientation` says how they would have to be turned.
    case asStored
  }

  /// What to do about a file that is truncated or damaged after its header.
  public enum Strictness: Sendable, Equatable {
    /// It is an error.
    case strict
    /// Its good rows are delivered, and a warning says what is missing.
    case lenient
  }

  /// Whether a JPEG may be decoded at a part of its size, which is several times faster.
  public enum JPEGScaling: Sendable, Equatable {
    /// Every pixel is decoded.
    case none
    /// Decode at 1/2, 1/4 or 1/8 of the size (a smaller inverse DCT) where the upright picture stays
    /// at least eight times as wide and high as given. Other formats are not changed by it.
    ///
    /// The area average from there to the given size differs from that of all pixels by 1.5 of 255
    /// levels in the mean over a picture and by up to 20 at single sharp edges: the worst of 26
    /// pictures of 300 to 4,000 pixels, brought to 28 × 28 and 64 × 64. With four instead of eight
    /// times it was 3.5 and 36.
    case downTo(width: Int, height: Int)
  }

  /// How decoded pixels lie in memory.
  public var pixelFormat: PixelFormat
  /// What transparent pixels are blended over, for formats without alpha.
  public var background: BackgroundColor
  /// What to do about a picture stored turned or mirrored.
  public var orientation: OrientationPolicy
  /// What to do about a truncated or damaged file. Decoding is equally fast with either.
  public var strictness: Strictness
  /// Whether a JPEG may be decoded at a part of its size.
  public var jpegScaling: JPEGScaling
  /// What a picture may ask for at most.
  public var limits: DecodingLimits
  /// Whether pictures with transparent pixels are blended over white or black, whichever leaves them
  /// more contrast, instead of over `background`. For `ImageDecoder` only, which has whole pictures.
  public var choosesBackground = false
  /// Whether of opaque pictures with 16-bit samples, none of which needs more than 8, 10, 12 or 14 bits,
  /// the greatest value of so many bits is white. For `ImageDecoder` only.
  public var widensRange = false

  /// Makes options; the defaults give upright RGB over white and refuse damaged files.
  public init(
    pixelFormat: PixelFormat = .rgb8, background: BackgroundColor = .white,
    orientation: OrientationPolicy = .upright, strictness: Strictness = .strict,
    jpegScaling: JPEGScaling = .none, limits: DecodingLimits = DecodingLimits()
  ) {
    self.pixelFormat = pixelFormat
    self.background = background
    self.orientation = orientation
    self.strictness = strictness
    self.jpegScaling = jpegScaling
    self.limits = limits
  }
}
