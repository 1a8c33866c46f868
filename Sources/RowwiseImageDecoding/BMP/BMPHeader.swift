/// The headers of a Windows bitmap ("Bitmap Storage" in the Windows GDI documentation).
struct BMPHeader {
  enum Coding: Equatable {
    case plain
    case runLengths
  }

  /// One colour's bits within a pixel.
  struct BitField: Equatable {
    let mask: UInt32

    /// The colour's value, 0…255, rounded to the nearest; 0 for an empty field.
    func level(of pixel: UInt32) -> UInt8 {
      guard mask != 0 else { return 0 }
      let shift = UInt32(mask.trailingZeroBitCount)
      let greatest = UInt64(mask >> shift)
      return UInt8((UInt64((pixel & mask) >> shift) * 255 + greatest / 2) / greatest)
    }
  }

  var width = 0
  var height = 0
  var isBottomUp = true
  var bitsPerPixel = 0
  var coding = Coding.plain
  /// Red, green, blue and alpha; empty unless pixels have 16 or 32 bits.
  var fields: [BitField] = []
  /// Red, green and blue of each index.
  var palette: [(UInt8, UInt8, UInt8)] = []
  /// Where the pixels start, from the file's first byte.
  var pixelOffset = 0

  /// Bytes of one stored row: a multiple of four.
  var storedRowBytes: Int { (width * bitsPerPixel + 31) / 32 * 4 }
  var hasAlpha: Bool { fields.count == 4 && fields[3].mask != 0 }

  /// Why a header could not be read.
  enum Problem: Error, Equatable {
    case needsInput
    case corrupt(String)
    case unsupported(String)
  }

  /// Reads the headers and the palette from the file's first bytes.
  init(_ bytes: ArraySlice<UInt8>) throws(Problem) {
    let reader = LittleEndianReader(bytes: bytes)
    pixelOffset = Int(try reader.uint32(10))
    let size = Int(try reader.uint32(14))
    let compression: UInt32
    var colorsUsed = 0
    switch size {
    case 12:
      width = Int(try reader.uint16(18))
      height = Int(try reader.uint16(20))
      bitsPerPixel = Int(try reader.uint16(24))
      compression = 0
    case 40, 52, 56, 64, 108, 124:
      width = Int(Int32(bitPattern: try reader.uint32(18)))
      let signed = Int(Int32(bitPattern: try reader.uint32(22)))
      isBottomUp = signed > 0
      height = abs(signed)
      bitsPerPixel = Int(try reader.uint16(28))
      compression = try reader.uint32(30)
      colorsUsed = Int(try reader.uint32(46))
    default:
      throw .unsupported("an information header of \(size) bytes")
    }
    guard width > 0, height > 0 else { throw .corrupt("a size of \(width) × \(height)") }
    try setCoding(compression, size: size)
    var end = 14 + size
    if bitsPerPixel == 16 || bitsPerPixel == 32 {
      end += try readFields(reader, compression: compression, size: size)
    }
    if bitsPerPixel <= 8 {
      end += try readPalette(reader, at: end, entryBytes: size == 12 ? 3 : 4, used: colorsUsed)
    }
    guard pixelOffset >= end else {
      throw .corrupt("pixels start at byte \(pixelOffset), within the headers")
    }
  }

  private mutating func setCoding(_ compression: UInt32, size: Int) throws(Problem) {
    switch (compression, bitsPerPixel) {
    case (0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (0, 24), (0, 32):
      coding = .plain
    case (3, 16) where size != 64, (3, 32) where size != 64, (6, 16), (6, 32):
      coding = .plain
    case (1, 8), (2, 4):
      guard isBottomUp else { throw .corrupt("run lengths in a picture stored top row first") }
      coding = .runLengths
    case (0...6, _):
      throw .unsupported("compression \(compression) with \(bitsPerPixel) bits a pixel")
    default:
      throw .corrupt("compression \(compression) with \(bitsPerPixel) bits a pixel")
    }
  }

  /// Reads or assumes the bit fields; returns how many bytes they take behind the header.
  private mutating func readFields(
    _ reader: LittleEndianReader, compression: UInt32, size: Int
  ) throws(Problem) -> Int {
    guard compression != 0 else {
      let masks: [UInt32] =
        bitsPerPixel == 16 ? [0x7C00, 0x03E0, 0x001F] : [0xFF_0000, 0x00_FF00, 0x00_00FF]
      fields = masks.map(BitField.init(mask:))
      return 0
    }
    let count = compression == 6 || size >= 56 ? 4 : 3
    for index in 0..<count {
      let mask = try reader.uint32(54 + 4 * index)
      let run = mask == 0 ? 0 : mask >> UInt32(mask.trailingZeroBitCount)
      guard run & (run &+ 1) == 0 else { throw .corrupt("a bit field with a gap") }
      fields.append(BitField(mask: mask))
    }
    return size == 40 ? 4 * count : 0
  }

  private mutating func readPalette(
    _ reader: LittleEndianReader, at start: Int, entryBytes: Int, used: Int
  ) throws(Problem) -> Int {
    var count = 1 << bitsPerPixel
    if used > 0 { count = min(count, used) }
    // Some writers store fewer colours than they say: those before the pixels count.
    count = min(count, max(0, (pixelOffset - start) / entryBytes))
    guard count > 0 else { throw .corrupt("no palette for \(bitsPerPixel) bits a pixel") }
    for index in 0..<count {
      let at = start + index * entryBytes
      palette.append(
        (try reader.byte(at + 2), try reader.byte(at + 1), try reader.byte(at)))
    }
    return count * entryBytes
  }
}

/// Reads numbers whose least byte comes first.
private struct LittleEndianReader {
  let bytes: ArraySlice<UInt8>

  func byte(_ offset: Int) throws(BMPHeader.Problem) -> UInt8 {
    guard offset < bytes.count else { throw .needsInput }
    return bytes[bytes.startIndex + offset]
  }

  func uint16(_ offset: Int) throws(BMPHeader.Problem) -> UInt16 {
    UInt16(try byte(offset)) | UInt16(try byte(offset + 1)) << 8
  }

  func uint32(_ offset: Int) throws(BMPHeader.Problem) -> UInt32 {
    UInt32(try uint16(offset)) | UInt32(try uint16(offset + 2)) << 16
  }
}
