import Foundation
import Rowwise

/// Resident memory while pictures are read that are much larger than it.
enum MemoryBenchmark {
  /// Kilobytes by a key of /proc/self/status.
  static func kibibytes(_ key: String) throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    guard
      let row = status.split(separator: "\n").first(where: { $0.hasPrefix(key) }),
      let value = row.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
    else { throw BenchmarkFailure(description: "no \(key) in /proc/self/status: Linux only") }
    return value
  }

  /// Forgets the peak so far (proc(5), /proc/pid/clear_refs).
  static func resetPeak() throws {
    try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
  }

  static func run() throws {
    let scratch = try ScratchFolder()
    let (width, height) = (20_000, 20_000)
    let path = scratch.path + "/large.png"
    try writeLargePNG(path, width: width, height: height)
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    var row = [UInt8](repeating: 0, count: width)
    try resetPeak()
    let base = try kibibytes("VmRSS:")
    let start = ContinuousClock.now
    let options = DecodingOptions(pixelFormat: .gray8)
    let reader = try ImageRowReader(path: path, options: options)
    var rows = 0
    var sum = 0
    while try reader.readRow(into: &row) {
      sum &+= Int(row[rows])
      rows += 1
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let peak = try kibibytes("VmHWM:")
    guard rows == height else { throw BenchmarkFailure(description: "\(rows) rows of \(height)") }
    let expected = (0..<height).reduce(0) { $0 + Int(level($1, $1)) }
    guard sum == expected else { throw BenchmarkFailure(description: "wrong pixels") }
    print(
      "gray PNG, \(width) × \(height), \(size / 1_000_000) MB: \(rows) rows in "
        + "\(String(format: "%.1f", seconds)) s, at most "
        + "\(String(format: "%.1f", Double(peak - base) / 1024)) MiB above the \(base / 1024) MiB "
        + "before; at most 16 are allowed")
    if peak - base > 16 * 1024 { throw BenchmarkFailure(description: "too much memory") }
  }

  private static func level(_ x: Int, _ y: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: (x &* 7) ^ (y &* 3) ^ (x &* y >> 6))
  }

  /// Writes a PNG whose deflate data is stored, not packed, a row at a time.
  private static func writeLargePNG(_ path: String, width: Int, height: Int) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let file = FileHandle(forWritingAtPath: path)
    else { throw BenchmarkFailure(description: "cannot write \(path)") }
    defer { try? file.close() }
    try file.write(contentsOf: PNGPieces.header(width: width, height: height))
    var adler = PNGPieces.Adler()
    for y in 0..<height {
      var row = [UInt8](repeating: 0, count: width + 1)
      for x in 0..<width { row[x + 1] = level(x, y) }
      adler.add(row)
      let length = row.count
      var data: [UInt8] = y == 0 ? [0x78, 0x01] : []
      data += [y == height - 1 ? 1 : 0, UInt8(length & 255), UInt8(length >> 8)]
      data += [UInt8(~length & 255), UInt8(~length >> 8 & 255)] + row
      if y == height - 1 { data += PNGPieces.bigEndian(adler.value) }
      try file.write(contentsOf: PNGPieces.chunk("IDAT", data))
    }
    try file.write(contentsOf: PNGPieces.chunk("IEND", []))
  }
}

/// Parts of PNG files.
enum PNGPieces {
  /// Adler-32 (RFC 1950).
  struct Adler {
    private var (first, second): (UInt32, UInt32) = (1, 0)

    mutating func add(_ bytes: [UInt8]) {
      for part in stride(from: 0, to: bytes.count, by: 3_000) {
        for byte in bytes[part..<min(part + 3_000, bytes.count)] {
          first &+= UInt32(byte)
          second &+= first
        }
        (first, second) = (first % 65_521, second % 65_521)
      }
    }

    var value: UInt32 { second << 16 | first }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
    }
  }

  static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// Length, type, data and CRC-32.
  static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    var check = UInt32.max
    for byte in body { check = table[Int((check ^ UInt32(byte)) & 255)] ^ check >> 8 }
    return bigEndian(UInt32(data.count)) + body + bigEndian(~check)
  }

  /// Signature and IHDR of an 8-bit gray picture.
  static func header(width: Int, height: Int, interlaced: Bool = false) -> [UInt8] {
    let size = bigEndian(UInt32(width)) + bigEndian(UInt32(height))
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", size + [8, 0, 0, 0, interlaced ? 1 : 0])
  }
}
