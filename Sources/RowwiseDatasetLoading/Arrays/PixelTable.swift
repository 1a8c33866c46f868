import RowwiseFiles
import RowwiseRowSequencing
import RowwiseTexts

/// A text table with a picture in each row: its label, and a column for each pixel.
///
/// As Kaggle's `train.csv` and `mnist_train.csv` have it: columns separated by commas, semicolons or
/// tabs, with names in the first row or without.
struct PixelTable: SampleSource {
  let path: String
  let format: Format

  var isLabelled: Bool { format.label != nil }

  /// Where what stands in a row.
  struct Format: Sendable, Equatable {
    /// Between columns.
    var separator: UInt8
    var hasHeader: Bool
    /// Column of the label; nil where there is none.
    var label: Int?
    /// Columns of the pixels.
    var pixels: Range<Int>
    var columns: Int
    var shape: NativeShape
  }

  /// Fewer pixels are no picture, but a table of something else.
  static let fewestPixels = 16
  /// Bytes of a table that are parsed at once.
  private static let portion = 1 << 23
  /// The most bytes of a row.
  private static let longestRow = 1 << 23

  /// The table in a file; nil where the file is something else, by its first rows.
  init?(path: String) throws(DatasetError) {
    let file = try DataFile(path: path)
    // Two rows and a little: of large pictures they are long.
    var first: [UInt8] = []
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { room.deallocate() }
    while first.count < 2 * Self.longestRow, first.count(where: { $0 == 0x0A }) < 2 {
      let count = try file.read(into: room)
      first += room[..<count]
      if count < room.count { break }
      try file.checkExpansion(file.position)
    }
    guard let format = try Format(first: first, path: path) else { return nil }
    self.path = path
    self.format = format
  }

  func shape(limit: Int) throws(DatasetError) -> NativeShape { format.shape }

  func labels(limit: Int) throws(DatasetError) -> [String] {
    guard format.label != nil else { throw .unlabelled(path: path) }
    var labels: [String] = []
    try forEachPortion(limit: limit, threads: 1, readsPixels: false) {
      (_, own) throws(DatasetError) in labels += own ?? []
    }
    return labels
  }

  func expectedBytes(_ each: Int, of native: Int) -> Int {
    // A pixel takes about two characters.
    (FileKind(path: path)?.size ?? 0) / (2 * max(native, 1)) * each
  }

  func forEachPortion(
    limit: Int, threads: Int,
    _ body: (_ pixels: [UInt8], _ labels: [String]?) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    try forEachPortion(limit: limit, threads: threads, readsPixels: true, body)
  }

  private func forEachPortion(
    limit: Int, threads: Int, readsPixels: Bool,
    _ body: (_ pixels: [UInt8], _ labels: [String]?) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    let file = try DataFile(path: path)
    let room = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Self.portion + Self.longestRow, alignment: 16)
    defer { room.deallocate() }
    // Bytes of a row that is not whole yet, and the number of the first row, from 1.
    var (left, line) = (0, 1)
    var isFirst = format.hasHeader
    var isAtEnd = false
    while !isAtEnd {
      let target = UnsafeMutableRawBufferPointer(rebasing: room[left..<left + Self.portion])
      let got = try file.read(into: target)
      isAtEnd = got < Self.portion
      guard file.position <= limit else {
        throw .tooLarge(path: path, bytes: file.position, limit: limit)
      }
      try file.checkExpansion(file.position)
      let bytes = UnsafeRawBufferPointer(rebasing: room[..<(left + got)])
      var rows = TableRows.split(bytes, firstLine: line, isLast: isAtEnd)
      line += rows.lines
      if line == 1 + rows.lines, bytes.starts(with: [0xEF, 0xBB, 0xBF]), !rows.rows.isEmpty {
        rows.rows[0].bytes = rows.rows[0].bytes.lowerBound + 3..<rows.rows[0].bytes.upperBound
      }
      if isFirst, !rows.rows.isEmpty {
        rows.rows.removeFirst()
        isFirst = false
      }
      if !rows.rows.isEmpty {
        let parsed = try TableRows.parse(
          rows.rows, of: bytes, format, path: path, threads: threads, readsPixels: readsPixels)
        try body(parsed.pixels, parsed.labels)
      }
      left = left + got - rows.end
      guard left <= Self.longestRow else {
        throw .invalidManifest(
          path: path, row: line, reason: "more than \(Self.longestRow) bytes in a row")
      }
      if left > 0, let base = room.baseAddress {
        room.copyMemory(from: UnsafeRawBufferPointer(start: base + rows.end, count: left))
      }
    }
  }
}

