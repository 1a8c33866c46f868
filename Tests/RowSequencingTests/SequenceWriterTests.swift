import RowwiseRowSequencing
import Testing

@Suite struct SequenceWriterTests {
  @Test func scalesBytesToOne() throws {
    let writer = try SequenceWriter(Preprocessing(width: 3, height: 1))
    #expect(writer.sequence(of: [0, 51, 255]) == [0, 0.2, 1])
  }

  @Test func normalizesEachChannel() throws {
    let writer = try SequenceWriter(
      Preprocessing(
        width: 1, height: 2, color: .rgb, mean: [0, 0.5, 1], standardDeviation: [1, 0.25, 2]))
    #expect(writer.sequence(of: [0, 255, 255, 255, 0, 0]) == [0, 2, 0, 1, -2, -0.5])
  }

  @Test func keepsColorsTogetherInEveryOrder() throws {
    // 2×2 pixels of three bytes: pixel p has the bytes 3p, 3p + 1, 3p + 2.
    let pixels = (0..<12).map { UInt8($0) }
    let expected: [(ReadingOrder, [Int])] = [
      (.rows, [0, 1, 2, 3]), (.rowsBottomUp, [2, 3, 0, 1]), (.columns, [0, 2, 1, 3]),
      (.serpentine, [0, 1, 3, 2]), (.pixels, [0, 1, 2, 3]),
      (
        .pixelsPermuted(seed: 11),
        ReadingOrder.pixelsPermuted(seed: 11).pixelOrder(width: 2, height: 2)
      ),
    ]
    for (order, pixelOrder) in expected {
      let preprocessing = try Preprocessing(
        width: 2, height: 2, color: .rgb, readingOrder: order)
      let values = pixelOrder.flatMap { p in (0..<3).map { Float(3 * p + $0) / 255 } }
      #expect(SequenceWriter(preprocessing).sequence(of: pixels) == values, "\(order)")
    }
  }

  @Test func leavesGapsUntouched() throws {
    let writer = try SequenceWriter(Preprocessing(width: 2, height: 3))
    var sequence = [Float](repeating: -1, count: 12)
    var span = sequence.mutableSpan
    writer.write([0, 255, 255, 0, 0, 255].span, into: &span, timestepStride: 5)
    #expect(sequence == [0, 1, -1, -1, -1, 1, 0, -1, -1, -1, 0, 1])
  }
}
