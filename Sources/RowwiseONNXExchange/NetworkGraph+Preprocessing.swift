import RowwiseRowSequencing

extension PictureAdaptation {
  /// What a graph cannot do, as options spell it. A graph takes bytes without alpha: what is behind
  /// transparent pixels, and what is white in 16 bits, was decided by who decoded them.
  var graphObstacles: [String] {
    var obstacles: [String] = []
    if inversion == .auto { obstacles.append("--invert auto") }
    if fit != .stretch { obstacles.append("--fit \(fit.rawValue)") }
    if trims { obstacles.append("--trim") }
    if background == .auto { obstacles.append("--background auto") }
    if range != .full { obstacles.append("--range \(range.rawValue)") }
    return obstacles
  }
}

extension NetworkGraph {
  /// Adds everything from a picture's bytes to the timesteps: channels, size, order, scale.
  ///
  /// In 64-bit floats that hold whole numbers, so that every byte is the one that
  /// `Preprocessing.modelPixels` makes, for pictures of any size.
  ///
  /// - Parameter image: name of uint8 [batch, height, width, channels], 1 or 3 channels.
  /// - Returns: name of float32 [batch, timesteps, features].
  mutating func addPreprocessing(_ preprocessing: Preprocessing, image: String) -> String {
    let channels = preprocessing.color.channels
    builder.add(
      "Cast", [image], to: "pixels",
      attributes: [.int("to", Int(ElementType.double.rawValue))])
    let colored = addChannels(preprocessing.color, pixels: "pixels", image: image)
    builder.add(
      "Transpose", [colored], to: "rows", attributes: [.ints("perm", [0, 1, 3, 2])])
    let narrowed = addAxis(
      "width", values: "rows", image: image, axis: 2, size: preprocessing.width)
    builder.add(
      "Transpose", [narrowed], to: "columns", attributes: [.ints("perm", [0, 3, 2, 1])])
    let small = addAxis(
      "height", values: "columns", image: image, axis: 1, size: preprocessing.height)
    // [batch, width, channels, height] becomes [batch, pixels, channels].
    builder.add(
      "Transpose", [small], to: "upright", attributes: [.ints("perm", [0, 3, 1, 2])])
    let pixelCount = preprocessing.width * preprocessing.height
    builder.add(
      "Reshape",
      ["upright", builder.integers("upright/shape", [0, pixelCount, channels])], to: "listed")
    let order = preprocessing.readingOrder.pixelOrder(
      width: preprocessing.width, height: preprocessing.height)
    var listed = "listed"
    if preprocessing.adaptation.inversion == .yes {
      let white = builder.doubles("inverted/white", dimensions: [], [255])
      listed = builder.add("Sub", [white, listed], to: "inverted")
    }
    let hasGaps = order.contains { $0 < 0 }
    if hasGaps {
      // Zeros stand where there is no pixel, after scaling: scaled first, then one place more.
      listed = addScale(preprocessing, values: listed, channels: channels)
      listed = builder.add(
        "Pad", [listed, builder.integers("gaps/pads", [0, 0, 0, 0, 1, 0])], to: "gaps")
    }
    if !order.elementsEqual(0..<pixelCount) {
      listed = builder.add(
        "Gather", [listed, builder.integers("order", order.map { $0 < 0 ? pixelCount : $0 })],
        to: "ordered",
        attributes: [.int("axis", 1)])
    }
    let scaled =
      hasGaps ? listed : addScale(preprocessing, values: listed, channels: channels)
    let shape = builder.integers(
      "sequence/shape", [0, preprocessing.timesteps, preprocessing.features])
    builder.add("Reshape", [scaled, shape], to: "sequence/double")
    return builder.add(
      "Cast", ["sequence/double"], to: Self.sequenceName,
      attributes: [.int("to", Int(ElementType.float.rawValue))])
  }

  /// Luma as `Luma.luma`, or the gray value in all channels, or the channels as they are.
  ///
  /// Channels are multiplied by a part of a table that begins where the number of channels says; for
  /// any number but 1 and 3 the part has the wrong length and the product fails.
  private mutating func addChannels(
    _ color: ColorMode, pixels: String, image: String
  ) -> String {
    let table: String =
      switch color {
      case .gray:
        builder.doubles("channels/table", dimensions: [4, 1], [19595, 38470, 7471, 65536])
      case .rgb:
        builder.doubles(
          "channels/table", dimensions: [4, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1])
      }
    builder.add(
      "Shape", [image], to: "channels/count", attributes: [.int("start", 3), .int("end", 4)])
    builder.add(
      "Equal", ["channels/count", builder.integers("channels/three", [3])], to: "channels/rgb")
    builder.add(
      "Where",
      [
        "channels/rgb", builder.integers("channels/first", [0]),
        builder.integers("channels/gray", [3]),
      ], to: "channels/start")
    builder.add("Add", ["channels/start", "channels/count"], to: "channels/end")
    builder.add(
      "Slice",
      [table, "channels/start", "channels/end", builder.integers("channels/axis", [0])],
      to: "channels/weights")
    builder.add("MatMul", [pixels, "channels/weights"], to: "channels/sum")
    guard color == .gray else { return "channels/sum" }
    return addRounded("channels", "channels/sum", one: 65536)
  }

