import RowwiseImageDecoding

/// A binary PGM or PPM with 8-bit samples, as `djpeg` writes it, for comparing.
struct PortableMap {
  let width: Int
  let height: Int
  let channels: Int
  let pixels: [UInt8]

  struct Malformed: Error {}

  init(bytes: [UInt8]) throws {
    var fields: [Int] = []
    var position = 2
    while fields.count < 3, position < bytes.count {
      var value = 0
      while position < bytes.count, (48...57).contains(bytes[position]) {
        value = value * 10 + Int(bytes[position] - 48)
        position += 1
      }
      if position > 2, (48...57).contains(bytes[position - 1]) { fields.append(value) }
      position += 1
    }
    guard fields.count == 3, bytes[0] == 0x50, fields[2] == 255 else { throw Malformed() }
    (width, height, channels) = (fields[0], fields[1], bytes[1] == 0x36 ? 3 : 1)
    pixels = Array(bytes[position...])
    guard pixels.count == width * height * channels else { throw Malformed() }
  }

  /// The greatest difference of a sample; 256 where the sizes differ.
  func greatestDifference(from image: DecodedImage) -> Int {
    guard (image.width, image.height) == (width, height) else { return 256 }
    var greatest = 0
    for pixel in 0..<width * height {
      for channel in 0..<image.channels {
        let mine = pixels[pixel * channels + (channels == 1 ? 0 : channel)]
        let theirs = image.pixels[pixel * image.channels + channel]
        greatest = max(greatest, abs(Int(mine) - Int(theirs)))
      }
    }
    return greatest
  }
}
