import RowwiseImageDecoding
import Testing

struct ImagePushReaderTests {
  /// Rows and the error of reading `bytes` in pieces whose sizes `next` gives.
  private func push(
    _ bytes: [UInt8], options: DecodingOptions, pieces next: () -> Int
  ) -> (rows: [UInt8], error: ImageDecodingError?, warnings: [DecodingWarning]) {
    let reader = ImagePushReader(named: "pushed", options: options)
    var rows: [UInt8] = []
    do throws(ImageDecodingError) {
      var position = 0
      while true {
        if try reader.readHeader() != nil {
          var row = [UInt8](repeating: 0, count: reader.bytesPerRow)
          var outcome = ImagePushReader.Outcome.row
          while outcome == .row {
            outcome = try reader.readRow(into: &row)
            if outcome == .row { rows += row }
          }
          if outcome == .end { return (rows, nil, reader.warnings) }
        }
        if position == bytes.count {
          reader.finish()
        } else {
          let count = min(next(), bytes.count - position)
          try reader.push(bytes[position..<position + count])
          position += count
        }
      }
    } catch {
      return (rows, error, reader.warnings)
    }
  }

  /// A fixed sequence of piece sizes from 1 to `greatest`.
  private func pieces(upTo greatest: Int, seed: UInt64) -> () -> Int {
    var state = seed
    return {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return 1 + Int(state >> 33) % greatest
    }
  }

  private func files() throws -> [(name: String, bytes: [UInt8])] {
    let small = TestPictures.pattern(width: 31, height: 23, channels: 3)
    let exif = TestPictures.chunk("eXIf", TestPictures.exif(orientation: 8))
    let png = try PNGWriter.encode(small)
    var files = [
      ("png", png), ("turned png", TestPictures.inserting(exif, before: "IDAT", in: png)),
      ("jpeg", TestPictures.grayJPEG), ("pgm", PNMDecoderTests.binary),
      ("text ppm", PNMDecoderTests.text), ("bmp", BMPDecoderTests.runLengths),
    ]
    if ConformanceSet.isPresent {
      for file in [
        "png-interlaced/ps_basi6a08.png", "png-valid/ps_basn3p04.png",
        "png-corrupt/ps_xcsn0g01.png",
        "jpeg-valid/moz_jpg-size-33x33.jpg", "jpeg-valid/jd_restarts.jpg",
        "jpeg-progressive/moz_jpg-progressive.jpg", "jpeg-arithmetic/ljt_testimgari.jpg",
        "jpeg-cmyk/pil_pil_sample_cmyk.jpg", "exif/pil_hopper_orientation_6.jpg",
        "jpeg-damaged/pil_truncated_jpeg.jpg", "jpeg-damaged/pil_photoshop-200dpi-broken.jpg",
      ] {
        files.append((file, try ConformanceSet.bytes(file)))
      }
    }
    return files
  }

  @Test("Any split of the bytes gives the same rows, errors and warnings")
  func splits() throws {
    for (name, bytes) in try files() {
      for strictness in [DecodingOptions.Strictness.strict, .lenient] {
        let options = DecodingOptions(strictness: strictness)
        let whole = push(bytes, options: options) { bytes.count }
        if name.hasPrefix("png-corrupt") || name.hasPrefix("jpeg-damaged") {
          #expect(strictness == .lenient || whole.error != nil, "\(name)")
        } else {
          #expect(whole.error == nil && !whole.rows.isEmpty, "\(name): \(whole)")
        }
        for greatest in [1, 3, 64, 1_000] {
          let split = push(
            bytes, options: options, pieces: pieces(upTo: greatest, seed: UInt64(greatest)))
          #expect(split.rows == whole.rows, "\(name) in pieces up to \(greatest)")
          #expect(split.error == whole.error, "\(name) in pieces up to \(greatest)")
          #expect(split.warnings == whole.warnings, "\(name) in pieces up to \(greatest)")
        }
      }
    }
  }

  /// A gray PNG, 28 pixels wide, of 130 rows, each in a stored block of its own (RFC 1951, 3.2.4).
  /// After `good` rows comes a block of the reserved type, at the end a wrong checksum of the chunk.
  private func damagedTwice(after good: Int) -> [UInt8] {
    var data: [UInt8] = [0x78, 0x01]
    for row in 0..<130 {
      data += [row == good ? 7 : 0, 29, 0, 0xE2, 0xFF, 0]
      data += [UInt8](repeating: UInt8(row), count: 28)
    }
    var pixels = TestPictures.chunk("IDAT", data)
    pixels[pixels.count - 1] ^= 1
    return TestPictures.header(width: 28, height: 130) + pixels + TestPictures.chunk("IEND", [])
  }

