import RowwiseImageDecoding
import RowwiseRowSequencing
import RowwiseWorkers

/// What sizes the image files of a data set have, and the size that samples get by it.
///
/// Up to 256 files, spread evenly, are asked for their upright size and colour, by their headers.
/// Files that cannot be read do not count.
public struct SizeSurvey: Sendable, Equatable {
  /// Median width and height of the files, each by itself, of two the larger.
  public let width: Int
  /// See ``width``.
  public let height: Int
  /// Gray where all of them are.
  public let color: ColorMode
  /// Share of the files that have another size.
  public let shareOfOthers: Double

  /// Files to look at.
  static let examples = 256
  /// Files to decode for ``needsDetail(_:_:)``.
  private static let decodedExamples = 64
  /// The longest side of samples of their own size.
  static let mostSide = 64
  /// Pixels that a sample for reading has, about, and where detail is needed.
  private static let (fewPixels, manyPixels) = (32 * 32, 64 * 64)
  /// See ``needsDetail(_:_:)``.
  private static let mostLoss = 0.25

  /// - Returns: nil where no file can be read.
  init?(_ paths: [String], options: DatasetOptions) {
    let shapes = paths.compactMap { Self.shape(ofFile: $0, options: options) }
    guard !shapes.isEmpty else { return nil }
    width = shapes.map(\.width).sorted()[shapes.count / 2]
    height = shapes.map(\.height).sorted()[shapes.count / 2]
    color = shapes.contains { $0.color == .rgb } ? .rgb : .gray
    let (width, height) = (width, height)
    let others = shapes.count { $0.width != width || $0.height != height }
    shareOfOthers = Double(others) / Double(shapes.count)
  }

  /// Some of a data set's files, spread evenly.
  static func spread(_ paths: [String], _ most: Int = examples) -> [String] {
    let step = max(1, (paths.count + most - 1) / most)
    return stride(from: 0, to: paths.count, by: step).map { paths[$0] }
  }

  /// The size that samples get.
  ///
  /// - Parameter paths: the files, to look at their detail where that decides.
  func shape(_ sizing: DatasetOptions.Sizing, of paths: [String], options: DatasetOptions)
    -> NativeShape
  {
    switch sizing {
    case .native:
      let longest = max(width, height)
      return scaled(min(1, Double(Self.mostSide) / Double(longest)))
    case .reading:
      let few = scaled(toPixels: Self.fewPixels)
      let many = scaled(toPixels: Self.manyPixels)
      guard few != many else { return few }
      return needsDetail(few, many, of: paths, options: options) ? many : few
    }
  }

  /// Shrunk to about so many pixels, in the same proportions; as it is where it has no more than half
  /// again as many.
  private func scaled(toPixels pixels: Int) -> NativeShape {
    let own = Double(width) * Double(height)
    guard own > 1.5 * Double(pixels) else { return scaled(1) }
    return scaled((Double(pixels) / own).squareRoot())
  }

  private func scaled(_ factor: Double) -> NativeShape {
    func side(_ side: Int) -> Int { max(1, Int((Double(side) * factor).rounded())) }
    return NativeShape(width: side(width), height: side(height), color: color)
  }

  /// Whether the smaller size loses what pictures show: more than a quarter of the larger ones'
  /// variance (about each picture's own mean) is gone once they are shrunk and enlarged again.
  ///
  /// Photographs lose 4 to 16 %, small print 67 % (Scripts/studies).
  private func needsDetail(
    _ few: NativeShape, _ many: NativeShape, of paths: [String], options: DatasetOptions
  ) -> Bool {
    guard
      let preprocessing = try? Preprocessing(
        width: many.width, height: many.height, color: many.color)
    else { return false }
    let decoder = SampleDecoder(preprocessing: preprocessing, decoding: options.decoding)
    let chosen = Self.spread(paths, Self.decodedExamples)
    let sums = WorkerPool.map(chosen, threads: options.threads) { path in
      guard case .sample(let sample) = decoder.sample(ofFile: path) else { return (0, 0) }
      return Self.loss(sample.pixels, many, shrunkTo: few)
    }
    let (lost, all) = sums.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
    return Double(lost) > Self.mostLoss * Double(all)
  }

  /// Sums of squares: what shrinking takes away, and what there is about the mean.
  private static func loss(
    _ pixels: [UInt8], _ shape: NativeShape, shrunkTo small: NativeShape
  ) -> (lost: Int, all: Int) {
    let image = DecodedImage(
      width: shape.width, height: shape.height, channels: shape.color.channels, pixels: pixels)
    let shrunk = RowResampler.resize(image, width: small.width, height: small.height)
    let again = RowResampler.resize(shrunk, width: shape.width, height: shape.height)
    let mean = pixels.reduce(0) { $0 + Int($1) } / pixels.count
    var (lost, all) = (0, 0)
    for (before, after) in zip(pixels, again.pixels) {
      lost += (Int(before) - Int(after)) * (Int(before) - Int(after))
      all += (Int(before) - mean) * (Int(before) - mean)
    }
    return (lost, all)
  }

  /// Upright size and channels from a file's header; nil where it cannot be read.
  private static func shape(ofFile path: String, options: DatasetOptions) -> NativeShape? {
    guard let info = try? ImageRowReader(path: path, options: options.decoding).info else {
      return nil
    }
    let color: ColorMode =
      switch info.colorModel {
      case .gray, .grayAlpha: .gray
      case .rgb, .rgba, .palette, .cmyk: .rgb
      }
    return NativeShape(width: info.uprightWidth, height: info.uprightHeight, color: color)
  }
}
