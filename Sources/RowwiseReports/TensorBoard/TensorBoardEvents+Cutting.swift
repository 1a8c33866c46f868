import RowwiseFiles
import RowwiseSystem

extension TensorBoardEvents {
  /// Takes events of later steps out of a folder's files, as of a part of a run that is going to be
  /// done once more, and what a kill has cut off at their ends. Files without any event go.
  ///
  /// Readers are told by a file's first event, too; but not all of them heed it.
  ///
  /// - Parameter step: the last that holds; below 0 where none does.
  /// - Throws: `FileError` where a file cannot be read or written.
  package static func cut(folder: String, after step: Int) throws(FileError) {
    let names = (try? FileSystem.names(in: folder)) ?? []
    for name in names where name.contains("tfevents") && name.hasSuffix(".rowwise") {
      let path = "\(folder)/\(name)"
      let bytes = try InputFile.bytes(path: path)
      let kept = step < 0 ? [] : kept(of: bytes, upTo: step)
      if kept.isEmpty {
        SystemPath.unlink(path)
      } else if kept.count < bytes.count {
        try AtomicFile.write(kept, toPath: path)
      }
    }
  }

  /// The whole records of events up to a step.
  private static func kept(of bytes: [UInt8], upTo step: Int) -> [UInt8] {
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    var start = 0
    // A record: length in 8 bytes, its checksum in 4, the event, its checksum in 4.
    while bytes.count - start >= 16 {
      let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
      guard length <= UInt64(bytes.count - start - 16) else { break }
      let end = start + 16 + Int(length)
      if Self.step(of: bytes[(start + 12)..<(end - 4)]) <= step { kept += bytes[start..<end] }
      start = end
    }
    return kept
  }

  /// The step of an event, field 2 behind the time, field 1, as `header` writes them; 0 where there is
  /// none, as of the first event of a file.
  private static func step(of event: ArraySlice<UInt8>) -> Int {
    var rest = event
    if rest.first == 0x09 { rest = rest.dropFirst(9) }
    guard rest.popFirst() == 0x10 else { return 0 }
    var (value, shift) = (UInt64(0), UInt64(0))
    while let byte = rest.popFirst(), shift < 64 {
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { break }
      shift += 7
    }
    return Int(clamping: value)
  }
}
