import CRowwiseZlib
import RowwiseFiles
import RowwiseImageDecoding

/// Reads a file front to back, through gzip where its first bytes say so.
///
/// A gzip file may have several members; what follows the last one must be another member or
/// nothing. Never holds more than one buffer of the file. A zip's member may be inflated and checked on the
/// way; else it is before anything of it is read.
final class DataFile {
  /// Bytes of the file as it lies there.
  private(set) var storedSize = 0
  private(set) var isGzip = false
  /// Whether it is inflated here.
  private var isCompressed = false
  let path: String

  private let file: RegularFile
  /// Bytes of the file read so far.
  private var offset = 0
  // SAFETY: both are allocated with the object and freed in deinit, and only it reads them; see
  // `DataFileTests`, and the fuzz target `idx`.

  /// zlib's state; it keeps a pointer to it.
  private let stream: UnsafeMutablePointer<z_stream>
  private var streamIsOpen = false
  private var memberIsDone = false
  private var reachedEnd = false
  private var endedInMember = false
  /// Compressed bytes; zlib keeps a pointer into it.
  private let buffer: UnsafeMutableBufferPointer<UInt8>
  /// Bytes handed out so far.
  private(set) var position = 0
  /// CRC-32 of these, where they are of a zip's member that is checked on the way.
  private var checksum: UInt = 0

  /// More than deflate can ever expand, by a small margin (RFC 1951: 258 bytes from 2 bits).
  static let mostExpansion = 1032

  /// Bytes that any compressed file may become, and so many for each of its own beyond: real images
  /// become 2 to 20 times as many.
  static let freeBytes = 1 << 26
  static let usualExpansion = 64

  /// Throws where a compressed file would become more than files that anybody makes do.
  func checkExpansion(_ bytes: Int) throws(DatasetError) {
    guard isGzip, bytes <= mostBytes else { return }
    let limit = ByteCount(storedSize).times(Self.usualExpansion).plus(Self.freeBytes).value
    guard bytes <= limit else {
      throw .tooLargeCompressed(path: path, bytes: bytes, limit: limit)
    }
  }

