/// What a picture file is and whether it is sound, found in one reading of it.
package struct ImageContents: Sendable, Equatable {
  /// What the first bytes say.
  package var guess: FormatGuess
  /// The header; nil where it cannot be read.
  package var info: ImageInfo?
  /// Why it cannot be decoded; nil where it can.
  package var error: ImageDecodingError?
  /// What is missing or wrong in a picture that was read leniently; nil where nothing is.
  package var damage: String?
  /// A hash of all bytes and their count; nil where they cannot be read, or where the file is no
  /// picture by its first bytes.
  package var fingerprint: Fingerprint?

  /// Files of the same bytes have the same; others almost surely not.
  package struct Fingerprint: Sendable, Hashable {
    private let hash: UInt64
    private let byteCount: Int

    package init(_ bytes: UnsafeBufferPointer<UInt8>) {
      // FNV-1a over words of 8 bytes, with their high halves mixed in after each step.
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      let raw = UnsafeRawBufferPointer(bytes)
      let words = raw.count / 8
      for index in 0..<words {
        hash ^= raw.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
        hash = hash &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 32
      }
      for byte in raw[(8 * words)...] {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
      }
      self.hash = hash
      byteCount = raw.count
    }
  }

  /// Reads a file.
  package init(
    path: String, strictness: DecodingOptions.Strictness = .strict,
    limits: DecodingLimits = DecodingLimits()
  ) {
    var input = InputBuffer()
    guess = .unknown
    do throws(ImageDecodingError) {
      var file = try PictureFile(path: path)
      while input.count < FormatGuess.usefulBytes, !input.isFinal { try file.read(into: &input) }
      guess = FormatGuess(firstBytes: input.prefix(FormatGuess.usefulBytes))
      if guess != .unknown {
        while !input.isFinal {
          try limits.check(.memory, input.count, atMost: limits.maximumMemory, source: path)
          try file.read(into: &input)
        }
        fingerprint = input.withUnread { Fingerprint($0) }
      } else if input.count == 0 {
        throw .empty(source: path)
      }
      let bytes = Array(input.prefix(input.count))
      let reader = try ImageRowReader(
        bytes: bytes, named: path,
        options: DecodingOptions(
          orientation: .asStored, strictness: strictness, limits: limits))
      info = reader.info
      var row = [UInt8](repeating: 0, count: reader.bytesPerRow)
      while try reader.readRow(into: &row) {}
      if !reader.warnings.isEmpty { info?.orientation = reader.orientation }
      if case .stopped(0, let reason)? = reader.warnings.first { throw reason }
      damage = reader.warnings.damage
    } catch {
      self.error = error
    }
  }
}