extension PixelTable.Format {
  private static let labelNames: Set<String> = [
    "label", "labels", "class", "target", "y", "digit", "category", "emotion",
  ]
  private static let otherNames: Set<String> = ["", "id", "imageid", "index", "unnamed: 0"]

  /// What the first rows show; nil where they are no table of pixels.
  ///
  /// - Parameter bytes: the beginning of the file.
  /// - Throws: where it is one, but of pictures that are not as wide as high.
  init?(first bytes: [UInt8], path: String) throws(DatasetError) {
    var text = bytes[...]
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
    let lines = text.split(maxSplits: 2) { $0 == 0x0A }
    guard let first = lines.first else { return nil }
    let separators = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
    guard
      let separator = separators.max(by: { a, b in first.count { $0 == a } < first.count { $0 == b }
      })
    else { return nil }
    func fields(_ line: ArraySlice<UInt8>) -> [String] {
      line.split(separator: separator, omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self).filter { $0 != "\"" && $0 != "\r" }.trimmingSpaces()
      }
    }
    let names = fields(first)
    guard names.count >= PixelTable.fewestPixels else { return nil }
    let isNumber: (String) -> Bool = { Double($0) != nil }
    hasHeader =
      names.count { !isNumber($0) } > names.count / 2
      || names.contains { Self.labelNames.contains($0.lowercased()) } || Self.areNumbered(names)
    let values = hasHeader ? (lines.count > 1 ? fields(lines[1]) : []) : names
    // Nearly all of a row are numbers, or it is something else.
    guard values.count == names.count, values.count(where: isNumber) >= names.count - 3 else {
      return nil
    }
    self.separator = separator
    columns = names.count
    var range = 0..<columns
    label = nil
    if hasHeader {
      let lower = names.map { $0.lowercased() }
      while let name = lower[range].first, !range.isEmpty {
        if Self.labelNames.contains(name), label == nil { label = range.lowerBound }
        guard Self.labelNames.contains(name) || Self.otherNames.contains(name) else { break }
        range = range.lowerBound + 1..<range.upperBound
      }
      while let name = lower[range].last, !range.isEmpty {
        if Self.labelNames.contains(name), label == nil { label = range.upperBound - 1 }
        guard Self.labelNames.contains(name) || Self.otherNames.contains(name) else { break }
        range = range.lowerBound..<range.upperBound - 1
      }
    }
    if hasHeader, label == nil,
      let inner = names[range].first(where: { Self.labelNames.contains($0.lowercased()) })
    {
      throw .unclear(
        path: path,
        reason: "the column \(inner) stands among those of the pixels; put it first or last")
    }
    // Without a name for it, the label is the first column where only so a picture is left; or the last,
    // where the first is called as the pixels are.
    if label == nil, NativeShape.square(range.count) == nil,
      NativeShape.square(range.count - 1) != nil
    {
      let stems = names[range].map { $0.filter { !$0.isNumber } }
      let isLast = hasHeader && stems.first == stems.dropLast().last && stems.last != stems.first
      label = isLast ? range.upperBound - 1 : range.lowerBound
      range =
        isLast ? range.lowerBound..<range.upperBound - 1 : range.lowerBound + 1..<range.upperBound
    }
    pixels = range
    let named = hasHeader ? names[range].last.flatMap { Self.size(named: $0, range.count) } : nil
    guard let shape = named ?? NativeShape.square(range.count) else {
      throw .unclear(
        path: path,
        reason:
          "a table of numbers with \(range.count) columns beside the label; expected the pixels "
          + "of a gray or RGB picture as wide as high, such as 784 (28 × 28) or 3072 (32 × 32 × 3)")
    }
    self.shape = shape
  }

  /// Whether columns are called by their numbers, as pandas does it, with or without one for the row.
  private static func areNumbered(_ names: [String]) -> Bool {
    let own = names.first == "" ? names.dropFirst() : names[...]
    let numbers = own.compactMap { Int($0) }
    guard numbers.count == own.count, let first = numbers.first, (0...1).contains(first) else {
      return false
    }
    return numbers.elementsEqual(first..<first + numbers.count)
  }

  /// A last column called "28x28" tells height and width.
  private static func size(named name: String, _ count: Int) -> NativeShape? {
    let sides = name.lowercased().split(separator: "x").compactMap { Int($0) }
    guard sides.count == 2, sides[0] > 0, sides[1] > 0,
      sides[0].multipliedReportingOverflow(by: sides[1]) == (count, false)
    else { return nil }
    return NativeShape(width: sides[1], height: sides[0], color: .gray)
  }
}
