import RowwiseCompute
import Testing

struct BufferTests {
  @Test(arguments: [0, 1, 1000, 600_000])
  func zerosAtCacheLines(_ count: Int) {
    let buffer = Buffer<Float>(count)
    #expect(buffer.count == count)
    #expect(Int(bitPattern: buffer.start) % 64 == 0)
    #expect((0..<count).allSatisfy { buffer.start[$0] == 0 })
  }

  /// From 2 MiB on, where pages of that size begin.
  @Test func largeOnesStartAtLargePages() {
    #expect(Int(bitPattern: Buffer<Float>(1 << 19).start) % (2 << 20) == 0)
    #expect(Int(bitPattern: Buffer<Double>(1 << 18).start) % (2 << 20) == 0)
  }

  @Test func growsAndNeverShrinks() {
    let buffer = Buffer<Double>(4)
    buffer.start[3] = 1
    buffer.reserve(2)
    #expect(buffer.count == 4 && buffer.start[3] == 1)
    buffer.reserve(300_000)
    #expect(buffer.count == 300_000)
    #expect((0..<300_000).allSatisfy { buffer.start[$0] == 0 })
    buffer.start[0] = 1
    buffer.clear()
    #expect(buffer.start[0] == 0)
  }
}
