/// Reads the headers of a tar file: ustar, with the long names of pax and of GNU (POSIX.1-2017, pax;
/// the manual of GNU tar, "Basic Tar Format").
enum TarIndex {
  /// Bytes of a header; what follows it is a multiple of it.
  static let block = 512
  /// The most bytes of a header's extension.
  private static let mostExtension = 1 << 20

  /// Whether bytes are a header, by its checksum and a name.
  static func isHeader(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= block, bytes[0] != 0,
      let checksum = octal(bytes[148..<156])
    else { return false }
    let sum = bytes[..<block].indices.reduce(0) {
      $0 + ((148..<156).contains($1) ? 0x20 : Int(bytes[$1]))
    }
    return sum == checksum
  }

  /// - Parameters:
  ///   - size: of the tar.
  ///   - read: bytes from an offset on; fewer at the end.
  static func read(
    path: String, size: Int,
    _ read: (_ offset: Int, _ count: Int) throws(FileError) -> [UInt8]
  ) throws(FileError) -> ArchiveIndex {
    var index = ArchiveIndex()
    var offset = 0
    // For the next member only.
    var name: String?
    var longSize: Int?
    var count = 0
    while true {
      let header = try read(offset, block)
      if header.count < block || header.allSatisfy({ $0 == 0 }) { break }
      guard isHeader(header), let ownSize = length(header[124..<136]) else {
        throw .badArchive(path: path, reason: "a damaged tar file: no header at byte \(offset)")
      }
      let kind = header[156]
      let isExtension = [
        UInt8(ascii: "x"), UInt8(ascii: "g"), UInt8(ascii: "L"), UInt8(ascii: "K"),
      ]
      .contains(kind)
      let bytes = isExtension ? ownSize : longSize ?? ownSize
      let start = offset + block
      guard bytes >= 0, bytes <= size - start else {
        throw .badArchive(path: path, reason: "a tar file that is cut short; get the file again")
      }
      if isExtension {
        guard bytes <= mostExtension else {
          throw .badArchive(path: path, reason: "a damaged tar file: a name of \(bytes) bytes")
        }
        let text = try read(start, bytes)
        switch kind {
        case UInt8(ascii: "L"):
          name = MemberName.text(text.prefix { $0 != 0 }, orBytesAs: .latin1)
        case UInt8(ascii: "x"):
          let records = pax(text)
          name = records["path"] ?? name
          longSize = records["size"].flatMap { Int($0) } ?? longSize
        default: break
        }
      } else {
        let full = name ?? ownName(header)
        switch kind {
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
          if full.hasSuffix("/") {
            index.addFolder(full)
          } else {
            index.add(
              full,
              Archive.Member(
                offset: start, stored: bytes, size: bytes, coding: .plain, checksum: 0))
          }
        case UInt8(ascii: "5"): index.addFolder(full)
        default: index.leftOut.links += 1
        }
        (name, longSize) = (nil, nil)
        count += 1
        guard count <= Archive.mostMembers else {
          throw .badArchive(path: path, reason: "more than \(Archive.mostMembers) files; unpack it")
        }
      }
      offset = start + (bytes + block - 1) / block * block
      if offset > size { break }
    }
    return index
  }

  private static func ownName(_ header: [UInt8]) -> String {
    func text(_ range: Range<Int>) -> String {
      MemberName.text(header[range].prefix { $0 != 0 }, orBytesAs: .latin1)
    }
    let isUstar = header[257..<262].elementsEqual("ustar".utf8)
    let prefix = isUstar && header[262] == 0 ? text(345..<500) : ""
    return prefix.isEmpty ? text(0..<100) : prefix + "/" + text(0..<100)
  }

  /// "LENGTH KEY=VALUE" and a line break, again and again.
  private static func pax(_ bytes: [UInt8]) -> [String: String] {
    var records: [String: String] = [:]
    var rest = bytes[...]
    while let space = rest.firstIndex(of: 0x20),
      let length = Int(String(decoding: rest[rest.startIndex..<space], as: UTF8.self)),
      length <= rest.count, space + 1 - rest.startIndex < length
    {
      let record = rest[space + 1..<rest.startIndex + length].dropLast()
      if let equals = record.firstIndex(of: 0x3D) {
        records[String(decoding: record[..<equals], as: UTF8.self)] =
          MemberName.text(record[(equals + 1)...], orBytesAs: .latin1)
      }
      rest = rest[(rest.startIndex + length)...]
    }
    return records
  }

  /// A size: octal digits, or with the first bit set a number in base 256.
  private static func length(_ field: ArraySlice<UInt8>) -> Int? {
    guard let first = field.first, first & 0x80 != 0 else { return octal(field) }
    // Only what fits: seven bytes.
    guard field.dropLast(7).dropFirst().allSatisfy({ $0 == 0 }), first == 0x80 else { return nil }
    return field.suffix(7).reduce(0) { $0 << 8 | Int($1) }
  }

  private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
    let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
    guard digits.count <= 12, digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
    return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
  }
}
