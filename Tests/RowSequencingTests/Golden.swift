import Foundation
import RowwiseImageDecoding
import RowwiseRandomness

/// The values that Scripts/goldens/make_row_sequencing_golden.py got from Pillow and NumPy.
struct Golden: Decodable {
  struct Resize: Decodable {
    let source_width: Int
    let source_height: Int
    let channels: Int
    let seed: UInt64
    let width: Int
    let height: Int
    let pixels: String
  }
  struct Picture: Decodable {
    let width: Int
    let height: Int
    let seed: UInt64
    let pixels: String
  }
  struct Statistics: Decodable {
    let mean: [Double]
    let standard_deviation: [Double]
  }
  struct Permutation: Decodable {
    let seed: UInt64
    let count: Int
    let order: [Int]
  }
  let resizes: [Resize]
  let luma: Picture
  let statistics: Statistics
  let permutations: [Permutation]

  static func load() throws -> Golden {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/pillow.json")
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
  }
}

/// The bytes of a hexadecimal text.
func bytes(hex: String) -> [UInt8] {
  let digits = hex.utf8.map { $0 < 58 ? $0 - 48 : $0 - 87 }
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// The picture of the same name in the script: the top byte of one number of SplitMix64 a byte,
/// from the middle row on 0 or 255 only.
func picture(width: Int, height: Int, channels: Int, seed: UInt64) -> DecodedImage {
  var random = SplitMix64(seed: seed)
  var pixels = (0..<width * height * channels).map { _ in UInt8(random.next() >> 56) }
  for i in height / 2 * width * channels..<pixels.count { pixels[i] = pixels[i] >= 128 ? 255 : 0 }
  return DecodedImage(width: width, height: height, channels: channels, pixels: pixels)
}
