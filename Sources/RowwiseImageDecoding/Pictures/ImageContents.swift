import RowwiseFiles

/// What a picture file is and whether it is sound.
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
      var summing = Summing()
      summing.add(bytes)
      self = summing.fingerprint
    }

    private init(hash: UInt64, byteCount: Int) { (self.hash, self.byteCount) = (hash, byteCount) }

    /// A fingerprint of bytes that come in portions, all but the last of a multiple of 8 bytes.
    struct Summing {
      // FNV-1a over words of 8 bytes, with their high halves mixed in after each step.
      private var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      private var byteCount = 0

      mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) {
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
        byteCount += raw.count
      }

      var fingerprint: Fingerprint { Fingerprint(hash: hash, byteCount: byteCount) }
    }
  }

  /// Reads a file with the strictness and the limits of `reading`.
  package init(
    path: String, reading: DecodingOptions = DecodingOptions()
  ) {
    var input = InputBuffer()
    guess = .unknown
    do throws(ImageDecodingError) {
      var file = try PictureFile(path: path)
      while input.count < FormatGuess.usefulBytes, !input.isFinal { try file.read(into: &input) }
      guess = FormatGuess(firstBytes: input.prefix(FormatGuess.usefulBytes))
      if guess != .unknown {
        fingerprint = try Self.fingerprint(of: &file, behind: &input)
      } else if input.count == 0 {
        throw .empty(source: path)
      }
      let reader = try ImageRowReader(
        path: path,
        options: DecodingOptions(
          orientation: .asStored, strictness: reading.strictness, limits: reading.limits))
      info = reader.info
      try reader.readToEnd()
      if !reader.warnings.isEmpty { info?.orientation = reader.orientation }
      if case .stopped(0, let reason)? = reader.warnings.first { throw reason }
      damage = reader.warnings.damage
    } catch {
      self.error = error
    }
  }

  /// Reads a file to its end, a portion at a time.
  private static func fingerprint(
    of file: inout PictureFile, behind input: inout InputBuffer
  ) throws(ImageDecodingError) -> Fingerprint {
    var summing = Fingerprint.Summing()
    repeat {
      let count = input.isFinal ? input.count : input.count / 8 * 8
      input.withUnread { summing.add(UnsafeBufferPointer(rebasing: $0.prefix(count))) }
      input.consume(count)
      try file.read(into: &input)
    } while !input.isFinal || input.count > 0
    return summing.fingerprint
  }
}
