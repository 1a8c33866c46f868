import Foundation
import Synchronization
import Testing

@testable import RowwiseImageDecoding

/// Memory and work of pictures are bounded in sum.
struct DecodingMemoryTests {
  /// An arithmetic-coded progressive JPEG of one gray component: a scan for the DC coefficients, then
  /// one for each bit of them, each without a byte of data.
  static func emptyScans(width: Int, height: Int, scans: Int = 14) -> [UInt8] {
    func number(_ value: Int) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
    var bytes: [UInt8] = [0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0] + [UInt8](repeating: 1, count: 64)
    bytes += [0xFF, 0xCA, 0, 11, 8] + number(height) + number(width) + [1, 1, 0x11, 0]
    bytes += [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0x0D]
    for scan in 1..<scans {
      let bit = UInt8(14 - scan)
      bytes += [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, bit << 4 | (bit - 1)]
    }
    return bytes + [0xFF, 0xD9]
  }

  /// An 8-bit BMP that ends before its first row.
  static func emptyRunLengths(width: Int, height: Int) -> [UInt8] {
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    return [0x42, 0x4D] + number(64, 4) + number(0, 4) + number(62, 4) + number(40, 4)
      + number(width, 4) + number(height, 4) + number(1, 2) + number(8, 2) + number(1, 4)
      + number(2, 4) + number(0, 8) + number(2, 4) + number(0, 4)
      + [0, 0, 0, 0, 255, 255, 255, 0, 0, 1]
  }

  @Test("Coefficients, pixels and file are one sum")
  func sum() throws {
    let bytes = Self.emptyScans(width: 64, height: 64)
    // libjpeg holds a block more at each end of both axes: 9 × 9 blocks of 64 numbers of 2 bytes.
    let coefficients = 9 * 9 * 128
    // What the scans take that follow the first one's head.
    let file = 14 * 10 + 2
    let needed = coefficients + 64 * 64 * 3
    var options = DecodingOptions()
    options.limits.maximumMemory = needed + file - 100
    let error = #expect(throws: ImageDecodingError.self) {
      try ImageDecoder.decode(bytes: bytes, named: "x", options: options)
    }
    guard case .overLimit("x", .memory, let value, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(value > needed && value <= needed + bytes.count)
    options.limits.maximumMemory = value
    #expect(try ImageDecoder.decode(bytes: bytes, options: options).pixels.count == 64 * 64 * 3)
  }