  /// Opens a regular file.
  ///
  /// - Parameter isCheckedOnTheWay: whether a zip's member is inflated and checked as it is read, for who
  ///   calls `finish` in the end; it is no gzip file then.
  init(path: String, isCheckedOnTheWay: Bool = false) throws(DatasetError) {
    self.path = path
    do throws(FileError) {
      file = try RegularFile(path: path, asStored: isCheckedOnTheWay)
    } catch {
      throw DatasetError(error)
    }
    // Not before: where an initialiser throws with something unset, no deinit gives memory back.
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    buffer = .allocate(capacity: 1 << 17)
    var magic: (UInt8, UInt8) = (0, 0)
    var count = 0
    let size: Int?
    do throws(FileError) {
      size = try file.size()
      try withUnsafeMutableBytes(of: &magic) { bytes throws(FileError) in
        count = try size == nil ? 0 : file.read(into: bytes, at: 0)
      }
    } catch {
      throw DatasetError(error)
    }
    guard let size else { throw .unreadable(path: path, reason: "not a regular file") }
    storedSize = size
    isGzip = file.packing == nil && count == 2 && magic == (0x1f, 0x8b)
    isCompressed = isGzip || file.packing?.isDeflated == true
    if isCompressed {
      // 16 + 15: a gzip header, the largest window; negative: no header.
      let code = inflateInit2_(
        stream, isGzip ? 31 : -15, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
      guard code == Z_OK else { throw .corruptGzip(path: path, reason: "zlib error \(code)") }
      streamIsOpen = true
    }
  }

  deinit {
    if streamIsOpen { inflateEnd(stream) }
    stream.deallocate()
    buffer.deallocate()
  }

  /// The most bytes that reading can give; what a header announces must not exceed it.
  var mostBytes: Int {
    if let packing = file.packing { return packing.size }
    guard isGzip else { return storedSize }
    let (bytes, overflow) = storedSize.multipliedReportingOverflow(by: DataFile.mostExpansion)
    return overflow ? .max : bytes
  }

  /// Fills `target` as far as the file reaches, and returns how far.
  func read(into target: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    var filled = 0
    while filled < target.count, !reachedEnd {
      let rest = UnsafeMutableRawBufferPointer(rebasing: target[filled...])
      let count = try isCompressed ? readInflated(into: rest) : readStored(into: rest)
      if count == 0 { reachedEnd = true }
      filled += count
    }
    position += filled
    if let packing = file.packing {
      try check(UnsafeRawBufferPointer(rebasing: target[..<filled]), packing)
    }
    return filled
  }

  /// Adds to the checksum, which must be the member's in the end.
  private func check(
    _ bytes: UnsafeRawBufferPointer, _ packing: RegularFile.Packing
  ) throws(DatasetError) {
    checksum = crc32_z(
      checksum, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    let isRight = checksum == UInt(packing.checksum)
    if endedInMember || reachedEnd || position >= packing.size,
      endedInMember || position != packing.size || !isRight
    {
      throw DatasetError(packing.damaged(path))
    }
  }

  /// Reads on to the end of a member that is checked on the way: what was read is sound then.
  func finish() throws(DatasetError) {
    guard file.packing != nil else { return }
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { room.deallocate() }
    while try read(into: room) > 0 {}
  }

  private func readStored(into target: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    do throws(FileError) {
      let count = try file.read(into: target, at: offset)
      offset += count
      return count
    } catch {
      throw DatasetError(error)
    }
  }

  /// Some bytes, or 0 at the end of the last member.
  private func readInflated(
    into target: UnsafeMutableRawBufferPointer
  ) throws(DatasetError) -> Int {
    let most = min(target.count, 1 << 30)
    stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(most)
    while stream.pointee.avail_out == most {
      if stream.pointee.avail_in == 0 {
        let count = try readStored(into: UnsafeMutableRawBufferPointer(buffer))
        if count == 0 {
          endedInMember = !memberIsDone
          break
        }
        stream.pointee.next_in = buffer.baseAddress
        stream.pointee.avail_in = UInt32(count)
      }
      // A zip's member is one stream, whatever lies behind it.
      if memberIsDone, file.packing != nil { break }
      if memberIsDone {
        inflateReset(stream)
        memberIsDone = false
      }
      let code = inflate(stream, Z_NO_FLUSH)
      switch code {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END: memberIsDone = true
      default:
        if let packing = file.packing { throw DatasetError(packing.damaged(path)) }
        let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(code)"
        throw .corruptGzip(path: path, reason: reason)
      }
    }
    return most - Int(stream.pointee.avail_out)
  }

  /// Exactly `count` bytes.
  ///
  /// Memory is asked for at once but used as bytes really come, so that a header that lies costs
  /// little.
  func bytes(_ count: Int) throws(DatasetError) -> [UInt8] {
    var bytes: [UInt8] = []
    // Where the whole is known to be lawful, in one piece: growing would need twice as much.
    bytes.reserveCapacity(min(count, mostBytes))
    let piece = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(max(count, 1), 1 << 18), alignment: 16)
    defer { piece.deallocate() }
    while bytes.count < count {
      let wanted = min(count - bytes.count, piece.count)
      let got = try read(into: UnsafeMutableRawBufferPointer(rebasing: piece[..<wanted]))
      bytes.append(contentsOf: piece[..<got])
      if got < wanted {
        let end = position
        throw .truncated(path: path, expected: end + count - bytes.count, received: end)
      }
    }
    return bytes
  }

  /// Everything that is left.
  ///
  /// - Parameter limit: the most bytes accepted; more throw `tooLarge`.
  func rest(limit: Int) throws(DatasetError) -> [UInt8] {
    if !isGzip, storedSize > limit {
      throw .tooLarge(path: path, bytes: storedSize, limit: limit)
    }
    var bytes: [UInt8] = []
    if !isGzip { bytes.reserveCapacity(storedSize) }
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { piece.deallocate() }
    while true {
      let got = try read(into: piece)
      bytes.append(contentsOf: piece[..<got])
      try checkExpansion(bytes.count)
      if bytes.count > limit { throw .tooLarge(path: path, bytes: bytes.count, limit: limit) }
      if got < piece.count {
        try expectWholeMember()
        return bytes
      }
    }
  }

  /// Throws where anything is left.
  func expectEnd() throws(DatasetError) {
    var extra: UInt8 = 0
    let expected = position
    let got = try withUnsafeMutableBytes(of: &extra) { bytes throws(DatasetError) in
      try read(into: bytes)
    }
    if got > 0 {
      throw .sizeMismatch(
        path: path, expected: expected, received: isGzip ? expected + 1 : storedSize)
    }
    try expectWholeMember()
  }

  private func expectWholeMember() throws(DatasetError) {
    if endedInMember { throw .corruptGzip(path: path, reason: "it ends in the middle") }
  }
}
