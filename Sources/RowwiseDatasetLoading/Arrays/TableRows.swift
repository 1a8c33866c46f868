import RowwiseWorkers
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Rows of a table of numbers, parsed by several threads.
enum TableRows {
  /// One row: where it is, and its number in the file, from 1.
  struct Row: Sendable {
    var bytes: Range<Int>
    let line: Int
  }

  /// Divides bytes in rows; empty ones are left out.
  ///
  /// - Parameter isLast: whether a last row without a line break is whole.
  /// - Returns: the rows, how many line breaks there were, and where the first row begins that is not
  ///   whole.
  static func split(
    _ bytes: UnsafeRawBufferPointer, firstLine: Int, isLast: Bool
  ) -> (rows: [Row], lines: Int, end: Int) {
    var rows: [Row] = []
    var (start, line) = (0, firstLine)
    func add(_ end: Int) {
      var end = end
      while end > start, bytes[end - 1] == 0x0D { end -= 1 }
      if end > start { rows.append(Row(bytes: start..<end, line: line)) }
    }
    while start < bytes.count, let base = bytes.baseAddress {
      guard let found = memchr(base + start, 0x0A, bytes.count - start) else { break }
      let end = UnsafeRawPointer(found) - base
      add(end)
      (start, line) = (end + 1, line + 1)
    }
    if isLast, start < bytes.count {
      add(bytes.count)
      (start, line) = (bytes.count, line + 1)
    }
    return (rows, line - firstLine, start)
  }

  /// The pixels and labels of rows.
  ///
  /// - Parameter readsPixels: false where only the labels are wanted.
  static func parse(
    _ rows: [Row], of bytes: UnsafeRawBufferPointer, _ format: PixelTable.Format, path: String,
    threads: Int, readsPixels: Bool
  ) throws(DatasetError) -> (pixels: [UInt8], labels: [String]?) {
    let each = format.pixels.count
    // SAFETY: only read, and all tasks are done when this returns; see `PixelTableTests`, and the fuzz
    // target `table`.
    nonisolated(unsafe) let bytes = bytes
    // The first row that is wrong, so that the error does not depend on timing.
    let failure = Mutex<(line: Int, reason: String)?>(nil)
    let blocks = readsPixels ? max(1, min(threads * 4, rows.count / 16)) : 1
    let labels = Mutex([[String]](repeating: [], count: blocks))
    let pixels = [UInt8](unsafeUninitializedCapacity: readsPixels ? rows.count * each : 0) {
      room, count in
      // SAFETY: every block writes its own rows only.
      nonisolated(unsafe) let base = room.baseAddress
      WorkerPool.forEach(blocks, threads: threads) { block in
        var own: [String] = []
        for index in block * rows.count / blocks..<(block + 1) * rows.count / blocks {
          var parser = RowParser(
            bytes: UnsafeRawBufferPointer(rebasing: bytes[rows[index].bytes]), format: format)
          if let reason = parser.parse(into: readsPixels ? base.map { $0 + index * each } : nil) {
            failure.withLock { first in
              if first.map({ rows[index].line < $0.line }) ?? true {
                first = (rows[index].line, reason)
              }
            }
            return
          }
          if format.label != nil { own.append(parser.label) }
        }
        labels.withLock { $0[block] = own }
      }
      count = readsPixels ? rows.count * each : 0
      // What a failure left out is given to nobody, but it is memory that must hold something.
      if failure.withLock({ $0 != nil }) { count = 0 }
    }
    if let (line, reason) = failure.withLock({ $0 }) {
      throw .invalidManifest(path: path, row: line, reason: reason)
    }
    return (pixels, format.label == nil ? nil : labels.withLock { $0.flatMap { $0 } })
  }
}

/// One row of a table, read from its first byte to its last.
private struct RowParser {
  let bytes: UnsafeRawBufferPointer
  let format: PixelTable.Format
  private(set) var label = ""

  private static let quote = UInt8(ascii: "\"")
  private static let space = UInt8(ascii: " ")

  init(bytes: UnsafeRawBufferPointer, format: PixelTable.Format) {
    (self.bytes, self.format) = (bytes, format)
  }

  /// - Parameter target: room for the pixels; nil where they are not wanted.
  /// - Returns: what is wrong; nil where nothing is.
  mutating func parse(into target: UnsafeMutablePointer<UInt8>?) -> String? {
    let (separator, pixels) = (format.separator, format.pixels)
    let (columns, count) = (format.columns, bytes.count)
    var place = 0
    var column = 0
    while column < columns {
      let start = place
      if pixels.contains(column) {
        guard let target else {
          // Only the label is wanted, and it stands before the pixels.
          if let own = format.label, own < column { return nil }
          while place < count, bytes[place] != separator { place += 1 }
          if place == count, column + 1 < columns { return fields(column + 1) }
          place += 1
          column += 1
          continue
        }
        var value = 0
        var digits = 0
        while place < count {
          let digit = bytes[place] &- 0x30
          guard digit < 10 else { break }
          value = value &* 10 &+ Int(digit)
          digits &+= 1
          place &+= 1
        }
        // Nearly always the separator follows.
        if place < count, bytes[place] != separator || digits == 0 || digits > 3 {
          guard let other = odd(start, &place) else { return wrong(start, column) }
          value = other
        } else if place == count, digits == 0 || digits > 3 {
          return digits == 0 ? fields(column) : wrong(start, column)
        }
        guard value <= 255 else { return wrong(start, column) }
        target[column &- pixels.lowerBound] = UInt8(truncatingIfNeeded: value)
      } else {
        while place < count, bytes[place] != separator { place += 1 }
        if column == format.label {
          guard let name = Self.name(bytes[start..<place]) else {
            return "the label in column \(column + 1) is empty or no UTF-8 text"
          }
          label = name
        }
      }
      column &+= 1
      if column < columns {
        guard place < count else { return fields(column) }
        place &+= 1
      }
    }
    return place >= count ? nil : "more than \(columns) fields, expected \(columns)"
  }

  /// A pixel that is written otherwise: with spaces or quotes about it, or as "255.0".
  private func odd(_ start: Int, _ place: inout Int) -> Int? {
    place = start
    while place < bytes.count, bytes[place] != format.separator { place += 1 }
    let text = String(decoding: bytes[start..<place], as: UTF8.self).filter { $0 != "\"" }
    guard let value = Double(text.trimmingSpaces()), value >= 0, value <= 255,
      value == value.rounded()
    else { return nil }
    return Int(value)
  }

  private func fields(_ count: Int) -> String {
    "\(count) \(count == 1 ? "field" : "fields"), expected \(format.columns)"
  }

  private func wrong(_ start: Int, _ column: Int) -> String {
    let text = bytes[start...].prefix { $0 != format.separator }.prefix(20)
    return
      "column \(column + 1) is “\(String(decoding: text, as: UTF8.self))”, expected a pixel: a "
      + "whole number from 0 to 255"
  }

  /// A label as its class is called: without spaces and quotes, "7.0" as "7".
  private static func name(_ bytes: Slice<UnsafeRawBufferPointer>) -> String? {
    if bytes.count == 1, let byte = bytes.first, byte > space, byte != quote, byte < 0x7F {
      return String(UnicodeScalar(byte))
    }
    guard var text = String(validating: bytes, as: UTF8.self) else { return nil }
    text = text.filter { $0 != "\"" }.trimmingSpaces()
    if text.hasSuffix(".0"), Int(text.dropLast(2)) != nil { text = String(text.dropLast(2)) }
    return text.isEmpty ? nil : text
  }
}
