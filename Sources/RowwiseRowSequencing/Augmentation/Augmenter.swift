import RowwiseRandomness
import RowwiseSystem

/// Changes pictures of one size at random.
///
/// What becomes of a picture is a function of seed, epoch and the picture's number, so that any
/// thread may do it at any time. Shift, rotation, scale, shear, mirroring and the elastic grid are
/// one map from the new picture to the old, read once with linear interpolation.
public struct Augmenter: Sendable {
  /// What is done.
  public let augmentation: Augmentation
  private let width: Int
  private let height: Int
  private let channels: Int
  private let seed: UInt64

  /// - Parameters:
  ///   - width: of every picture, as all the sizes.
  ///   - seed: of the random numbers.
  public init(
    _ augmentation: Augmentation, width: Int, height: Int, channels: Int, seed: UInt64
  ) {
    precondition(width > 0 && height > 0 && channels > 0, "sizes must be positive")
    self.augmentation = augmentation
    self.width = width
    self.height = height
    self.channels = channels
    self.seed = seed
  }

  /// Writes the changed picture.
  ///
  /// - Parameters:
  ///   - pixels: [height × width × channels].
  ///   - epoch: with `sample`, decides the changes.
  ///   - output: as large.
  public func apply(
    to pixels: Span<UInt8>, epoch: Int, sample: Int, into output: inout MutableSpan<UInt8>
  ) {
    let count = width * height * channels
    precondition(
      pixels.count == count && output.count >= count,
      "pictures of \(pixels.count) and \(output.count) bytes, expected \(count)")
    var random = random(epoch: epoch, sample: sample)
    let table = ToneTable(augmentation, &random)
    if hasWarp {
      var map = WarpMap(augmentation, width: width, height: height, &random)
      switch channels {
      case 1: warpGray(pixels, &map, table, into: &output)
      default: warp(pixels, &map, table, into: &output)
      }
    } else {
      for i in 0..<count { output[i] = table[pixels[i]] }
    }
    if augmentation.noise > 0 { addNoise(count, &random, to: &output) }
    if augmentation.cutout > 0 { cutOut(&random, from: &output) }
  }

  /// A generator of its own for every picture of every epoch.
  private func random(epoch: Int, sample: Int) -> SplitMix64 {
    // One step of a generator each tells neighbours apart.
    var mixer = SplitMix64(seed: seed ^ 0xA5A5_0F0F_3C3C_9669)
    mixer = SplitMix64(seed: mixer.next() &+ UInt64(bitPattern: Int64(epoch)))
    mixer = SplitMix64(seed: mixer.next() &+ UInt64(bitPattern: Int64(sample)))
    return SplitMix64(seed: mixer.next())
  }

  private var hasWarp: Bool {
    let a = augmentation
    let isMoved = a.shift > 0 || a.rotate > 0 || a.scale > 0 || a.shear > 0 || a.elastic > 0
    // Between two pixels there has to be something to read.
    return (isMoved || a.flip) && width > 1 && height > 1
  }

  private func warpGray(
    _ pixels: Span<UInt8>, _ map: inout WarpMap, _ table: ToneTable,
    into output: inout MutableSpan<UInt8>
  ) {
    for y in 0..<height {
      map.startRow(y)
      for x in 0..<width {
        let (column, row, fx, fy) = map.next()
        let i = row &* width &+ column
        let (a, b) = (Int32(pixels[i]), Int32(pixels[i &+ 1]))
        let (c, d) = (Int32(pixels[i &+ width]), Int32(pixels[i &+ width &+ 1]))
        let top = a &<< 8 &+ (b &- a) &* fx
        let low = c &<< 8 &+ (d &- c) &* fx
        let value = (top &<< 8 &+ (low &- top) &* fy &+ 0x8000) &>> 16
        output[y * width + x] = table[UInt8(truncatingIfNeeded: value)]
      }
    }
  }

  private func warp(
    _ pixels: Span<UInt8>, _ map: inout WarpMap, _ table: ToneTable,
    into output: inout MutableSpan<UInt8>
  ) {
    let stride = width * channels
    for y in 0..<height {
      map.startRow(y)
      for x in 0..<width {
        let (column, row, fx, fy) = map.next()
        for channel in 0..<channels {
          let i = row * stride + column * channels + channel
          let top = Int32(pixels[i]) * (256 - fx) + Int32(pixels[i + channels]) * fx
          let low =
            Int32(pixels[i + stride]) * (256 - fx) + Int32(pixels[i + stride + channels]) * fx
          let value = (top &* (256 &- fy) &+ low &* fy &+ 0x8000) &>> 16
          output[y * stride + x * channels + channel] = table[UInt8(truncatingIfNeeded: value)]
        }
      }
    }
  }

