import RowwiseFiles

/// Decodes whole pictures into 8-bit samples; 16-bit rows come from `ImageRowReader`.
public enum ImageDecoder {
  /// Decodes a file.
  ///
  /// - Returns: The picture, upright unless `options.orientation` says otherwise.
  /// - Throws: Any `ImageDecodingError` but the writing ones.
  public static func decode(
    path: String, options: DecodingOptions = DecodingOptions()
  ) throws(ImageDecodingError) -> DecodedImage {
    try decodeWithWarnings(path: path, options: options).image
  }

  /// Decodes a picture in memory.
  ///
  /// - Parameters:
  ///   - bytes: A whole file.
  ///   - name: What errors call it.
  /// - Throws: Any `ImageDecodingError` but those of files.
  public static func decode(
    bytes: [UInt8], named name: String = "picture in memory",
    options: DecodingOptions = DecodingOptions()
  ) throws(ImageDecodingError) -> DecodedImage {
    try decodeWithWarnings(bytes: bytes, named: name, options: options).image
  }

  /// Decodes a picture in memory and tells what was passed over in lenient mode. Rows that could not
  /// be decoded have the background colour; where there is not even one row, it is an error.
  public static func decodeWithWarnings(
    bytes: [UInt8], named name: String = "picture in memory",
    options: DecodingOptions = DecodingOptions()
  ) throws(ImageDecodingError) -> (image: DecodedImage, warnings: [DecodingWarning]) {
    try withDecoded(bytes: bytes, named: name, options: options) { ($0, $1.warnings) }
  }

  /// Decodes a file and tells what was passed over in lenient mode; see the other
  /// `decodeWithWarnings`.
  public static func decodeWithWarnings(
    path: String, options: DecodingOptions = DecodingOptions()
  ) throws(ImageDecodingError) -> (image: DecodedImage, warnings: [DecodingWarning]) {
    try withDecoded(path: path, options: options) { ($0, $1.warnings) }
  }

  /// Decodes a file and calls `body` with the picture while its memory is counted; who makes a small
  /// picture of a large one does it there.
  package static func withDecoded<Result>(
    path: String, options: DecodingOptions = DecodingOptions(),
    _ body: (DecodedImage, DecodingFacts) -> Result
  ) throws(ImageDecodingError) -> Result {
    if options.widensRange,
      let result = try WideRange.withDecoded(
        options: options,
        opening: { options throws(ImageDecodingError) in
          try ImageRowReader(path: path, options: options)
        }, body)
    {
      return result
    }
    return try decode(
      InputBuffer(), file: PictureFile(path: path), source: path, options: options, body)
  }

  /// Decodes a picture in memory likewise.
  package static func withDecoded<Result>(
    bytes: [UInt8], named name: String, options: DecodingOptions = DecodingOptions(),
    _ body: (DecodedImage, DecodingFacts) -> Result
  ) throws(ImageDecodingError) -> Result {
    if options.widensRange,
      let result = try WideRange.withDecoded(
        options: options,
        opening: { options throws(ImageDecodingError) in
          try ImageRowReader(bytes: bytes, named: name, options: options)
        }, body)
    {
      return result
    }
    return try decode(InputBuffer(all: bytes), file: nil, source: name, options: options, body)
  }

  /// Decodes all rows as stored, then turns the picture: an EXIF block after the pixels counts too.
  private static func decode<Result>(
    _ input: InputBuffer, file: consuming PictureFile?, source: String, options: DecodingOptions,
    _ body: (DecodedImage, DecodingFacts) -> Result
  ) throws(ImageDecodingError) -> Result {
    precondition(options.pixelFormat.bytesPerSample == 1, "16-bit rows come from ImageRowReader")
    var stored = options
    stored.orientation = .asStored
    var file: PictureFile? = file
    let pipeline = RowPipeline(source: source, options: stored, input: input)
    let info = try pipeline.readHeader(from: &file)
    var delivered = options
    let chooses =
      options.choosesBackground && options.pixelFormat != .rgba8 && pipeline.hasAlpha
    if chooses {
      delivered.pixelFormat = .rgba8
      pipeline.keepAlpha()
    }
    let isUpright = options.orientation == .upright
    let isTurned = isUpright && info.orientation != .topLeft
    try pipeline.check(pictures: isTurned ? 2 : 1)
    // A PNG may say at its end that it is to be turned.
    let memory = pipeline.memory(pictures: isTurned || isUpright && info.format == .png ? 2 : 1)
    return try DecodingMemory.process.lend(memory, of: options.limits.maximumMemory) {
      () throws(ImageDecodingError) in
      var (image, warnings) = try rows(of: pipeline, from: &file, options: delivered)
      var facts = DecodingFacts(info: info, hasAlpha: pipeline.hasAlpha, warnings: warnings)
      if chooses {
        let background = BackgroundChoice.background(of: image)
        image = BackgroundChoice.blend(image, over: background, into: options.pixelFormat)
        facts.background = background
      }
      return body(image, facts)
    }
  }

  /// Decodes all rows and turns the picture.
  private static func rows(
    of pipeline: RowPipeline, from file: inout PictureFile?, options: DecodingOptions
  ) throws(ImageDecodingError) -> (image: DecodedImage, warnings: [DecodingWarning]) {
    let (width, height) = pipeline.decodedSize
    let format = options.pixelFormat
    let size = width * height * format.bytesPerPixel
    // The closure of the initializer cannot throw a typed error, so that it is carried out of it.
    var failure: ImageDecodingError?
    let pixels = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      guard let base = buffer.baseAddress else { return }
      do throws(ImageDecodingError) {
        let rows = try pipeline.readStoredRows(into: base, from: &file)
        if rows == 0, case .stopped(_, let reason)? = pipeline.warnings.first { throw reason }
        let done = rows * width * format.bytesPerPixel
        fill(base + done, count: size - done, with: options.backgroundPixel)
        count = size
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    let image = DecodedImage(
      width: width, height: height, channels: format.channels, pixels: pixels)
    guard options.orientation == .upright else { return (image, pipeline.warnings) }
    let warnings = pipeline.warnings.filter {
      if case .lateOrientation = $0 { false } else { true }
    }
    if pipeline.orientation != .topLeft { try pipeline.check(pictures: 2) }
    return (image.upright(from: pipeline.orientation), warnings)
  }

  private static func fill(
    _ target: UnsafeMutablePointer<UInt8>, count: Int, with pixel: [UInt8]
  ) {
    for index in 0..<count { target[index] = pixel[index % pixel.count] }
  }
}

extension DecodingOptions {
  /// The bytes of a pixel of the background, which stands for what is missing.
  package var backgroundPixel: [UInt8] {
    let (red, green, blue) = (background.red, background.green, background.blue)
    return switch pixelFormat {
    case .gray8: [RowConverter.luma(red, green, blue)]
    case .rgb8: [red, green, blue]
    case .rgba8: [red, green, blue, 255]
    // 8 bits become 16 by repeating them.
    case .gray16: [UInt8](repeating: RowConverter.luma(red, green, blue), count: 2)
    case .rgb16: [red, red, green, green, blue, blue]
    }
  }
}