  /// ⌊(value + one/2) / one⌋.
  private mutating func addRounded(_ name: String, _ value: String, one: Double) -> String {
    let half = builder.doubles("\(name)/half", dimensions: [], [one / 2])
    builder.add("Add", [value, half], to: "\(name)/raised")
    let unit = builder.doubles("\(name)/one", dimensions: [], [one])
    builder.add("Div", ["\(name)/raised", unit], to: "\(name)/quotient")
    return builder.add("Floor", ["\(name)/quotient"], to: "\(name)/rounded")
  }

  /// Changes the length of the last axis as `AxisWeights` does, and rounds to bytes.
  ///
  /// - Parameters:
  ///   - values: name of [batch, …, length].
  ///   - axis: of the image, whose length it is.
  ///   - size: the new length.
  private mutating func addAxis(
    _ name: String, values: String, image: String, axis: Int, size: Int
  ) -> String {
    let shares = addShares(name, image: image, axis: axis, size: size)
    // Fixed point with 22 bits: the running sum is rounded, so that weights add up to one.
    let one = Double(1 << 22)
    let zeroth = builder.integers("\(name)/axis", [0])
    builder.add(
      "CumSum", [shares, builder.integers("\(name)/along", [0], isScalar: true)],
      to: "\(name)/sums")
    let last = builder.integers("\(name)/last", [-1])
    builder.add(
      "Gather", ["\(name)/sums", last], to: "\(name)/total", attributes: [.int("axis", 0)])
    builder.add("Div", ["\(name)/sums", "\(name)/total"], to: "\(name)/parts")
    let scale = builder.doubles("\(name)/fraction", dimensions: [], [one])
    builder.add("Mul", ["\(name)/parts", scale], to: "\(name)/fixed")
    let half = builder.doubles("\(name)/nearest", dimensions: [], [0.5])
    builder.add("Add", ["\(name)/fixed", half], to: "\(name)/upper")
    builder.add("Floor", ["\(name)/upper"], to: "\(name)/reached")
    builder.add(
      "Slice",
      ["\(name)/reached", builder.integers("\(name)/begin", [0]), last, zeroth],
      to: "\(name)/given")
    let zeros = builder.doubles(
      "\(name)/none", dimensions: [1, size], [Double](repeating: 0, count: size))
    builder.add(
      "Concat", [zeros, "\(name)/given"], to: "\(name)/before", attributes: [.int("axis", 0)])
    builder.add("Sub", ["\(name)/reached", "\(name)/before"], to: "\(name)/weights")
    builder.add("MatMul", [values, "\(name)/weights"], to: "\(name)/sum")
    return addRounded(name, "\(name)/sum", one: one)
  }

  /// Each source pixel's share of each output pixel, [source, size]: equal shares where the axis
  /// gets shorter, bilinear ones where it gets longer.
  private mutating func addShares(
    _ name: String, image: String, axis: Int, size: Int
  ) -> String {
    let half = builder.doubles("\(name)/shift", dimensions: [], [0.5])
    func double(_ builder: inout GraphBuilder, _ value: String, _ result: String) -> String {
      builder.add(
        "Cast", [value], to: result, attributes: [.int("to", Int(ElementType.double.rawValue))])
    }
    builder.add(
      "Shape", [image], to: "\(name)/count",
      attributes: [.int("start", axis), .int("end", axis + 1)])
    builder.add("Squeeze", ["\(name)/count"], to: "\(name)/length")
    let length = double(&builder, "\(name)/length", "\(name)/length/double")
    let size64 = builder.doubles("\(name)/size", dimensions: [], [Double(size)])
    let scale = builder.add("Div", [length, size64], to: "\(name)/scale")
    let centers = builder.doubles(
      "\(name)/outputs", dimensions: [1, size], (0..<size).map { Double($0) + 0.5 })
    let center = builder.add("Mul", [centers, scale], to: "\(name)/center")
    builder.add(
      "Range",
      [
        builder.integers("\(name)/zero", [0], isScalar: true), "\(name)/length",
        builder.integers("\(name)/one64", [1], isScalar: true),
      ], to: "\(name)/indices")
    builder.add(
      "Unsqueeze", ["\(name)/indices", builder.integers("\(name)/second", [1])],
      to: "\(name)/column")
    let source = double(&builder, "\(name)/column", "\(name)/source")
    builder.add("Sub", [source, center], to: "\(name)/offset")
    let distance = builder.add("Add", ["\(name)/offset", half], to: "\(name)/distance")
    let average = addAverage(
      name, source: source, center: center, scale: scale, distance: distance, half: half)
    let bilinear = addBilinear(
      name, source: source, center: center, distance: distance, half: half)
    let one = builder.doubles("\(name)/same", dimensions: [], [1])
    builder.add("Greater", [scale, one], to: "\(name)/shrinks")
    return builder.add(
      "Where", ["\(name)/shrinks", average, bilinear], to: "\(name)/shares")
  }

