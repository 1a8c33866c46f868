import CRowwiseCodecs

/// Decides which PNG chunks reach libpng.
///
/// Only chunks that bear on pixels or orientation are passed on: all critical ones, tRNS, eXIf and
/// texts that hold an EXIF block. The rest is skipped without being held or decompressed, however
/// long it is, so that text and profile chunks cost neither memory nor time.
struct PNGChunkFilter {
  /// What to do with the next unread bytes.
  enum Step: Equatable {
    /// Pass `count` bytes to libpng. `isPixels`: they belong to an IDAT chunk.
    case pass(count: Int, isPixels: Bool)
    /// Drop `count` bytes.
    case skip(count: Int)
    /// More bytes are needed to tell.
    case needsInput
  }

  private enum Position {
    case signature
    case chunkStart
    case within(remaining: Int, passes: Bool, isPixels: Bool)
  }

  /// Chunk types as numbers, for speed: a small picture is over before texts are compared.
  private static let pixelData: UInt32 = 0x4944_4154  // IDAT
  static let header: UInt32 = 0x4948_4452  // IHDR
  private static let transparency: UInt32 = 0x7452_4E53  // tRNS
  private static let exif: UInt32 = 0x6558_4966  // eXIf
  private static let text: UInt32 = 0x7445_5874  // tEXt
  private static let packedText: UInt32 = 0x7A54_5874  // zTXt
  private static let colorProfile: UInt32 = 0x6943_4350  // iCCP
  private static let animation: UInt32 = 0x6163_544C  // acTL

  /// Pixel data is passed in whole portions (see `RW_PNG_PORTION`).
  private static let portion = Int(RW_PNG_PORTION)

  private static let exifKeyword = Array("Raw profile type exif\0".utf8)
  private static let greatestPassedLength = 1 << 20

  let source: String
  let limits: DecodingLimits
  private var position = Position.signature
  /// The type of the chunk that the bytes now belong to; 0 before the first.
  private(set) var type: UInt32 = 0
  /// Whether the IDAT chunks were left behind.
  private var pixelsEnded = false
  /// Whether an iCCP chunk was seen.
  private(set) var hasColorProfile = false
  /// Pictures that an animation has, by an acTL chunk before the pixels; else 1.
  private(set) var pictureCount = 1

  init(source: String, limits: DecodingLimits) {
    self.source = source
    self.limits = limits
  }

  /// Looks at the unread bytes.
  mutating func next(_ input: InputBuffer) throws(ImageDecodingError) -> Step {
    switch position {
    case .signature:
      return input.count >= 8 ? .pass(count: 8, isPixels: false) : .needsInput
    case .chunkStart:
      return try startChunk(input)
    case .within(let remaining, let passes, let isPixels):
      var count = min(remaining, input.count)
      if isPixels, count < remaining, !input.isFinal { count -= count % Self.portion }
      guard count > 0 else { return .needsInput }
      return passes ? .pass(count: count, isPixels: isPixels) : .skip(count: count)
    }
  }

  /// Takes note of `count` bytes that were passed or dropped.
  mutating func advance(_ count: Int) {
    switch position {
    case .signature:
      position = .chunkStart
    case .chunkStart:
      break
    case .within(let remaining, let passes, let isPixels):
      position =
        remaining == count
        ? .chunkStart
        : .within(remaining: remaining - count, passes: passes, isPixels: isPixels)
    }
  }

  /// Whether the bytes passed so far end with a whole chunk.
  var isBetweenChunks: Bool {
    if case .chunkStart = position { true } else { false }
  }

  private mutating func startChunk(_ input: InputBuffer) throws(ImageDecodingError) -> Step {
    guard input.count >= 8 else { return .needsInput }
    func number(_ offset: Int) -> UInt32 {
      (offset..<offset + 4).reduce(0) { $0 << 8 | UInt32(input[$1]) }
    }
    let length = Int(number(0))
    let hadPixels = type == Self.pixelData
    type = number(4)
    if hadPixels, type != Self.pixelData { pixelsEnded = true }
    // The length and type come before the data and a checksum of four bytes after it.
    let whole = length + 12
    if type == Self.pixelData {
      // libpng cannot see this where the chunk between them was skipped.
      guard !pixelsEnded else {
        throw .corrupt(
          source: source, format: .png, reason: "IDAT chunks with another chunk between them",
          row: nil)
      }
      position = .within(remaining: whole, passes: true, isPixels: true)
      // Only the head at first: it makes libpng report the header.
      return .pass(count: 8, isPixels: true)
    }
    let isCritical = type & 0x2000_0000 == 0
    var passes = isCritical || type == Self.transparency || type == Self.exif
    if type == Self.text || type == Self.packedText, length >= Self.exifKeyword.count {
      guard input.count >= 8 + Self.exifKeyword.count else { return .needsInput }
      passes = input.prefix(8 + Self.exifKeyword.count).dropFirst(8).elementsEqual(
        Self.exifKeyword)
    }
    if type == Self.colorProfile { hasColorProfile = true }
    if type == Self.animation, length == 8 {
      guard input.count >= 12 else { return .needsInput }
      pictureCount = max(1, Int(number(8)))
    }
    if length > Int(Int32.max) { passes = true }  // libpng names the error.
    if !passes || (passes && length > Self.greatestPassedLength && length <= Int(Int32.max)) {
      let maximum =
        passes ? min(limits.maximumMetadata, Self.greatestPassedLength) : limits.maximumMetadata
      try limits.check(.metadata, length, atMost: maximum, source: source)
    }
    position = .within(remaining: whole, passes: passes, isPixels: false)
    let count = min(whole, input.count)
    return passes ? .pass(count: count, isPixels: false) : .skip(count: count)
  }
}
