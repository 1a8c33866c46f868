import RowwiseEvaluation
import RowwiseRandomness
import RowwiseReports

/// A report page of made-up predictions with pictures, for tests.
enum ReportPage {
  static let names = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "猫と犬",
    "</script><b>&\"'",
  ]

  static func accumulate(classes: Int, samples: Int, seed: UInt64) throws -> EvaluationAccumulator {
    let names = classes == names.count ? names : (0..<classes).map { "class \($0)" }
    var accumulator = EvaluationAccumulator(classNames: names)
    var random = SplitMix64(seed: seed)
    func draw(_ limit: Int) -> Int {
      Int(random.next().multipliedFullWidth(by: UInt64(limit)).high)
    }
    for _ in 0..<samples {
      let label = draw(classes)
      let isTurned = draw(100) < 9
      let target = isTurned ? min(classes - 1, max(0, label + draw(5) - 2)) : label
      var row = (0..<classes).map { _ in draw(32) }
      row[target] += (60 + draw(900)) * max(1, classes / 12)
      let sum = Float(row.reduce(0, +))
      try accumulator.add(label: label, probabilities: row.map { Float($0) / sum })
    }
    return accumulator
  }

  static func make(classes: Int, samples: Int) throws -> HTMLReport {
    let accumulator = try accumulate(classes: classes, samples: samples, seed: 4)
    let report = try ClassificationReport(
      accumulator,
      options: .init(
        model: "runs/fashion/model.safetensors", data: "fashion-mnist (test)",
        bootstrap: .init(replicates: 100)))
    let gallery = GallerySelection(accumulator, suspectsLabels: true)
    var page = HTMLReport(
      title: "Fashion <test> & more", report: report, accumulator: accumulator, gallery: gallery)
    page.modelSummary = [.init("Model fingerprint", "9f2c41d07a8be1c5")]
    page.dataSummary = [.init("Data fingerprint", "c01af3de5512097b")]
    let epochs = (1...10).map(Double.init)
    page.history = [
      LineChart(
        title: "Loss by epoch", xTitle: "epoch", yTitle: "loss (nats)",
        series: [
          ChartSeries(name: "training", points: epochs.map { CurvePoint(x: $0, y: 0.9 / $0) }),
          ChartSeries(
            name: "validation", points: epochs.map { CurvePoint(x: $0, y: 0.8 / $0 + 0.1) }),
        ])
    ]
    for sample in gallery.samples {
      page.thumbnails[sample] = picture(of: Int(accumulator.labels[sample]), sample)
      page.sampleNames[sample] =
        "a-long-way/down/to/the/pictures/test/\(accumulator.labels[sample])/image-\(sample).png"
    }
    return page
  }

  /// A gray PNG of 28×28 stripes, written with stored (uncompressed) blocks.
  static func picture(of label: Int, _ sample: Int) -> [UInt8] {
    var raw: [UInt8] = []
    for y in 0..<28 {
      raw.append(0)
      for x in 0..<28 {
        raw.append(UInt8((x * (label + 1) * 3 + y * 5 + sample * 7) % 256))
      }
    }
    func word(_ value: Int, _ bytes: Int) -> [UInt8] {
      (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    func chunk(_ type: String, _ body: [UInt8]) -> [UInt8] {
      let typed = Array(type.utf8) + body
      var crc: UInt32 = .max
      for byte in typed {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
      }
      return word(body.count, 4) + typed + word(Int(~crc), 4)
    }
    var (a, b) = (1, 0)
    for byte in raw {
      a = (a + Int(byte)) % 65521
      b = (b + a) % 65521
    }
    let length = [UInt8(raw.count & 255), UInt8(raw.count >> 8)]
    let zlib = [0x78, 0x01, 0x01] + length + length.map { ~$0 } + raw + word(b << 16 | a, 4)
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", word(28, 4) + word(28, 4) + [8, 0, 0, 0, 0]) + chunk("IDAT", zlib)
      + chunk("IEND", [])
  }
}
