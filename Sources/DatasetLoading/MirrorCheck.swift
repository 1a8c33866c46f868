import ImageDecoding
import RowSequencing

/// Whether pictures that are mirrored left to right still look like those of their class.
///
/// Up to 1,500 pictures, spread evenly over the data set and shrunk to 16 × 16, are the references;
/// every other one of them is asked for its nearest reference (least squared difference, itself left
/// out), once as it is and once mirrored. Mirroring is allowed where
/// - as they are, at least half again as many find their class as the largest class would by chance,
///   so that the question means something;
/// - mirrored, at least 0.9 times as many do; and
/// - no class loses more than chance explains: of its pictures that are right only one way,
///   lost − gained ≤ 2.6 √(lost + gained) (McNemar 1947; one in 200 by chance).
public struct MirrorCheck: Sendable, Equatable {
  /// Pictures asked.
  public let count: Int
  /// Of them, those whose nearest reference is of their class.
  public let hits: Int
  /// The same, mirrored.
  public let mirroredHits: Int
  /// Whether mirrored pictures stay in their class.
  public let allowsMirroring: Bool

  private static let references = 1500
  private static let side = 16

  /// Asks the pictures of a training set.
  ///
  /// - Parameter threads: nil: as many as the machine has processors.
  /// - Throws: `DatasetError.imageLost` where a picture can no longer be read.
  public init(_ dataset: ImageDataset, threads: Int? = nil) throws(DatasetError) {
    let threads = threads ?? Parallel.processors
    let count = min(dataset.count, Self.references)
    let chosen = (0..<count).map { $0 * dataset.count / count }
    let pictures = try Self.pictures(chosen, of: dataset, threads: threads)
    let labels = chosen.map { dataset.labels[$0] }
    let asked = Array(stride(from: 0, to: count, by: 2))
    let answers = Parallel.map(asked, threads: threads) { index in
      let picture = pictures[index]
      return [picture.pixels, picture.mirrored].map { pixels in
        Self.nearest(to: pixels, among: pictures, leavingOut: index).map { labels[$0] }
          == labels[index]
      }
    }
    self.init(
      labels: asked.map { Int(labels[$0]) }, classCount: dataset.classNames.count,
      isRight: answers.map { $0[0] }, isRightMirrored: answers.map { $0[1] })
  }

  /// Judges answers.
  ///
  /// - Parameters:
  ///   - labels: the class of every picture asked.
  ///   - isRight: whether its nearest reference is of it; `isRightMirrored` likewise.
  init(labels: [Int], classCount: Int, isRight: [Bool], isRightMirrored: [Bool]) {
    var (sizes, lost) = (
      [Int](repeating: 0, count: classCount), [Int](repeating: 0, count: classCount)
    )
    var gained = lost
    for (index, label) in labels.enumerated() {
      sizes[label] += 1
      if isRight[index], !isRightMirrored[index] { lost[label] += 1 }
      if !isRight[index], isRightMirrored[index] { gained[label] += 1 }
    }
    count = labels.count
    hits = isRight.count { $0 }
    mirroredHits = isRightMirrored.count { $0 }
    let meansSomething = 2 * hits >= 3 * (sizes.max() ?? 0) && hits > 0
    let keepsMost = 10 * mirroredHits >= 9 * hits
    let everyClassKeeps = zip(lost, gained).allSatisfy { lost, gained in
      Double(lost - gained) <= 2.6 * Double(lost + gained).squareRoot()
    }
    allowsMirroring = meansSomething && keepsMost && everyClassKeeps
  }

  private struct Picture: Sendable {
    let pixels: [UInt8]
    let mirrored: [UInt8]
  }

  private static func pictures(
    _ chosen: [Int], of dataset: ImageDataset, threads: Int
  ) throws(DatasetError) -> [Picture] {
    let (width, height) = (min(dataset.width, side), min(dataset.height, side))
    let channels = dataset.color.channels
    let results = Parallel.map(chosen, threads: threads) { index in
      do throws(DatasetError) {
        let whole = DecodedImage(
          width: dataset.width, height: dataset.height, channels: channels,
          pixels: try dataset.pixels(at: index))
        let small = RowResampler.resize(whole, width: width, height: height)
        var mirrored = small.pixels
        for pixel in 0..<width * height {
          let (row, column) = (pixel / width, pixel % width)
          for channel in 0..<channels {
            mirrored[pixel * channels + channel] =
              small.pixels[(row * width + width - 1 - column) * channels + channel]
          }
        }
        return Result<Picture, DatasetError>.success(
          Picture(pixels: small.pixels, mirrored: mirrored))
      } catch {
        return .failure(error)
      }
    }
    var pictures: [Picture] = []
    for result in results { pictures.append(try result.get()) }
    return pictures
  }

  /// The reference with the least squared difference, of equals the first; nil where there is none.
  private static func nearest(
    to pixels: [UInt8], among references: [Picture], leavingOut own: Int
  ) -> Int? {
    var best: (index: Int, distance: Int32)?
    for (index, reference) in references.enumerated() where index != own {
      var distance: Int32 = 0
      for (a, b) in zip(pixels, reference.pixels) {
        let difference = Int32(a) &- Int32(b)
        distance &+= difference &* difference
      }
      if distance < best?.distance ?? .max { best = (index, distance) }
    }
    return best?.index
  }
}
