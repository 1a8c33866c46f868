import ImageDecoding
import RowSequencing

/// Decodes image files to samples of one size.
struct SampleDecoder: Sendable {
  let preprocessing: Preprocessing
  private let options: DecodingOptions

  /// - Parameter decoding: limits and background; the pixel format follows `preprocessing`.
  init(preprocessing: Preprocessing, decoding: DecodingOptions) {
    self.preprocessing = preprocessing
    var options = decoding
    options.pixelFormat = preprocessing.color == .gray ? .gray8 : .rgb8
    self.options = options
  }

  /// The pixels of a file's image, upright, or why there are none.
  func pixels(ofFile path: String) -> Result<[UInt8], ImageDecodingError> {
    do throws(ImageDecodingError) {
      let image = try ImageDecoder.decode(path: path, options: options)
      return .success(preprocessing.modelPixels(of: image))
    } catch {
      return .failure(error)
    }
  }
}