  @Test("A turned picture counts twice")
  func turned() throws {
    let bytes = Self.emptyRunLengths(width: 100, height: 10)
    var options = DecodingOptions()
    options.limits.maximumMemory = 5_999
    #expect(
      throws: ImageDecodingError.overLimit(
        source: "x", limit: .memory, value: 6_000, maximum: 5_999)
    ) { try ImageDecoder.decode(bytes: bytes, named: "x", options: options) }
    options.limits.maximumMemory = 6_000
    #expect(try ImageDecoder.decode(bytes: bytes, options: options).height == 10)
  }

  @Test("So does one that says at its end that it is to be turned")
  func turnedLate() throws {
    let image = TestPictures.pattern(width: 100, height: 10, channels: 3)
    let plain = try PNGWriter.encode(image)
    let late = TestPictures.inserting(
      TestPictures.chunk("eXIf", TestPictures.exif(orientation: 6)), before: "IEND", in: plain)
    var options = DecodingOptions()
    options.limits.maximumMemory = 5_999
    #expect(try ImageDecoder.decode(bytes: plain, options: options) == image)
    #expect(
      throws: ImageDecodingError.overLimit(
        source: "x", limit: .memory, value: 6_000, maximum: 5_999)
    ) { try ImageDecoder.decode(bytes: late, named: "x", options: options) }
    options.limits.maximumMemory = 6_000
    #expect(try ImageDecoder.decode(bytes: late, options: options).width == 10)
  }

  @Test("Few bytes cannot ask for many pixels, nor for many scans over them")
  func work() throws {
    for (bytes, work) in [
      (Self.emptyRunLengths(width: 9_400, height: 9_400), 2 * 9_400 * 9_400),
      (Self.emptyScans(width: 16_384, height: 10_920), 16_384 * 10_920),
      // Small enough for one scan.
      (Self.emptyScans(width: 8_000, height: 8_000), 64_000_000 * 17 / 4),
    ] {
      var options = DecodingOptions()
      let limit = (1 << 27) + bytes.count * 1024
      #expect(
        throws: ImageDecodingError.overLimit(
          source: "x", limit: .work, value: work, maximum: limit)
      ) { try ImageDecoder.decode(bytes: bytes, named: "x", options: options) }
      options.limits.freeWork = work - bytes.count * 1024 - 1
      #expect(throws: ImageDecodingError.self) {
        try ImageDecoder.decode(bytes: bytes, named: "x", options: options)
      }
    }
    // Exactly as much as is allowed.
    var options = DecodingOptions()
    let bytes = Self.emptyScans(width: 64, height: 64)
    options.limits.freeWork = 64 * 64 * 17 / 4 - bytes.count
    options.limits.workPerByte = 1
    #expect(try ImageDecoder.decode(bytes: bytes, options: options).width == 64)
    options.limits.freeWork -= 1
    #expect(throws: ImageDecodingError.self) {
      try ImageDecoder.decode(bytes: bytes, options: options)
    }
  }

  @Test("Work counts channels, depth, passes and scans")
  func kinds() throws {
    var info = ImageInfo(
      format: .png, width: 10, height: 7, bitDepth: 1, colorModel: .gray, orientation: .topLeft,
      isInterlaced: false, isProgressive: false, hasColorProfile: false, wholeImageReasons: [])
    #expect(info.work().value == 70)
    info.colorModel = .palette
    #expect(info.work().value == 140)
    (info.colorModel, info.bitDepth) = (.rgba, 16)
    #expect(info.work().value == 8 * 70)
    info.isInterlaced = true
    #expect(info.work().value == 16 * 70)
    (info.bitDepth, info.isInterlaced) = (8, false)
    #expect(info.work(scans: 9).value == (16 + 8) * 70 / 4)
    (info.width, info.height) = (.max, 2)
    #expect(info.work().value == .max)
  }

  /// A white PNG of 1 bit a pixel, which has the compressed bytes of one of 8 bits that is an eighth
  /// as wide.
  private func whitePNG(width: Int, height: Int) throws -> [UInt8] {
    let narrow = try PNGWriter.encode(
      DecodedImage(
        width: width / 8, height: height, channels: 1,
        pixels: [UInt8](repeating: 255, count: width / 8 * height)))
    // Signature and IHDR.
    return TestPictures.header(width: UInt32(width), height: UInt32(height), bitDepth: 1)
      + narrow.dropFirst(8 + 25)
  }

  /// A white page of A3 at 600 dots an inch, 1 bit a pixel: 70 million pixels in a few KB.
  @Test("A white page is read")
  func whitePage() throws {
    let (width, height) = (7_016, 9_921)
    let bytes = try whitePNG(width: width, height: height)
    #expect(bytes.count < 40_000)
    var options = DecodingOptions(pixelFormat: .gray8)
    let reader = try ImageRowReader(bytes: bytes, named: "page", options: options)
    var row = [UInt8](repeating: 0, count: reader.bytesPerRow)
    var rows = 0
    while try reader.readRow(into: &row) { rows += 1 }
    #expect(rows == height && row.allSatisfy { $0 == 255 })
    // It is as much work as it has pixels.
    options.limits.freeWork = width * height - bytes.count * 1024
    _ = try ImageRowReader(bytes: bytes, named: "page", options: options)
    options.limits.freeWork -= 1
    #expect(throws: ImageDecodingError.self) {
      try ImageRowReader(bytes: bytes, named: "page", options: options)
    }
  }

  @Test("Pushed bytes are held to the same once all are there")
  func pushed() throws {
    let reader = ImagePushReader(named: "x")
    try reader.push(Self.emptyRunLengths(width: 9_400, height: 9_400))
    #expect(try reader.readHeader()?.width == 9_400)
    reader.finish()
    var row = [UInt8](repeating: 0, count: reader.bytesPerRow)
    #expect(throws: ImageDecodingError.self) { try reader.readRow(into: &row) }
  }

  @Test("Together pictures never take more than the limit, and each gets its turn")
  func process() {
    let memory = DecodingMemory()
    let state = Mutex((now: 0, most: 0, done: 0))
    let size = 1 << 20
    DispatchQueue.concurrentPerform(iterations: 40) { index in
      // The last is larger than all that is allowed together.
      let bytes = index == 39 ? 20 * size : (1 + index % 3) * size
      memory.lend(bytes, of: 6 * size) {
        state.withLock {
          $0.now += bytes
          if bytes < 20 * size { $0.most = max($0.most, $0.now) }
        }
        usleep(500)
        state.withLock {
          $0.now -= bytes
          $0.done += 1
        }
      }
    }
    #expect(state.withLock { $0.done } == 40)
    #expect(state.withLock { $0.most } <= 6 * size)
    #expect(state.withLock { $0.now } == 0)
  }

  @Test("A larger memory allows more pixels in proportion")
  func raised() {
    let limits = DecodingLimits(memory: 1 << 30)
    #expect(limits.maximumMemory == 1 << 30 && limits.maximumPixels == 1 << 30)
    #expect(limits.freeWork == 1 << 28)
    #expect(DecodingLimits(memory: 1 << 29) == DecodingLimits())
    #expect(DecodingLimits(memory: 1 << 20).maximumPixels == 1 << 29)
  }

  @Test("A file's contents are told as before, and in little memory")
  func contents() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("rowwise-contents-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for size in [3, 40, 300] {
      let bytes = try PNGWriter.encode(
        TestPictures.pattern(width: size, height: size, channels: 3))
      let path = folder.appendingPathComponent("\(size).png").path
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let contents = ImageContents(path: path)
      #expect(contents.error == nil && contents.info?.width == size)
      #expect(
        contents.fingerprint == bytes.withUnsafeBufferPointer { ImageContents.Fingerprint($0) })
    }
    let path = folder.appendingPathComponent("x.jpg").path
    try Data(Self.emptyScans(width: 16_384, height: 10_920)).write(to: URL(fileURLWithPath: path))
    guard case .overLimit(_, .work, _, _)? = ImageContents(path: path).error else {
      Issue.record("not refused")
      return
    }
  }
}
