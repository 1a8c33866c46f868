import ImageDecoding
import RowSequencing

/// Decodes image files to samples of one size.
struct SampleDecoder: Sendable {
  let preprocessing: Preprocessing
  private let options: DecodingOptions

  /// - Parameter decoding: limits, background and strictness; pixel format and JPEG scaling follow
  ///   `preprocessing`.
  init(preprocessing: Preprocessing, decoding: DecodingOptions) {
    self.preprocessing = preprocessing
    var options = decoding
    options.pixelFormat = preprocessing.color == .gray ? .gray8 : .rgb8
    // As in classifying: a photo 16 times larger than the samples is decoded at a part of its size.
    options.jpegScaling = .downTo(width: preprocessing.width, height: preprocessing.height)
    self.options = options
  }

  /// The pixels of a file's image, upright, or why there are none.
  func pixels(ofFile path: String) -> DecodedSample {
    do throws(ImageDecodingError) {
      return try ImageDecoder.withDecoded(path: path, options: options) { image, warnings in
        .pixels(preprocessing.modelPixels(of: image), damage: warnings.damage)
      }
    } catch {
      // Reports name the file themselves.
      let text = "\(error)"
      let prefix = path + ": "
      return .bad(reason: text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text)
    }
  }
}

/// What became of an image file.
enum DecodedSample: Sendable {
  /// [height × width × channels], and what is missing where it was read leniently.
  case pixels([UInt8], damage: String?)
  /// Not readable, and why, without the file's name.
  case bad(reason: String)
}
