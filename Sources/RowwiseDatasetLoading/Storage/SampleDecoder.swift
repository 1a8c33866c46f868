import RowwiseImageDecoding
import RowwiseRowSequencing

/// Decodes image files to samples of one size: the one recipe of training and classifying.
package struct SampleDecoder: Sendable {
  let preprocessing: Preprocessing
  /// How files are decoded for it.
  package let options: DecodingOptions

  /// - Parameter decoding: limits, background and strictness; pixel format and JPEG scaling follow
  ///   `preprocessing`.
  package init(preprocessing: Preprocessing, decoding: DecodingOptions) {
    self.preprocessing = preprocessing
    var options = decoding
    options.pixelFormat = preprocessing.color == .gray ? .gray8 : .rgb8
    // As in classifying: a photo 16 times larger than the samples is decoded at a part of its size.
    options.jpegScaling = .downTo(width: preprocessing.width, height: preprocessing.height)
    self.options = options
  }

  /// The pixels of a file's image, upright, [height × width × channels], and what is missing of them
  /// where it was read leniently.
  package func read(_ path: String) throws(ImageDecodingError) -> (pixels: [UInt8], damage: String?)
  {
    try ImageDecoder.withDecoded(path: path, options: options) { image, warnings in
      (preprocessing.modelPixels(of: image), warnings.damage)
    }
  }

  /// The pixels of a file's image, or why there are none.
  func pixels(ofFile path: String) -> DecodedSample {
    do throws(ImageDecodingError) {
      let (pixels, damage) = try read(path)
      return .pixels(pixels, damage: damage)
    } catch {
      // Reports name the file themselves.
      var format: ForeignFormat?
      if case .foreignFormat(_, let found) = error { format = found }
      return .bad(reason: error.descriptionWithoutSource, format: format)
    }
  }
}

/// What became of an image file.
enum DecodedSample: Sendable {
  /// [height × width × channels], and what is missing where it was read leniently.
  case pixels([UInt8], damage: String?)
  /// Not readable, and why, without the file's name; with the format where that is not read.
  case bad(reason: String, format: ForeignFormat?)
}
