import CRowwiseZlib

/// Deflate and gzip to memory, within a limit.
enum Inflation {
  /// What becomes of a zip's member.
  ///
  /// - Parameters:
  ///   - count: bytes that it must become.
  ///   - checksum: CRC-32 that these must have.
  /// - Returns: nil where it does not.
  static func member(_ stored: [UInt8], count: Int, checksum: UInt32) -> [UInt8]? {
    var stream = unsafe z_stream()
    guard
      unsafe inflateInit2_(
        &stream, -15, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { return nil }
    defer { unsafe inflateEnd(&stream) }
    guard stored.count <= Int(UInt32.max), count <= Int(UInt32.max) else { return nil }
    var isWhole = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { room, filled in
      unsafe stored.withUnsafeBufferPointer { input in
        // SAFETY: zlib only reads its input; see `ArchiveTests`, and the fuzz target `archive`.
        unsafe stream.next_in = unsafe UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.avail_in = UInt32(stored.count)
        unsafe stream.next_out = room.baseAddress
        unsafe stream.avail_out = UInt32(count)
        // Where nothing is to come, zlib still needs a place that it could write to.
        var spare: UInt8 = 0
        let code = unsafe withUnsafeMutablePointer(to: &spare) { place in
          if count == 0 { unsafe stream.next_out = place }
          return unsafe inflate(&stream, Z_FINISH)
        }
        filled = unsafe count - Int(stream.avail_out)
        isWhole = code == Z_STREAM_END && filled == count
      }
    }
    guard isWhole, unsafe bytes.withUnsafeBytes({ unsafe Self.checksum(of: $0) }) == checksum else {
      return count == 0 && bytes.isEmpty ? bytes : nil
    }
    return bytes
  }

  /// The CRC-32 of bytes, or of those before and these.
  static func checksum(of bytes: UnsafeRawBufferPointer, behind checksum: UInt32 = 0) -> UInt32 {
    unsafe UInt32(
      truncatingIfNeeded: crc32_z(
        UInt(checksum), bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
  }

  /// What a gzip file becomes, all its members.
  ///
  /// - Parameter limit: of more bytes none is made.
  /// - Returns: nil where it is damaged or over the limit; `isTooLarge` tells.
  static func gzip(
    _ file: borrowing RegularFile, limit: Int, isTooLarge: inout Bool
  ) throws(FileError) -> [UInt8]? {
    let (bytes, isWhole) = try inflated(file, atMost: limit)
    isTooLarge = bytes.count > limit
    return isWhole ? bytes : nil
  }

  /// The first bytes of what a gzip file becomes.
  static func gzipStart(
    _ file: borrowing RegularFile, count: Int
  ) throws(FileError) -> [UInt8] {
    Array(try inflated(file, atMost: count).bytes.prefix(count))
  }

  /// Inflates until there is more than `limit`, or the file is at its end or damaged.
  private static func inflated(
    _ file: borrowing RegularFile, atMost limit: Int
  ) throws(FileError) -> (bytes: [UInt8], isWhole: Bool) {
    var stream = unsafe z_stream()
    guard
      unsafe inflateInit2_(
        &stream, 31, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { return ([], false) }
    defer { unsafe inflateEnd(&stream) }
    var input = [UInt8](repeating: 0, count: 1 << 16)
    var output = [UInt8](repeating: 0, count: 1 << 18)
    var bytes: [UInt8] = []
    var (offset, used, count) = (0, 0, 0)
    var (isBetween, isFull) = (false, false)
    while bytes.count <= limit {
      // A full output may hold something back that needs no further input.
      if used == count, !isFull {
        count = try file.bytes(into: &input, at: offset)
        if count == 0 { return (bytes, isBetween) }
        (offset, used) = (offset + count, 0)
      }
      if isBetween { unsafe inflateReset(&stream) }
      let (start, end) = (used, count)
      var made = 0
      let code = unsafe input.withUnsafeMutableBufferPointer { source in
        unsafe output.withUnsafeMutableBufferPointer { target in
          // SAFETY: both stay where they are while zlib reads and writes; see `ArchiveTests`.
          unsafe stream.next_in = unsafe source.baseAddress?.advanced(by: start)
          unsafe stream.avail_in = UInt32(end - start)
          unsafe stream.next_out = target.baseAddress
          unsafe stream.avail_out = UInt32(target.count)
          let code = unsafe inflate(&stream, Z_NO_FLUSH)
          used = unsafe end - Int(stream.avail_in)
          made = unsafe target.count - Int(stream.avail_out)
          return code
        }
      }
      bytes += output[..<made]
      isBetween = code == Z_STREAM_END
      isFull = made == output.count
      guard code == Z_OK || isBetween || code == Z_BUF_ERROR else { return (bytes, false) }
      // Input without progress: nothing more will come.
      if made == 0, used == start, start < end, !isBetween { return (bytes, false) }
    }
    return (bytes, false)
  }
}
