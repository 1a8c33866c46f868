import RowwiseImageDecoding
import RowwiseReports

extension PNGWriter {
  /// Encodes what was drawn.
  static func encode(_ raster: Raster) throws(ImageDecodingError) -> [UInt8] {
    try encode(
      DecodedImage(width: raster.width, height: raster.height, channels: 3, pixels: raster.pixels))
  }
}
