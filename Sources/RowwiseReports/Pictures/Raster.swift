/// A colour with 8 bits a channel.
package struct RasterColor: Sendable, Equatable {
  package let red: UInt8
  package let green: UInt8
  package let blue: UInt8

  package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    (self.red, self.green, self.blue) = (red, green, blue)
  }
}

/// A picture to draw on; whoever knows a file format writes it.
public struct Raster: Sendable, Equatable {
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Red, green and blue of every pixel: [height × width × 3].
  public private(set) var pixels: [UInt8]

  /// A white picture.
  package init(width: Int, height: Int) {
    precondition(width > 0 && height > 0, "\(width) × \(height) pixels")
    self.width = width
    self.height = height
    pixels = Array(repeating: 255, count: width * height * 3)
  }

  /// The colour of a pixel.
  package func color(x: Int, y: Int) -> RasterColor {
    let place = (y * width + x) * 3
    return RasterColor(pixels[place], pixels[place + 1], pixels[place + 2])
  }

  /// Fills a rectangle; what lies outside the picture is left out.
  package mutating func fill(x: Int, y: Int, width: Int, height: Int, _ color: RasterColor) {
    let columns = max(0, x)..<max(max(0, x), min(self.width, x + width))
    let rows = max(0, y)..<max(max(0, y), min(self.height, y + height))
    for row in rows {
      for column in columns {
        let place = (row * self.width + column) * 3
        pixels[place] = color.red
        pixels[place + 1] = color.green
        pixels[place + 2] = color.blue
      }
    }
  }

  /// Copies a picture to a place; what would lie outside is left out.
  package mutating func draw(_ other: Raster, x: Int, y: Int) {
    for row in 0..<other.height {
      for column in 0..<other.width {
        fill(x: x + column, y: y + row, width: 1, height: 1, other.color(x: column, y: row))
      }
    }
  }

  /// Draws a text whose first character's upper left corner is at a pixel.
  ///
  /// - Parameters:
  ///   - scale: how many pixels a pixel of the font becomes, along each side.
  ///   - turned: read from bottom to top; then x and y are of the text's lower left corner.
  package mutating func draw(
    _ text: String, x: Int, y: Int, scale: Int, turned: Bool = false, _ color: RasterColor
  ) {
    for (place, character) in text.enumerated() {
      for row in 0..<BitmapFont.height {
        for column in 0..<BitmapFont.width
        where BitmapFont.isSet(character, x: column, y: row) {
          let along = (place * BitmapFont.advance + column) * scale
          fill(
            x: turned ? x + row * scale : x + along,
            y: turned ? y - along - scale : y + row * scale, width: scale, height: scale, color)
        }
      }
    }
  }

  /// The number of pixels that a text is long.
  package static func length(of text: String, scale: Int) -> Int {
    max(0, text.count * BitmapFont.advance - 1) * scale
  }
}
