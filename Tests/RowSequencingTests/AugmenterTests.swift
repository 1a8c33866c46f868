import RowwiseRowSequencing
import Testing

/// Random changes of pictures.
@Suite struct AugmenterTests {
  private func apply(
    _ augmentation: Augmentation, _ pixels: [UInt8], width: Int, channels: Int = 1,
    seed: UInt64 = 0, epoch: Int = 1, sample: Int = 0
  ) -> [UInt8] {
    var result = pixels
    var span = result.mutableSpan
    Augmenter(
      augmentation, width: width, height: pixels.count / width / channels, channels: channels,
      seed: seed
    ).apply(to: pixels.span, epoch: epoch, sample: sample, into: &span)
    return result
  }

  private static func picture(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 / 7) }
  }

  @Test func nothingChangesNothing() {
    let pixels = Self.picture(28 * 28)
    #expect(apply(Augmentation(), pixels, width: 28) == pixels)
  }

  /// Every preset at every size, with one channel and three: in range by construction, never out of
  /// bounds.
  @Test func everySizeIsTaken() throws {
    let strong = try #require(Augmentation(preset: "strong"))
    for width in [1, 2, 3, 8, 28, 61] {
      for height in [1, 2, 5, 28] {
        for channels in [1, 3] {
          var augmentation = strong
          augmentation.flip = true
          augmentation.shift = 1
          augmentation.rotate = 180
          let pixels = Self.picture(width * height * channels)
          for epoch in 1...20 {
            let result = apply(augmentation, pixels, width: width, channels: channels, epoch: epoch)
            #expect(result.count == pixels.count)
          }
        }
      }
    }
  }

  @Test func seedEpochAndSampleDecide() throws {
    let strong = try #require(Augmentation(preset: "strong"))
    let pixels = Self.picture(28 * 28)
    let first = apply(strong, pixels, width: 28)
    #expect(apply(strong, pixels, width: 28) == first)
    #expect(apply(strong, pixels, width: 28, seed: 1) != first)
    #expect(apply(strong, pixels, width: 28, epoch: 2) != first)
    #expect(apply(strong, pixels, width: 28, sample: 1) != first)
  }

  /// A bright dot lands where a shift of whole pixels would put it, on the average nowhere else.
  @Test func shiftMovesBothWays() {
    var augmentation = Augmentation()
    augmentation.shift = 0.25
    var pixels = [UInt8](repeating: 0, count: 33 * 33)
    pixels[16 * 33 + 16] = 255
    var (sumX, sumY, reach) = (0.0, 0.0, 0.0)
    for sample in 0..<400 {
      let result = apply(augmentation, pixels, width: 33, sample: sample)
      var (mass, x, y) = (0.0, 0.0, 0.0)
      for (i, value) in result.enumerated() {
        mass += Double(value)
        x += Double(value) * Double(i % 33 - 16)
        y += Double(value) * Double(i / 33 - 16)
      }
      #expect(abs(mass - 255) < 4, "interpolation keeps the dot's mass")
      sumX += x / mass
      sumY += y / mass
      reach = max(reach, abs(x / mass))
    }
    #expect(abs(sumX / 400) < 1 && abs(sumY / 400) < 1)
    #expect(reach > 7 && reach < 8.4, "up to a quarter of 33")
  }

  @Test func flipMirrorsHalf() {
    var augmentation = Augmentation()
    augmentation.flip = true
    let pixels = Self.picture(12 * 12)
    let mirrored: [UInt8] = (0..<144).map { (i: Int) -> UInt8 in pixels[i - i % 12 + 11 - i % 12] }
    var flipped = 0
    for sample in 0..<200 {
      let result = apply(augmentation, pixels, width: 12, sample: sample)
      func distance(_ other: [UInt8]) -> Int {
        zip(result, other).map { abs(Int($0) - Int($1)) }.max() ?? 0
      }
      // Interpolation takes a 256th from the neighbour at the very edge.
      if distance(mirrored) <= 1 { flipped += 1 } else { #expect(distance(pixels) <= 1) }
    }
    #expect((70...130).contains(flipped))
  }

  /// Half a turn at most: one that is exactly that leaves the picture upside down.
  @Test func rotationKeepsTheMiddle() {
    var augmentation = Augmentation()
    augmentation.rotate = 40
    var pixels = [UInt8](repeating: 0, count: 21 * 21)
    for i in -2...2 {
      for j in -2...2 { pixels[(10 + i) * 21 + 10 + j] = 200 }
    }
    for sample in 0..<50 {
      let result = apply(augmentation, pixels, width: 21, sample: sample)
      #expect(abs(Int(result[10 * 21 + 10]) - 200) <= 1)
      #expect(result[0] == 0)
    }
  }

  @Test func noiseHasItsDeviation() {
    var augmentation = Augmentation()
    augmentation.noise = 0.05
    let result = apply(augmentation, [UInt8](repeating: 128, count: 200 * 200), width: 200)
    let mean = result.reduce(0.0) { $0 + Double($1) } / 40_000
    let variance = result.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / 40_000
    #expect(abs(mean - 128) < 0.5)
    #expect(abs(variance.squareRoot() - 12.75) < 0.4)
  }

  @Test func brightnessAndContrastStayInRange() {
    var augmentation = Augmentation()
    augmentation.brightness = 1
    augmentation.contrast = 1
    let ramp = (0..<256).map { UInt8($0) }
    var seen: Set<UInt8> = []
    for sample in 0..<200 {
      let result = apply(augmentation, ramp, width: 16, sample: sample)
      #expect(zip(result, result.dropFirst()).allSatisfy { $0 <= $1 }, "order of tones is kept")
      seen.formUnion(result)
    }
    #expect(seen.count == 256)
  }

  @Test func cutoutTakesABoxFromHalf() {
    var augmentation = Augmentation()
    augmentation.cutout = 0.5
    let pixels = Self.picture(20 * 20)
    var cut = 0
    for sample in 0..<200 {
      let changed = zip(apply(augmentation, pixels, width: 20, sample: sample), pixels)
        .filter { $0 != $1 }.count
      #expect(changed <= 100, "a box of 10 × 10 at most")
      if changed > 0 { cut += 1 }
    }
    #expect((70...130).contains(cut))
  }

  @Test func textsAreReadAndWritten() throws {
    for name in Augmentation.presetNames { #expect(try Augmentation(name).text == name) }
    let own = try Augmentation("digits,flip,rotate:20,noise:0.1")
    #expect(own.rotate == 20 && own.noise == 0.1 && own.flip && own.shear == 10)
    #expect(try Augmentation(own.text) == own)
    #expect(try Augmentation("shift:0.5").shift == 0.5)
    #expect(throws: AugmentationError.unknownWord("strnog")) { try Augmentation("strnog") }
    #expect(throws: AugmentationError.unknownWord("digits")) { try Augmentation("flip,digits") }
    #expect(throws: AugmentationError.invalidNumber(setting: "shift", limit: 1)) {
      try Augmentation("shift:2")
    }
    #expect(throws: AugmentationError.invalidNumber(setting: "noise", limit: 1)) {
      try Augmentation("noise")
    }
  }
}