  /// Sums of four bytes are near enough to normal: mean 510, standard deviation √(4 (256² − 1) / 12).
  private func addNoise(
    _ count: Int, _ random: inout SplitMix64, to output: inout MutableSpan<UInt8>
  ) {
    let factor = Int32((augmentation.noise * 255 * 65_536 / 147.8).rounded())
    var sums: UInt64 = 0
    for i in 0..<count {
      if i & 1 == 0 {
        // Of two pixels side by side: bytes 0 and 2 in one number, 1 and 3 in the other; then both
        // halves of their sum.
        let bits = random.next()
        let pairs = (bits & 0x00FF_00FF_00FF_00FF) &+ (bits &>> 8 & 0x00FF_00FF_00FF_00FF)
        sums = (pairs &+ (pairs &>> 16)) & 0x0000_FFFF_0000_FFFF
      } else {
        sums &>>= 32
      }
      let sum = Int32(truncatingIfNeeded: sums)
      let value = Int32(output[i]) &+ (((sum &- 510) &* factor &+ 0x8000) &>> 16)
      output[i] = UInt8(truncatingIfNeeded: min(max(value, 0), 255))
    }
  }

  private func cutOut(_ random: inout SplitMix64, from output: inout MutableSpan<UInt8>) {
    let isCut = random.next() & 1 == 0
    let (middleX, middleY) = (random.next(below: width), random.next(below: height))
    let value = UInt8(truncatingIfNeeded: random.next() >> 56)
    guard isCut else { return }
    let (w, h) = (Double(width) * augmentation.cutout, Double(height) * augmentation.cutout)
    let left = max(middleX - Int(w / 2), 0)
    let top = max(middleY - Int(h / 2), 0)
    let right = min(middleX - Int(w / 2) + max(Int(w.rounded()), 1), width)
    let bottom = min(middleY - Int(h / 2) + max(Int(h.rounded()), 1), height)
    for y in top..<max(bottom, top) {
      for i in (y * width + left) * channels..<(y * width + max(right, left)) * channels {
        output[i] = value
      }
    }
  }
}

/// What brightness and contrast make of every byte.
private struct ToneTable {
  private var values = [UInt8](repeating: 0, count: 256)
  private let isIdentity: Bool

  init(_ augmentation: Augmentation, _ random: inout SplitMix64) {
    isIdentity = augmentation.brightness == 0 && augmentation.contrast == 0
    guard !isIdentity else { return }
    let added = 255 * augmentation.brightness * random.nextSigned()
    let factor = 1 + augmentation.contrast * random.nextSigned()
    // In whole 65,536ths from here on.
    let step = Int32((factor * 65_536).rounded())
    var value = Int32(((127.5 + added - 127.5 * factor) * 65_536).rounded()) &+ 0x8000
    for i in 0..<256 {
      values[i] = UInt8(truncatingIfNeeded: min(max(value &>> 16, 0), 255))
      value = value &+ step
    }
  }

  subscript(byte: UInt8) -> UInt8 { isIdentity ? byte : values[Int(byte)] }
}

extension SplitMix64 {
  /// Uniform in −1 ..< 1.
  fileprivate mutating func nextSigned() -> Double {
    Double(Int64(bitPattern: next()) >> 11) * 0x1p-52
  }
}

/// Where each pixel of the new picture comes from: coordinates with 16 bits behind the point.
private struct WarpMap {
  private static let grid = 5
  private let maximumX: Int32
  private let maximumY: Int32
  private let width: Int
  private let columnsPerCell: Double
  private let cellsPerColumn: Double
  private let cellsPerRow: Double
  /// Old coordinates of the new origin, and their change to the right and down.
  private var origin: (x: Double, y: Double)
  private var right: (x: Double, y: Double)
  private var down: (x: Double, y: Double)
  /// Displacements of the grid's points, row by row; empty without.
  private var shiftX: [Double] = []
  private var shiftY: [Double] = []
  /// Of the running row: coordinates, their step, and where the next cell of the grid begins.
  private var x: Int32 = 0
  private var y: Int32 = 0
  private var stepX: Int32 = 0
  private var stepY: Int32 = 0
  private var column = 0
  private var cell = 0
  private var cellEnd = 0
  private var row = 0