  @Test("Of a PNG damaged in two ways every split gives the same rows and the same error")
  func splitsOfDamage() throws {
    let options = DecodingOptions(pixelFormat: .gray8)
    // Rows take 34 bytes: among these some end next to where libpng's portions do.
    for good in 118..<123 {
      let bytes = damagedTwice(after: good)
      let whole = push(bytes, options: options) { bytes.count }
      #expect(whole.rows.count / 28 == good - 1)  // zlib keeps the row that damage follows at once.
      guard case .corrupt(_, .png, let reason, good - 1)? = whole.error else {
        Issue.record("\(good): \(String(describing: whole.error))")
        continue
      }
      #expect(reason.contains("data check"))
      for first in stride(from: 1, to: bytes.count, by: 7) {
        var sizes = [bytes.count, first]  // Taken from its end.
        let split = push(bytes, options: options) { sizes.popLast() ?? 1 }
        #expect(split.rows == whole.rows && split.error == whole.error, "\(first) of \(good)")
      }
      for greatest in [1, 2, 40, 1_500] {
        let split = push(bytes, options: options, pieces: pieces(upTo: greatest, seed: 5))
        #expect(split.rows == whole.rows && split.error == whole.error, "\(greatest) of \(good)")
      }
    }
  }

  @Test("A wrong Huffman code of a JPEG is found however many bytes are there")
  func wrongHuffmanCode() throws {
    // As `grayJPEG`, 480 × 640: four blocks of two zero bits in each byte; one bits are no code.
    let small = TestPictures.grayJPEG
    let size = try #require(small.firstRange(of: [0, 16, 0, 16]))
    var head = Array(small.dropLast(3))
    head.replaceSubrange(size, with: [0x02, 0x80, 0x01, 0xE0])
    let options = DecodingOptions(pixelFormat: .gray8)
    let sound = head + [UInt8](repeating: 0, count: 1_200) + [0xFF, 0xD9]
    #expect(push(sound, options: options) { sound.count }.error == nil)
    for place in [30, 400, 1_000] {
      var bytes = sound
      bytes[head.count + place] = 0xE0
      let whole = push(bytes, options: options) { bytes.count }
      // 15 bytes are a row of blocks.
      let row = place / 15 * 8
      #expect(whole.rows.count == row * 480)
      #expect(
        whole.error
          == .corrupt(
            source: "pushed", format: .jpeg, reason: "Corrupt JPEG data: bad Huffman code",
            row: row))
      for greatest in [1, 7, 100, 900] {
        let split = push(
          bytes, options: options, pieces: pieces(upTo: greatest, seed: UInt64(place)))
        #expect(split.rows == whole.rows && split.error == whole.error, "\(greatest), \(place)")
      }
    }
  }

  @Test("Rows of a streaming format come as soon as their bytes are there")
  func promptness() throws {
    var image = TestPictures.pattern(width: 300, height: 200, channels: 3)
    var state: UInt32 = 1
    for index in image.pixels.indices {
      state = state &* 1_664_525 &+ 1_013_904_223
      image.pixels[index] = UInt8(state >> 24)
    }
    let bytes = try PNGWriter.encode(image)
    let reader = ImagePushReader()
    try reader.push(bytes.prefix(bytes.count / 2))
    #expect(try reader.readHeader()?.streams == true)
    var row = [UInt8](repeating: 0, count: reader.bytesPerRow)
    while try reader.readRow(into: &row) == .row {}
    #expect(reader.rowsRead > 90)
    #expect(reader.wholeImageReasons.isEmpty)
  }

  @Test("Unread bytes are charged to the memory limit")
  func unread() throws {
    var options = DecodingOptions()
    options.limits.maximumMemory = 1_000
    let reader = ImagePushReader(named: "p", options: options)
    try reader.push([UInt8](repeating: 0, count: 1_000))
    #expect(
      throws: ImageDecodingError.overLimit(
        source: "p", limit: .memory, value: 1_001, maximum: 1_000)
    ) { try reader.push([0]) }
  }
}
