/// Decodes BMP's run lengths (BI_RLE8, BI_RLE4), a row at a time and in any portions.
struct BMPRunLengths {
  enum Step: Equatable {
    case row
    case needsInput
    case bad(String)
  }

  let width: Int
  let bitsPerPixel: Int
  /// The indices of the row that was finished last.
  private(set) var row: [UInt8]
  private var next: [UInt8]
  private var x = 0
  /// Rows to be finished before more codes are read: by an end of row or a jump.
  private var rowsToFinish = 0
  private var columnAfter = 0
  private var isAtEnd = false

  init(width: Int, bitsPerPixel: Int) {
    self.width = width
    self.bitsPerPixel = bitsPerPixel
    row = [UInt8](repeating: 0, count: width)
    next = row
  }

  /// Decodes up to the end of a row.
  mutating func readRow(_ input: inout InputBuffer) -> Step {
    while true {
      if isAtEnd || rowsToFinish > 0 {
        swap(&row, &next)
        for index in next.indices { next[index] = 0 }
        if rowsToFinish > 0 { rowsToFinish -= 1 }
        x = rowsToFinish == 0 ? columnAfter : 0
        return .row
      }
      guard input.count >= 2 else { return .needsInput }
      let (count, value) = (Int(input[0]), input[1])
      if count > 0 {
        guard x + count <= width else { return .bad("a run beyond the row's end") }
        for index in 0..<count {
          next[x + index] = bitsPerPixel == 8 ? value : nibble(value, index)
        }
        x += count
        input.consume(2)
        continue
      }
      let step = readEscape(value, &input)
      if let step { return step }
    }
  }

  /// An escape code; nil where decoding goes on.
  private mutating func readEscape(_ code: UInt8, _ input: inout InputBuffer) -> Step? {
    switch code {
    case 0:
      (rowsToFinish, columnAfter) = (1, 0)
      input.consume(2)
    case 1:
      isAtEnd = true
      columnAfter = 0
      input.consume(2)
    case 2:
      guard input.count >= 4 else { return .needsInput }
      let column = x + Int(input[2])
      guard column <= width else { return .bad("a jump beyond the row's end") }
      rowsToFinish = Int(input[3])
      columnAfter = column
      if rowsToFinish == 0 { x = column }
      input.consume(4)
    default:
      let count = Int(code)
      let bytes = bitsPerPixel == 8 ? count : (count + 1) / 2
      let padded = 2 + (bytes + 1) / 2 * 2
      guard input.count >= padded else { return .needsInput }
      guard x + count <= width else { return .bad("pixels beyond the row's end") }
      for index in 0..<count {
        next[x + index] =
          bitsPerPixel == 8 ? input[2 + index] : nibble(input[2 + index / 2], index)
      }
      x += count
      input.consume(padded)
    }
    return nil
  }

  /// The left half of a byte for even positions, the right half for odd ones.
  private func nibble(_ byte: UInt8, _ index: Int) -> UInt8 {
    index % 2 == 0 ? byte >> 4 : byte & 15
  }
}
