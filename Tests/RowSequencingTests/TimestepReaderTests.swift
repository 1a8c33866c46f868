import RowwiseImageDecoding
import RowwiseRowSequencing
import Testing

/// Timesteps made while rows come, and those of the whole picture.
@Suite struct TimestepReaderTests {
  static let orders: [ReadingOrder] = [
    .rows, .serpentine, .pixels, .windows(rows: 3, step: 1), .windows(rows: 3, step: 2),
    .windows(rows: 4, step: 4), .windows(rows: 20, step: 7), .patches(1), .patches(3), .patches(16),
  ]

  private func pixels(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 * 37 % 251) } }

  @Test(arguments: orders, [ColorMode.gray, .rgb])
  func numbersAreThoseOfTheWholePicture(_ order: ReadingOrder, _ color: ColorMode) throws {
    for (width, height) in [(7, 11), (1, 1), (13, 3)] {
      let preprocessing = try Preprocessing(
        width: width, height: height, color: color, readingOrder: order,
        mean: [Double](repeating: 0.25, count: color.channels),
        standardDeviation: [Double](repeating: 0.5, count: color.channels))
      let writer = SequenceWriter(preprocessing)
      let bytes = pixels(preprocessing.byteCount)
      let expected = writer.sequence(of: bytes)
      let reader = try TimestepReader(writer, sourceWidth: width, sourceHeight: height)
      var numbers: [Float] = []
      let row = width * color.channels
      for y in 0..<height {
        let before = reader.timestepsRead
        reader.append(bytes.span.extracting(y * row..<(y + 1) * row)) { timestep in
          #expect(timestep.count == preprocessing.features)
          for index in timestep.indices { numbers.append(timestep[index]) }
        }
        // A timestep of several rows comes with the last one of them, and none before.
        if case .windows(let rows, let step) = order, y + 1 < height {
          let complete = y + 1 < rows ? 0 : (y + 1 - rows) / step + 1
          #expect(reader.timestepsRead == complete, "row \(y) after \(before)")
        }
      }
      #expect(numbers == expected, "\(order), \(width) × \(height)")
      #expect(reader.timestepsRead == preprocessing.timesteps)
    }
  }

  @Test func picturesOfOtherSizesAreResampled() throws {
    let preprocessing = try Preprocessing(
      width: 9, height: 7, readingOrder: .windows(rows: 3, step: 2))
    let writer = SequenceWriter(preprocessing)
    for (width, height) in [(20, 31), (5, 3), (9, 7)] {
      let bytes = pixels(width * height)
      let reader = try TimestepReader(writer, sourceWidth: width, sourceHeight: height)
      var numbers: [Float] = []
      for y in 0..<height {
        reader.append(bytes.span.extracting(y * width..<(y + 1) * width)) { timestep in
          for index in timestep.indices { numbers.append(timestep[index]) }
        }
      }
      let resized = RowResampler.resize(
        DecodedImage(width: width, height: height, channels: 1, pixels: bytes), width: 9, height: 7)
      #expect(numbers == writer.sequence(of: resized.pixels), "\(width) × \(height)")
    }
  }

  /// Windows of 256 rows at every row would multiply a large picture's numbers.
  @Test func tooManyNumbersAreRefused() throws {
    #expect(
      throws: PreprocessingError.sequenceTooLarge(
        .windows(rows: 256, step: 1), numbers: 256 * 1000 * 1000)
    ) {
      try Preprocessing(
        width: 1000, height: 1000, readingOrder: .windows(rows: 256, step: 1))
    }
    #expect(throws: PreprocessingError.unknownReadingOrder("patches:0")) {
      try Preprocessing(width: 10, height: 10, readingOrder: .patches(0))
    }
    #expect(throws: PreprocessingError.unknownReadingOrder("windows:1/2")) {
      try Preprocessing(width: 10, height: 10, readingOrder: .windows(rows: 1, step: 2))
    }
  }
}
