/// Zip and tar files made by tests, without compressing.
package enum ArchiveBytes {
  /// - Parameters:
  ///   - deflated: whether members are deflate streams (of stored blocks).
  ///   - change: makes others of the members as they are stored.
  package static func zip(
    _ members: [(name: String, bytes: [UInt8])], deflated: Bool = false,
    changing change: ([UInt8]) -> [UInt8] = { $0 }
  ) -> [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for (name, bytes) in members {
      let data = change(deflated ? deflate(bytes) : bytes)
      let fields =
        number(0x0800, 2) + number(deflated ? 8 : 0, 2) + number(0, 4) + number(crc(bytes), 4)
        + number(data.count, 4) + number(bytes.count, 4) + number(name.utf8.count, 2) + number(0, 2)
      directory +=
        number(0x0201_4B50, 4) + number(20, 2) + number(20, 2) + fields + number(0, 6)
        + number(0, 4) + number(file.count, 4) + Array(name.utf8)
      file += number(0x0403_4B50, 4) + number(20, 2) + fields + Array(name.utf8) + data
    }
    let end =
      number(0x0605_4B50, 4) + number(0, 4) + number(members.count, 2) + number(members.count, 2)
      + number(directory.count, 4) + number(file.count, 4) + number(0, 2)
    return file + directory + end
  }

  /// - Parameter kind: of every member, as its header says: "0" for a file.
  package static func tar(
    _ members: [(name: String, bytes: [UInt8])], kind: UInt8 = UInt8(ascii: "0")
  ) -> [UInt8] {
    var file: [UInt8] = []
    for (name, bytes) in members {
      if name.utf8.count > 100 {
        file +=
          header("././@LongLink", name.utf8.count, UInt8(ascii: "L")) + padded(Array(name.utf8))
      }
      file += header(String(name.prefix(100)), bytes.count, kind) + padded(bytes)
    }
    return file + [UInt8](repeating: 0, count: 1024)
  }

  /// A NumPy array file.
  package static func npy(_ type: String, _ shape: [Int], _ values: [UInt8]) -> [UInt8] {
    let sizes = shape.map { "\($0)," }.joined(separator: " ")
    let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + number(text.utf8.count, 2) + Array(text.utf8)
      + values
  }

  private static func header(_ name: String, _ size: Int, _ kind: UInt8) -> [UInt8] {
    func octal(_ value: Int, _ count: Int) -> [UInt8] {
      let digits = String(value, radix: 8)
      return Array(String(repeating: "0", count: count - 1 - digits.count).utf8)
        + Array(digits.utf8)
        + [0]
    }
    var bytes = [UInt8](repeating: 0, count: 512)
    bytes.replaceSubrange(0..<name.utf8.count, with: name.utf8)
    bytes.replaceSubrange(100..<108, with: octal(0o644, 8))
    bytes.replaceSubrange(124..<136, with: octal(size, 12))
    bytes[156] = kind
    bytes.replaceSubrange(257..<265, with: Array("ustar\u{0}00".utf8))
    bytes.replaceSubrange(148..<156, with: [UInt8](repeating: 0x20, count: 8))
    let sum = bytes.reduce(0) { $0 + Int($1) }
    bytes.replaceSubrange(148..<156, with: octal(sum, 7) + [0x20])
    return bytes
  }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
  }

  /// Stored blocks (RFC 1951, 3.2.4).
  private static func deflate(_ bytes: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = []
    var start = 0
    repeat {
      let count = min(65_535, bytes.count - start)
      stream.append(start + count == bytes.count ? 1 : 0)
      stream += number(count, 2) + number(~count & 0xFFFF, 2) + bytes[start..<start + count]
      start += count
    } while start < bytes.count
    return stream
  }

  static func crc(_ bytes: [UInt8]) -> Int {
    var check: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      check ^= UInt32(byte)
      for _ in 0..<8 { check = check & 1 == 1 ? check >> 1 ^ 0xEDB8_8320 : check >> 1 }
    }
    return Int(~check)
  }

  private static func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