  init(_ a: Augmentation, width: Int, height: Int, _ random: inout SplitMix64) {
    self.width = width
    columnsPerCell = Double(width) / Double(Self.grid - 1)
    cellsPerColumn = 1 / columnsPerCell
    cellsPerRow = Double(Self.grid - 1) / Double(height)
    // The last pixel but a hair: its right neighbour must be there.
    maximumX = Int32((width - 1) << 16 - 1)
    maximumY = Int32((height - 1) << 16 - 1)
    let angle = a.rotate * random.nextSigned() * .pi / 180
    let lean = tan(a.shear * random.nextSigned() * .pi / 180)
    let grow = random.nextSigned()
    let size = grow < 0 ? 1 / (1 - a.scale * grow) : 1 + a.scale * grow
    let moved = (
      x: a.shift * Double(width) * random.nextSigned(),
      y: a.shift * Double(height) * random.nextSigned()
    )
    let mirror: Double = a.flip && random.next() & 1 == 0 ? -1 : 1
    // New to old: move back, turn back, lean back, shrink back, mirror.
    let (c, s) = (cos(angle) / size, sin(angle) / size)
    right = (x: mirror * (c + lean * s), y: -s)
    down = (x: mirror * (s - lean * c), y: c)
    let middle = (x: Double(width - 1) / 2, y: Double(height - 1) / 2)
    let from = (x: middle.x + moved.x, y: middle.y + moved.y)
    origin = (
      x: middle.x - right.x * from.x - down.x * from.y,
      y: middle.y - right.y * from.x - down.y * from.y
    )
    guard a.elastic > 0 else { return }
    let points = Self.grid * Self.grid
    shiftX = (0..<points).map { _ in a.elastic * Double(width) * random.nextSigned() }
    shiftY = (0..<points).map { _ in a.elastic * Double(height) * random.nextSigned() }
  }

  mutating func startRow(_ row: Int) {
    self.row = row
    column = 0
    cell = -1
    cellEnd = 0
    if shiftX.isEmpty {
      x = fixed(origin.x + down.x * Double(row))
      y = fixed(origin.y + down.y * Double(row))
      (stepX, stepY) = (fixed(right.x), fixed(right.y))
      cellEnd = width
    }
  }

  /// The next pixel of the row: the old picture's column and row, and 8 bits of each behind the
  /// point.
  @inline(__always)
  mutating func next() -> (column: Int, row: Int, fx: Int32, fy: Int32) {
    if column == cellEnd { startCell() }
    column += 1
    let cx = min(max(x, 0), maximumX)
    let cy = min(max(y, 0), maximumY)
    x = x &+ stepX
    y = y &+ stepY
    return (Int(cx &>> 16), Int(cy &>> 16), cx &>> 8 & 0xFF, cy &>> 8 & 0xFF)
  }

  /// Within a cell of the grid the map is a straight line along the row.
  private mutating func startCell() {
    cell += 1
    let cells = Self.grid - 1
    cellEnd = cell == cells - 1 ? width : ((cell + 1) * width + cells - 1) / cells
    let down = Double(row) * cellsPerRow
    let upper = min(Int(down), cells - 1)
    let (share, point) = (down - Double(upper), upper * Self.grid + cell)
    func between(_ values: [Double], _ i: Int) -> Double {
      values[i] + share * (values[i + Self.grid] - values[i])
    }
    let offset = Double(column) - Double(cell) * columnsPerCell
    let (x0, x1) = (between(shiftX, point), between(shiftX, point + 1))
    let (y0, y1) = (between(shiftY, point), between(shiftY, point + 1))
    let (slopeX, slopeY) = ((x1 - x0) * cellsPerColumn, (y1 - y0) * cellsPerColumn)
    x = fixed(
      origin.x + right.x * Double(column) + self.down.x * Double(row) + x0 + slopeX * offset)
    y = fixed(
      origin.y + right.y * Double(column) + self.down.y * Double(row) + y0 + slopeY * offset)
    stepX = fixed(right.x + slopeX)
    stepY = fixed(right.y + slopeY)
  }

  /// The nearest 65,536th. Adding 1.5 · 2^52 leaves the whole number in the sum's low bits, which is
  /// faster than a call of a rounding function.
  @inline(__always)
  private func fixed(_ value: Double) -> Int32 {
    let sum = min(max(value, -16_000), 16_000) * 65_536 + 6_755_399_441_055_744
    return Int32(truncatingIfNeeded: sum.bitPattern)
  }
}
