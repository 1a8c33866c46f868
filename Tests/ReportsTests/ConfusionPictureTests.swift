import RowwiseEvaluation
import RowwiseReports
import Testing

@Suite struct ConfusionPictureTests {
  /// The colours that occur, with how often.
  private func colors(_ raster: Raster) -> [[UInt8]: Int] {
    var counts: [[UInt8]: Int] = [:]
    for start in stride(from: 0, to: raster.pixels.count, by: 3) {
      counts[Array(raster.pixels[start..<start + 3]), default: 0] += 1
    }
    return counts
  }

  private func bytes(_ color: RasterColor) -> [UInt8] { [color.red, color.green, color.blue] }

  @Test func cellsHaveTheColoursOfTheirShares() {
    // 9 of 12 and 3 of 12 in the first row, 4 of 4 in the second.
    let raster = ConfusionMatrix(classNames: ["a", "b"], counts: [9, 3, 0, 4]).picture()
    let colors = colors(raster)
    #expect(raster.pixels.count == raster.width * raster.height * 3)
    // On the left by the greatest count, on the right by the row; a full share is in both scales.
    for share in [3.0 / 9, 4.0 / 9, 9.0 / 12, 3.0 / 12, 1] {
      let color = bytes(ColorRamp.color(share.squareRoot()))
      #expect(colors[color, default: 0] > 300, "share \(share)")
    }
  }

  /// Where a text stands, with every pixel as it is; nil where it does not.
  private func place(
    of text: String, turned: Bool = false, in raster: Raster, from left: Int = 0
  ) -> (x: Int, y: Int)? {
    let length = Raster.length(of: text, scale: 2)
    let (width, height) = turned ? (18, length) : (length, 18)
    var wanted = Raster(width: width, height: height)
    wanted.draw(text, x: 0, y: turned ? length : 0, scale: 2, turned: turned, .init(0, 0, 0))
    let white = RasterColor(255, 255, 255)
    let ink = (0..<width * height).filter { wanted.color(x: $0 % width, y: $0 / width) != white }
    let rest = (0..<width * height).filter { wanted.color(x: $0 % width, y: $0 / width) == white }
    guard raster.width >= width, raster.height >= height else { return nil }
    for y in 0...raster.height - height {
      for x in left...max(left, raster.width - width) {
        func color(_ index: Int) -> RasterColor {
          raster.color(x: x + index % width, y: y + index / width)
        }
        let first = color(ink[0])
        if first != white, ink.allSatisfy({ color($0) == first }),
          rest.allSatisfy({ color($0) == white })
        {
          return (x, y)
        }
      }
    }
    return nil
  }

  @Test func scalesSayWhatTheyMeasure() {
    let raster = ConfusionMatrix(classNames: ["a", "b"], counts: [41, 3, 0, 4]).picture()
    #expect(place(of: "samples", turned: true, in: raster) != nil)
    #expect(place(of: "% of the true class", turned: true, in: raster) != nil)
    #expect(place(of: "41", in: raster) != nil && place(of: "75", in: raster) != nil)
    // The fourth part of the share is half of the strength.
    let (top, bottom) = (place(of: "100", in: raster)?.y, place(of: "25", in: raster)?.y)
    #expect(top != nil && bottom != nil && (top ?? 0) < (bottom ?? 0))
  }

  /// Below the columns names are turned only where they have no room.
  @Test func namesTurnWhereTheyMust() {
    let short = ConfusionMatrix(classNames: ["ab", "cd"], counts: [1, 0, 0, 1]).picture()
    let long = ConfusionMatrix(classNames: ["ab", "camel"], counts: [1, 0, 0, 1]).picture()
    #expect(place(of: "cd", turned: true, in: short) == nil)
    #expect(place(of: "ab", turned: true, in: long) != nil)
    #expect(place(of: "camel", turned: true, in: long) != nil)
  }

  @Test func manyClassesStaySmallAndAreNotLost() {
    for (classes, greatest) in [(41, 2_000), (1_000, 2_600), (1_001, 2_600), (2_500, 2_600)] {
      var matrix = ConfusionMatrix(classCount: classes)
      for label in 0..<classes { matrix.add(label: label, prediction: label, count: 5) }
      matrix.add(label: 0, prediction: classes - 1, count: 5)
      let raster = matrix.picture()
      #expect(raster.width <= greatest && raster.height <= greatest, "\(raster.width)")
      let full = colors(raster)[bytes(ColorRamp.color(1)), default: 0]
      #expect(full >= min(classes, 1_000) / 2, "the diagonal of \(classes) classes: \(full)")
    }
  }

