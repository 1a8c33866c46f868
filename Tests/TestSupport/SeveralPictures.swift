/// Files of several pictures, and a JPEG to make them of.
package enum SeveralPictures {
  /// A baseline gray JPEG of 16 × 16 pixels, level 128 throughout, and its parts: written by hand
  /// from T.81, with one DC code (difference 0) and one AC code (end of block).
  package static let grayJPEG: [UInt8] = {
    var bytes: [UInt8] = [0xFF, 0xD8]
    bytes += [0xFF, 0xDB, 0, 67, 0] + [UInt8](repeating: 1, count: 64)
    bytes += [0xFF, 0xC0, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0]
    bytes += [0xFF, 0xC4, 0, 20, 0x00, 1] + [UInt8](repeating: 0, count: 15) + [0]
    bytes += [0xFF, 0xC4, 0, 20, 0x10, 1] + [UInt8](repeating: 0, count: 15) + [0]
    bytes += [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0]
    // Four blocks of two zero bits each.
    bytes += [0x00, 0xFF, 0xD9]
    return bytes
  }()

  /// A PNG with the chunk that makes it an animation, before its pixels (PNG, third edition, 11.3.6.1).
  package static func animated(_ png: [UInt8], frames: Int) -> [UInt8] {
    let chunk = PNGBytes.chunk("acTL", PNGBytes.number(frames) + PNGBytes.number(0))
    // Behind the signature and IHDR.
    return Array(png[..<33]) + chunk + Array(png[33...])
  }

  /// A JPEG with the index of the Multi-Picture Format (CIPA DC-007), and as many copies of itself behind it
  /// as there are further entries.
  ///
  /// - Parameter types: the type of each entry, such as 0x03_0000 for the first picture.
  package static func multiPicture(_ jpeg: [UInt8], types: [Int]) -> [UInt8] {
    func entry(_ tag: Int, _ type: Int, _ count: Int, _ value: [UInt8]) -> [UInt8] {
      Array(
        (PNGBytes.number(tag) + PNGBytes.number(type)).enumerated().filter { $0.offset & 2 == 2 }
          .map(\.element))
        + PNGBytes.number(count) + value
    }
    let entries = types.flatMap {
      PNGBytes.number($0) + PNGBytes.number(jpeg.count) + PNGBytes.number(0) + PNGBytes.number(0)
    }
    let block =
      Array("MM".utf8) + [0, 42] + PNGBytes.number(8) + [0, 3]
      + entry(0xB000, 7, 4, Array("0100".utf8))
      + entry(0xB001, 4, 1, PNGBytes.number(types.count))
      + entry(0xB002, 7, entries.count, PNGBytes.number(50))
      + PNGBytes.number(0) + entries
    let size = block.count + 6
    let segment: [UInt8] =
      [0xFF, 0xE2, UInt8(size >> 8), UInt8(size & 0xFF)] + Array("MPF\0".utf8) + block
    let first = Array(jpeg[..<2]) + segment + Array(jpeg[2...])
    return types.dropFirst().reduce(first) { file, _ in file + jpeg }
  }
}
