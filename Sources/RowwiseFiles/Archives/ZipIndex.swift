/// Reads the central directory of a zip file (PKWARE's APPNOTE.TXT 6.3.10, section 4.3), also of
/// more than 4 GiB.
enum ZipIndex {
  /// Bytes of the record that ends the file, without its comment.
  private static let endBytes = 22

  /// - Parameter size: of the file.
  static func read(
    _ file: borrowing RegularFile, size: Int
  ) throws(FileError) -> ArchiveIndex {
    let path = file.path
    let tailStart = max(0, size - endBytes - 65_535)
    let tail = try file.bytes(size - tailStart, at: tailStart)
    guard let end = endRecord(tail) else {
      throw .badArchive(path: path, reason: "cut short: a zip file without its directory")
    }
    var count = number(tail, end + 10, 2)
    var bytes = number(tail, end + 12, 4)
    var offset = number(tail, end + 16, 4)
    var shift = tailStart + end - bytes - offset
    if count == 0xFFFF || bytes == 0xFFFF_FFFF || offset == 0xFFFF_FFFF {
      guard end >= 20, number(tail, end - 20, 4) == 0x0706_4B50 else {
        throw .badArchive(path: path, reason: "a zip64 file without its second directory record")
      }
      let place = number(tail, end - 12, 8)
      guard place >= 0, place <= size - 56 else { throw damaged(path) }
      let record = try file.bytes(56, at: place)
      guard record.count == 56, number(record, 0, 4) == 0x0606_4B50 else { throw damaged(path) }
      (count, bytes, offset) = (number(record, 32, 8), number(record, 40, 8), number(record, 48, 8))
      shift = 0
    }
    guard count >= 0, bytes >= 0, offset >= 0, bytes <= size, offset <= size - bytes, shift >= 0,
      shift <= size - bytes - offset
    else { throw damaged(path) }
    guard count <= Archive.mostMembers else {
      throw .badArchive(path: path, reason: "more than \(Archive.mostMembers) files; unpack it")
    }
    let directory = try file.bytes(bytes, at: offset + shift)
    return try entries(directory, count: count, shift: shift, size: size, path: path)
  }

  private static func entries(
    _ directory: [UInt8], count: Int, shift: Int, size: Int, path: String
  ) throws(FileError) -> ArchiveIndex {
    var index = ArchiveIndex()
    var (place, members) = (0, 0)
    // A digital signature may follow.
    while place < directory.count, !directory[place...].starts(with: [0x50, 0x4B, 0x05, 0x05]) {
      guard place <= directory.count - 46, number(directory, place, 4) == 0x0201_4B50 else {
        throw damaged(path)
      }
      members += 1
      guard members <= Archive.mostMembers else {
        throw .badArchive(path: path, reason: "more than \(Archive.mostMembers) files; unpack it")
      }
      let flags = number(directory, place + 8, 2)
      let method = number(directory, place + 10, 2)
      let lengths = [28, 30, 32].map { number(directory, place + $0, 2) }
      let next = place + 46 + lengths.reduce(0, +)
      guard next <= directory.count else { throw damaged(path) }
      var sizes = [20, 24, 42].map { number(directory, place + $0, 4) }
      let nameBytes = directory[place + 46..<place + 46 + lengths[0]]
      let extra = directory[place + 46 + lengths[0]..<place + 46 + lengths[0] + lengths[1]]
      widen(&sizes, Array(extra))
      let name = MemberName.text(nameBytes, orBytesAs: flags & 0x800 == 0 ? .cp437 : .latin1)
      // The kind of file, as Unix systems write it into the upper half of the attributes.
      let isLink = number(directory, place + 40, 2) & 0xF000 == 0xA000
      let isOdd = sizes.contains { $0 < 0 || $0 > 1 << 48 }
      if name.hasSuffix("/") {
        index.addFolder(name)
      } else if flags & 1 != 0 {
        index.leftOut.encrypted += 1
      } else if isLink {
        index.leftOut.links += 1
      } else if isOdd || sizes[0] > size || sizes[2] + shift > size {
        throw damaged(path)
      } else {
        let coding: Archive.Coding =
          method == 0 ? .stored : method == 8 ? .deflated : .other(method)
        index.add(
          name,
          Archive.Member(
            offset: sizes[2] + shift, stored: sizes[0],
            size: method == 0 ? sizes[0] : sizes[1], coding: coding,
            checksum: UInt32(truncatingIfNeeded: number(directory, place + 16, 4))))
      }
      place = next
    }
    // Some programs write the lowest 16 bits of a larger count.
    guard members & 0xFFFF == count & 0xFFFF else { throw damaged(path) }
    return index
  }

  /// Takes sizes and offset of large files from the extra field 1: those that are all ones, in the
  /// order size, stored size, offset.
  private static func widen(_ sizes: inout [Int], _ extra: [UInt8]) {
    var place = 0
    while place <= extra.count - 4 {
      let length = number(extra, place + 2, 2)
      guard place + 4 + length <= extra.count else { return }
      if number(extra, place, 2) == 1 {
        var field = place + 4
        for which in [1, 0, 2] where sizes[which] == 0xFFFF_FFFF {
          guard field + 8 <= place + 4 + length else { return }
          sizes[which] = number(extra, field, 8)
          field += 8
        }
        return
      }
      place += 4 + length
    }
  }

  /// Where the last record begins whose comment reaches to the end of the file.
  private static func endRecord(_ tail: [UInt8]) -> Int? {
    guard tail.count >= endBytes else { return nil }
    return (0...tail.count - endBytes).reversed().first {
      number(tail, $0, 4) == 0x0605_4B50 && $0 + endBytes + number(tail, $0 + 20, 2) == tail.count
    }
  }

  /// Where a member's bytes begin, behind its own header.
  static func start(
    of member: Archive.Member, in file: borrowing RegularFile
  ) throws(FileError) -> Int {
    let header = try file.bytes(30, at: member.offset)
    guard header.count == 30, number(header, 0, 4) == 0x0403_4B50 else { throw damaged(file.path) }
    return member.offset + 30 + number(header, 26, 2) + number(header, 28, 2)
  }

  private static func damaged(_ path: String) -> FileError {
    .badArchive(path: path, reason: "a damaged zip file: its directory contradicts itself")
  }

  /// A number of so many bytes, the lowest first; negative where it is larger than any size.
  private static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int {
    (0..<count).reversed().reduce(0) { $0 << 8 | Int(bytes[place + $1]) }
  }
}