  @Test func namesOfAnyKindAndLengthLeaveRoom() {
    let names = ["", "猫と犬", String(repeating: "long name ", count: 20), "d"]
    var matrix = ConfusionMatrix(classNames: names)
    matrix.add(label: 2, prediction: 0, count: 1_234_567)
    let raster = matrix.picture()
    #expect(raster.width < 2_000 && raster.height < 1_000)
    // Nothing is written over the picture's edge: the margin is white.
    for y in 0..<raster.height {
      #expect(bytes(raster.color(x: 0, y: y)) == [255, 255, 255])
      #expect(bytes(raster.color(x: raster.width - 1, y: y)) == [255, 255, 255])
    }
    #expect(ConfusionMatrix(classCount: 1).picture().width > 0)
  }
}

@Suite struct ColorRampTests {
  /// Gray as seen, by the weights of Rec. 709 on linear light, as L* of CIELAB.
  private func lightness(_ color: RasterColor) -> Double {
    func linear(_ byte: UInt8) -> Double {
      let value = Double(byte) / 255
      guard value > 0.04045 else { return value / 12.92 }
      let base = (value + 0.055) / 1.055
      // base^2.4 by its square and the fifth root of its square.
      var root = base
      for _ in 0..<60 {
        root -= (root * root * root * root * root - base * base) / (5 * root * root * root * root)
      }
      return base * base * root
    }
    let y = 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue)
    guard y > 0.008856 else { return 903.3 * y }
    var cube = 1.0
    for _ in 0..<60 { cube -= (cube * cube * cube - y) / (3 * cube * cube) }
    return 116 * cube - 16
  }

  @Test func equalStepsDarkenEqually() {
    let steps = (0...10).map { lightness(ColorRamp.color(Double($0) / 10)) }
    #expect(steps[0] > 97 && steps[10] < 22, "\(steps)")
    for (first, second) in zip(steps, steps.dropFirst()) {
      #expect((5...11).contains(first - second), "\(steps)")
    }
  }

  @Test func writingIsReadable() {
    // WCAG 2: at least 4.5 to 1 between the writing and what it stands on.
    func luminance(_ color: RasterColor) -> Double {
      let f = (lightness(color) + 16) / 116
      return lightness(color) > 8 ? f * f * f : lightness(color) / 903.3
    }
    for step in 0...100 {
      let share = Double(step) / 100
      let ground = luminance(ColorRamp.color(share))
      let contrast =
        ColorRamp.isDark(share) ? 1.05 / (ground + 0.05) : (ground + 0.05) / 0.05
      #expect(contrast > 4.5, "share \(share): \(contrast)")
    }
  }

  @Test func whatIsNoShareHasAColour() {
    #expect(ColorRamp.color(.nan) == ColorRamp.color(0))
    #expect(ColorRamp.color(-1) == ColorRamp.color(0))
    #expect(ColorRamp.color(2) == ColorRamp.color(1))
  }
}

@Suite struct BitmapFontTests {
  @Test func everyCharacterHasAFormOfItsOwn() {
    let characters = (0x20..<0x80).map { Character(UnicodeScalar(UInt8($0))) }
    var forms: Set<[Bool]> = []
    for character in characters {
      var form: [Bool] = []
      for y in 0..<BitmapFont.height {
        for x in 0..<BitmapFont.width {
          form.append(BitmapFont.isSet(character, x: x, y: y))
        }
      }
      #expect(form.contains(true) == (character != " "), "\(character)")
      forms.insert(form)
    }
    #expect(forms.count == characters.count)
    #expect(BitmapFont.canShow("T-shirt/top") && !BitmapFont.canShow("naïve"))
  }

  @Test func turnedTextRunsUpwards() {
    let black = RasterColor(0, 0, 0)
    var flat = Raster(width: 60, height: 60)
    flat.draw("Lg", x: 4, y: 6, scale: 2, black)
    var turned = Raster(width: 60, height: 60)
    turned.draw("Lg", x: 6, y: 50, scale: 2, turned: true, black)
    for y in 0..<18 {
      for x in 0..<22 {
        #expect(flat.color(x: 4 + x, y: 6 + y) == turned.color(x: 6 + y, y: 49 - x))
      }
    }
    #expect(Raster.length(of: "Lg", scale: 2) == 22)
    // What does not fit is cut.
    turned.draw("W", x: 58, y: -3, scale: 3, black)
  }
}
