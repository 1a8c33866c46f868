import RowwiseImageDecoding
import TestSupport
import Testing

/// Files of several pictures, of which the first is read.
@Suite struct SeveralPicturesTests {
  @Test func anAnimationsPicturesAreCounted() throws {
    let image = TestPictures.pattern(width: 5, height: 3, channels: 1)
    let png = try PNGWriter.encode(image)
    #expect(try ImageRowReader(bytes: png).info.pictureCount == 1)
    for frames in [1, 7] {
      let animated = SeveralPictures.animated(png, frames: frames)
      #expect(try ImageRowReader(bytes: animated).info.pictureCount == frames)
      #expect(try ImageDecoder.decode(bytes: animated) == ImageDecoder.decode(bytes: png))
    }
    // A chunk of another length makes no animation; neither does none at all.
    #expect(
      try ImageRowReader(
        bytes: TestPictures.inserting(
          TestPictures.chunk("acTL", [0, 0, 0, 9]), before: "IDAT", in: png)
      ).info.pictureCount == 1)
    #expect(
      try ImageRowReader(bytes: SeveralPictures.animated(png, frames: 0)).info.pictureCount == 1)
  }

  /// Bytes may end anywhere in the chunk.
  @Test func theyAreCountedWhateverComesAtOnce() throws {
    let png = SeveralPictures.animated(
      try PNGWriter.encode(TestPictures.pattern(width: 5, height: 3, channels: 1)), frames: 3)
    let reader = ImagePushReader(named: "pieces")
    var info = try reader.readHeader()
    for byte in png where info == nil {
      try reader.push([byte])
      info = try reader.readHeader()
    }
    #expect(info?.pictureCount == 3)
  }

  @Test func aMultiPictureFilesPicturesAreCounted() throws {
    let jpeg = TestPictures.grayJPEG
    #expect(try ImageRowReader(bytes: jpeg).info.pictureCount == 1)
    let stereo = SeveralPictures.multiPicture(jpeg, types: [0x03_0000, 0x02_0002])
    #expect(try ImageRowReader(bytes: stereo).info.pictureCount == 2)
    #expect(try ImageDecoder.decode(bytes: stereo) == ImageDecoder.decode(bytes: jpeg))
    // Smaller copies for a display are none.
    let preview = SeveralPictures.multiPicture(jpeg, types: [0x03_0000, 0x01_0001, 0x01_0002])
    #expect(try ImageRowReader(bytes: preview).info.pictureCount == 1)
    let mixed = SeveralPictures.multiPicture(jpeg, types: [0x03_0000, 0x01_0001, 0])
    #expect(try ImageRowReader(bytes: mixed).info.pictureCount == 2)
  }

  /// A damaged index is no reason to refuse a picture, whichever byte it is that is wrong.
  @Test func damagedIndicesAreHarmless() throws {
    let stereo = SeveralPictures.multiPicture(TestPictures.grayJPEG, types: [0x03_0000, 0])
    let plain = try ImageDecoder.decode(bytes: TestPictures.grayJPEG)
    for place in 10..<10 + 82 {
      for value in [0, 0x7F, 0xFF] as [UInt8] {
        var damaged = stereo
        damaged[place] = value
        #expect(try ImageRowReader(bytes: damaged).info.pictureCount >= 1)
        #expect(try ImageDecoder.decode(bytes: damaged) == plain, "\(place)")
      }
    }
  }
}
