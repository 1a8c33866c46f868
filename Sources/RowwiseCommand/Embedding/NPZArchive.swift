/// Arrays as NumPy's `.npz`: an archive (PKWARE's APPNOTE, stored entries) of `.npy` files (NEP 1).
struct NPZArchive {
  private(set) var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var count: UInt16 = 0

  /// Bytes that the format has room for, without its 64-bit extension.
  static let limit = Int(UInt32.max) - (1 << 20)

  /// Adds a matrix [rows × columns].
  mutating func add(_ name: String, _ values: [Float], columns: Int) {
    var data: [UInt8] = []
    data.reserveCapacity(4 * values.count)
    for value in values { append(value.bitPattern, to: &data) }
    let rows = columns == 0 ? 0 : values.count / columns
    add(name, type: "<f4", shape: "(\(rows), \(columns))", data)
  }

  /// Adds texts, as numbers of Unicode scalars of equal length, the way NumPy keeps them.
  mutating func add(_ name: String, _ texts: [String]) {
    let width = max(texts.map(\.unicodeScalars.count).max() ?? 0, 1)
    var data: [UInt8] = []
    data.reserveCapacity(4 * width * texts.count)
    for text in texts {
      for scalar in text.unicodeScalars { append(scalar.value, to: &data) }
      data += repeatElement(0, count: 4 * (width - text.unicodeScalars.count))
    }
    add(name, type: "<U\(width)", shape: "(\(texts.count),)", data)
  }

  /// Closes the archive.
  func finished() -> [UInt8] {
    var all = bytes + directory
    append(UInt32(0x0605_4B50), to: &all)
    append(UInt32(0), to: &all)
    append(count, to: &all)
    append(count, to: &all)
    append(UInt32(directory.count), to: &all)
    append(UInt32(bytes.count), to: &all)
    append(UInt16(0), to: &all)
    return all
  }

  private mutating func add(_ name: String, type: String, shape: String, _ data: [UInt8]) {
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
    // With the ten bytes before it, it ends at a multiple of 64.
    header += String(repeating: " ", count: (64 - (header.utf8.count + 11) % 64) % 64) + "\n"
    var file: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    append(UInt16(header.utf8.count), to: &file)
    file += header.utf8
    file += data
    let entry = Array("\(name).npy".utf8)
    // Version 2.0, no flags, stored, the first day that dates can say.
    var common: [UInt8] = []
    for field: UInt16 in [20, 0, 0, 0, 0x21] { append(field, to: &common) }
    append(CRC32.of(file), to: &common)
    append(UInt32(file.count), to: &common)
    append(UInt32(file.count), to: &common)
    append(UInt16(entry.count), to: &common)
    append(UInt16(0), to: &common)
    let place = UInt32(bytes.count)
    append(UInt32(0x0403_4B50), to: &bytes)
    bytes += common + entry + file
    append(UInt32(0x0201_4B50), to: &directory)
    append(UInt16(20), to: &directory)
    directory += common
    for field: UInt16 in [0, 0, 0] { append(field, to: &directory) }
    append(UInt32(0), to: &directory)
    append(place, to: &directory)
    directory += entry
    count += 1
  }

  /// Little-endian.
  private func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}

/// The checksum of archives and PNG (ISO 3309).
private enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xEDB8_8320
    }
  }

  static func of(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
  }
}