  /// 1 for source pixels with centres in (center − scale/2, center + scale/2], else 0.
  private mutating func addAverage(
    _ name: String, source: String, center: String, scale: String, distance: String, half: String
  ) -> String {
    let one = builder.doubles("\(name)/unity", dimensions: [], [1])
    let minus = builder.doubles("\(name)/minus", dimensions: [], [-0.5])
    builder.add("Mul", [half, scale], to: "\(name)/support")
    builder.add("Div", [one, scale], to: "\(name)/inverse")
    builder.add("Mul", [distance, "\(name)/inverse"], to: "\(name)/position")
    builder.add("Greater", ["\(name)/position", minus], to: "\(name)/after")
    builder.add("LessOrEqual", ["\(name)/position", half], to: "\(name)/before-end")
    builder.add("Sub", [center, "\(name)/support"], to: "\(name)/left")
    builder.add("Add", [center, "\(name)/support"], to: "\(name)/right")
    addBounds(
      "\(name)/average", source: source, low: "\(name)/left", high: "\(name)/right", lowShift: half,
      highShift: half)
    builder.add("And", ["\(name)/after", "\(name)/before-end"], to: "\(name)/near")
    builder.add("And", ["\(name)/near", "\(name)/average/inside"], to: "\(name)/inside")
    return builder.add(
      "Cast", ["\(name)/inside"], to: "\(name)/average",
      attributes: [.int("to", Int(ElementType.double.rawValue))])
  }

  /// max(0, 1 − |distance|).
  private mutating func addBilinear(
    _ name: String, source: String, center: String, distance: String, half: String
  ) -> String {
    let one = builder.doubles("\(name)/whole", dimensions: [], [1])
    let zero = builder.doubles("\(name)/nothing", dimensions: [], [0])
    let minus = builder.doubles("\(name)/low-shift", dimensions: [], [-0.5])
    let more = builder.doubles("\(name)/high-shift", dimensions: [], [1.5])
    builder.add("Abs", [distance], to: "\(name)/magnitude")
    builder.add("Sub", [one, "\(name)/magnitude"], to: "\(name)/rest")
    builder.add("Max", ["\(name)/rest", zero], to: "\(name)/tent")
    addBounds(
      "\(name)/bilinear", source: source, low: center, high: center, lowShift: minus,
      highShift: more)
    return builder.add(
      "Where", ["\(name)/bilinear/inside", "\(name)/tent", zero], to: "\(name)/bilinear")
  }

  /// Whether ⌊low + lowShift⌋ ≤ source < ⌊high + highShift⌋.
  private mutating func addBounds(
    _ name: String, source: String, low: String, high: String, lowShift: String,
    highShift: String
  ) {
    builder.add("Add", [low, lowShift], to: "\(name)/low")
    builder.add("Floor", ["\(name)/low"], to: "\(name)/from")
    builder.add("GreaterOrEqual", [source, "\(name)/from"], to: "\(name)/not-below")
    builder.add("Add", [high, highShift], to: "\(name)/high")
    builder.add("Floor", ["\(name)/high"], to: "\(name)/to")
    builder.add("Less", [source, "\(name)/to"], to: "\(name)/not-above")
    builder.add("And", ["\(name)/not-below", "\(name)/not-above"], to: "\(name)/inside")
  }

  /// (byte / 255 − mean) / deviation.
  private mutating func addScale(
    _ preprocessing: Preprocessing, values: String, channels: Int
  ) -> String {
    let most = builder.doubles("scale/most", dimensions: [], [255])
    let scaled = builder.add("Div", [values, most], to: "scale/unit")
    guard let mean = preprocessing.mean, let deviation = preprocessing.standardDeviation else {
      return scaled
    }
    let means = builder.doubles("scale/mean", dimensions: [channels], mean)
    builder.add("Sub", [scaled, means], to: "scale/centred")
    let deviations = builder.doubles("scale/deviation", dimensions: [channels], deviation)
    return builder.add("Div", ["scale/centred", deviations], to: "scale/standard")
  }
}
