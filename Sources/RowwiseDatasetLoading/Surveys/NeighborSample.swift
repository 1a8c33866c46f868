import RowwiseImageDecoding
import RowwiseRowSequencing
import RowwiseWorkers

/// Some pictures of a training set, small, to ask what looks like what.
struct NeighborSample: Sendable {
  /// The classes of the pictures.
  let labels: [Int]
  let width: Int
  let height: Int
  let channels: Int
  /// [height × width × channels] of every picture.
  let pictures: [[UInt8]]

  /// The most pictures.
  static let mostPictures = 1500
  /// The longest side of a picture.
  static let mostSide = 16

  /// Takes pictures spread evenly over the data set and shrinks them to at most 16 × 16.
  ///
  /// - Throws: `DatasetError.imageLost` where a picture can no longer be read.
  init(_ dataset: ImageDataset, threads: Int) throws(DatasetError) {
    let count = min(dataset.count, Self.mostPictures)
    let chosen = (0..<count).map { $0 * dataset.count / count }
    let (width, height) = (min(dataset.width, Self.mostSide), min(dataset.height, Self.mostSide))
    let results = WorkerPool.map(chosen, threads: threads) { index in
      do throws(DatasetError) {
        let whole = DecodedImage(
          width: dataset.width, height: dataset.height, channels: dataset.color.channels,
          pixels: try dataset.pixels(at: index))
        let small = RowResampler.resize(whole, width: width, height: height)
        return Result<[UInt8], DatasetError>.success(small.pixels)
      } catch {
        return .failure(error)
      }
    }
    var pictures: [[UInt8]] = []
    for result in results { pictures.append(try result.get()) }
    self.init(
      pictures, labels: chosen.map { Int(dataset.labels[$0]) }, width: width, height: height,
      channels: dataset.color.channels)
  }

  init(_ pictures: [[UInt8]], labels: [Int], width: Int, height: Int, channels: Int) {
    self.pictures = pictures
    self.labels = labels
    self.width = width
    self.height = height
    self.channels = channels
  }

  /// The pictures mirrored left to right.
  var mirrored: [[UInt8]] {
    pictures.map { picture in
      var mirrored = picture
      for pixel in 0..<width * height {
        let opposite = pixel / width * width + width - 1 - pixel % width
        for channel in 0..<channels {
          mirrored[pixel * channels + channel] = picture[opposite * channels + channel]
        }
      }
      return mirrored
    }
  }

  /// The pictures changed at random.
  ///
  /// - Parameter epoch: changes differ from one to the next.
  func changed(by augmentation: Augmentation, epoch: Int) -> [[UInt8]] {
    let augmenter = Augmenter(
      augmentation, width: width, height: height, channels: channels, seed: 0)
    return pictures.enumerated().map { index, picture in
      var changed = picture
      var output = changed.mutableSpan
      augmenter.apply(to: picture.span, epoch: epoch, sample: index, into: &output)
      return changed
    }
  }

  /// Whether the nearest reference of each question, by squared differences, is of its class.
  ///
  /// - Parameters:
  ///   - questions: one for each picture, in their order: the picture or a change of it.
  ///   - references: sets of pictures in the same order; a picture is no reference for its own
  ///     question in any of them.
  func hits(_ questions: [[UInt8]], among references: [[[UInt8]]], threads: Int) -> [Bool] {
    let count = labels.count
    let size = width * height * channels
    let flat = references.flatMap { $0.flatMap { $0 } }
    return WorkerPool.map(Array(0..<count), threads: threads) { question in
      var best: (index: Int, distance: Int32)?
      questions[question].withUnsafeBufferPointer { asked in
        flat.withUnsafeBufferPointer { all in
          for index in 0..<count * references.count where index % count != question {
            let distance = Self.distance(asked, all, from: index * size)
            if distance < best?.distance ?? .max { best = (index, distance) }
          }
        }
      }
      return best.map { labels[$0.index % count] == labels[question] } ?? false
    }
  }

  private static func distance(
    _ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> Int32 {
    // At most 16 · 16 · 3 · 255² = 5 · 10⁷.
    var distance: Int32 = 0
    for i in 0..<a.count {
      let difference = Int32(a[i]) &- Int32(b[start &+ i])
      distance &+= difference &* difference
    }
    return distance
  }
}
