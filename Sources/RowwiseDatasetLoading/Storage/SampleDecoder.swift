import RowwiseImageDecoding
import RowwiseRowSequencing

/// Decodes image files to samples of one size: the one recipe of training and classifying.
package struct SampleDecoder: Sendable {
  let preprocessing: Preprocessing
  /// How files are decoded for it.
  package let options: DecodingOptions

  /// - Parameter decoding: limits, background and strictness; pixel format, JPEG scaling, and the
  ///   background where it is named there, follow `preprocessing`.
  package init(preprocessing: Preprocessing, decoding: DecodingOptions) {
    self.preprocessing = preprocessing
    let adaptation = preprocessing.adaptation
    var options = decoding
    options.pixelFormat = preprocessing.color == .gray ? .gray8 : .rgb8
    // As in classifying: a photo 16 times larger than the samples is decoded at a part of its size. What
    // is on a picture, or in its middle, may be small.
    let readsPart = adaptation.trims || adaptation.fit == .crop
    options.jpegScaling =
      readsPart ? .none : .downTo(width: preprocessing.width, height: preprocessing.height)
    switch adaptation.background {
    case nil: break
    case .auto: options.choosesBackground = true
    case .color(let color): options.background = color
    }
    options.widensRange = adaptation.range == .auto
    self.options = options
  }

  /// A picture as the model reads it.
  package struct Picture: Sendable {
    /// [height × width × channels].
    package var pixels: [UInt8]
    /// What is missing where it was read leniently.
    package var damage: String?
    /// What was found out about it.
    package var finding: PictureFinding

    package init(pixels: [UInt8], damage: String?, finding: PictureFinding) {
      (self.pixels, self.damage, self.finding) = (pixels, damage, finding)
    }
  }

  /// The picture of a file, upright.
  package func read(_ path: String) throws(ImageDecodingError) -> Picture {
    finish(try ImageDecoder.withDecoded(path: path, options: options, placed))
  }

  /// A file's picture as each of several decoders gives it; those with the same options share its decoding.
  package static func read(
    _ path: String, _ decoders: [SampleDecoder]
  ) throws(ImageDecodingError) -> [Picture] {
    var pictures = [Picture?](repeating: nil, count: decoders.count)
    for (index, decoder) in decoders.enumerated() where pictures[index] == nil {
      let alike = decoders.indices.filter { decoders[$0].options == decoder.options }
      let samples = try ImageDecoder.withDecoded(path: path, options: decoder.options) {
        image, facts in alike.map { decoders[$0].placed(image, facts) }
      }
      for (place, sample) in zip(alike, samples) {
        pictures[place] = decoders[place].finish(sample)
      }
    }
    return pictures.compactMap { $0 }
  }

  /// The picture of a file whose bytes are there, upright.
  package func read(
    bytes: [UInt8], named name: String
  ) throws(ImageDecodingError) -> Picture {
    finish(try ImageDecoder.withDecoded(bytes: bytes, named: name, options: options, placed))
  }

  private func finish(_ sample: PlacedSample) -> Picture {
    var pixels = sample.pixels
    var finding = preprocessing.finish(&pixels, from: sample.source)
    (finding.background, finding.greatestValue) = (sample.background, sample.greatestValue)
    if sample.pictureCount > 1 { finding.pictureCount = sample.pictureCount }
    return Picture(pixels: pixels, damage: sample.damage, finding: finding)
  }

  private func placed(_ image: DecodedImage, _ facts: DecodingFacts) -> PlacedSample {
    var source = PictureMeasure.Source(
      width: facts.info.uprightWidth, height: facts.info.uprightHeight)
    source.hasWideSamples = facts.info.bitDepth == 16
    source.hasAlpha = facts.hasAlpha
    return PlacedSample(
      pixels: preprocessing.placedPixels(of: image), damage: facts.warnings.damage, source: source,
      background: facts.background, greatestValue: facts.greatestValue,
      pictureCount: facts.info.pictureCount)
  }

  /// The pixels of a file's image, or why there are none.
  func sample(ofFile path: String) -> DecodedSample {
    do throws(ImageDecodingError) {
      return .sample(try ImageDecoder.withDecoded(path: path, options: options, placed))
    } catch {
      // Reports name the file themselves.
      var format: ForeignFormat?
      if case .foreignFormat(_, let found) = error { format = found }
      return .bad(reason: error.descriptionWithoutSource, format: format)
    }
  }
}

/// An image of the model's size and channels, light and dark as they are in its file.
struct PlacedSample: Sendable {
  /// [height × width × channels].
  var pixels: [UInt8]
  /// What is missing where it was read leniently.
  var damage: String?
  var source: PictureMeasure.Source
  /// The colour chosen for what is transparent.
  var background: BackgroundColor?
  /// What stands for white in 16-bit samples, where that was found out.
  var greatestValue: Int?
  /// Pictures in the file, of which it is the first.
  var pictureCount = 1
}

/// What became of an image file.
enum DecodedSample: Sendable {
  case sample(PlacedSample)
  /// Not readable, and why, without the file's name; with the format where that is not read.
  case bad(reason: String, format: ForeignFormat?)
}
