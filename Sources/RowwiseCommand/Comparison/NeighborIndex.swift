/// Images that are searched for those nearest to another one: exactly, by comparing with all.
///
/// The distance is the squared Euclidean one of standardised values, Σ_c (Σ_i (a_ci − b_ci)²) / σ_c²
/// over channels c and pixels i. The inner sums are of whole numbers, so that equal distances are
/// equal to the bit.
struct NeighborIndex: Sendable {
  /// One of the nearest images.
  struct Neighbor: Sendable, Equatable {
    /// Its number.
    let index: Int
    /// Its distance.
    let distance: Double
  }

  /// Number of images.
  let count: Int
  /// [images][channels][pixels].
  private let values: [UInt8]
  private let channels: Int
  private let pixels: Int
  /// 1 / σ_c².
  private let weights: [Double]

  /// - Parameters:
  ///   - images: [height × width × channels] bytes each, all of one size; at least one.
  ///   - standardDeviations: σ_c, one a channel, all above 0.
  init(_ images: [[UInt8]], standardDeviations: [Double]) {
    precondition(!images.isEmpty, "an index needs at least one image")
    let size = images[0].count
    precondition(
      size > 0 && size % standardDeviations.count == 0 && images.allSatisfy { $0.count == size },
      "images of \(Set(images.map(\.count)).sorted()) bytes, \(standardDeviations.count) channels")
    count = images.count
    channels = standardDeviations.count
    pixels = size / channels
    weights = standardDeviations.map { 1 / ($0 * $0) }
    var values: [UInt8] = []
    values.reserveCapacity(images.count * size)
    for image in images { values += Self.planes(image, channels: standardDeviations.count) }
    self.values = values
  }

  /// Bytes that are kept.
  var valueCount: Int { values.count }

  /// The nearest images, nearest first, of equally near ones the first.
  ///
  /// - Parameters:
  ///   - limit: how many; there are fewer where the index has fewer.
  ///   - image: of the index's size.
  func nearest(_ limit: Int, to image: [UInt8]) -> [Neighbor] {
    precondition(
      image.count == channels * pixels,
      "an image of \(image.count) bytes among those of \(channels * pixels)")
    let asked = Self.planes(image, channels: channels)
    var found: [Neighbor] = []
    asked.withUnsafeBufferPointer { asked in
      values.withUnsafeBufferPointer { values in
        guard let asked = asked.baseAddress, let values = values.baseAddress else { return }
        for index in 0..<count {
          var distance = 0.0
          // SAFETY: both have channels × pixels bytes from there on, as checked here and in init;
          // see `NeighborIndexTests`.
          for channel in 0..<channels {
            let start = channel * pixels
            distance +=
              weights[channel]
              * Double(
                Self.squaredDistance(
                  asked + start, values + (index * channels * pixels + start), pixels))
          }
          if found.count == limit {
            guard let last = found.last, distance < last.distance else { continue }
            found.removeLast()
          }
          let place = found.firstIndex { distance < $0.distance } ?? found.count
          found.insert(Neighbor(index: index, distance: distance), at: place)
        }
      }
    }
    return found
  }

  /// One channel after the other instead of one pixel after the other.
  private static func planes(_ image: [UInt8], channels: Int) -> [UInt8] {
    guard channels > 1 else { return image }
    return (0..<channels).flatMap { channel in
      stride(from: channel, to: image.count, by: channels).map { image[$0] }
    }
  }

  /// Pixels whose squared differences a 32-bit sum holds: 2¹⁴ · 255² < 2³¹.
  private static let block = 1 << 14

  /// Σ (a_i − b_i)².
  private static func squaredDistance(
    _ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int
  ) -> Int {
    var total = 0
    var i = 0
    while i < count {
      let end = min(i + block, count)
      var sum: Int32 = 0
      while i < end {
        let difference = Int32(a[i]) &- Int32(b[i])
        sum &+= difference &* difference
        i &+= 1
      }
      total += Int(sum)
    }
    return total
  }
}
