import RowwiseFiles
public import RowwiseImageDecoding
public import RowwiseRowSequencing

extension ImageClassifier {
  /// Classifies an image file by its rows, reading no more of it than is needed.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - stopping: when reading may end before the last row.
  ///   - decoding: limits, background and strictness; pixel format and JPEG scaling follow the model.
  /// - Returns: the answer, why the rows came only when all bytes were there, if they did, and what is
  ///   missing of a damaged file that was read leniently.
  /// - Throws: `StreamingError` where the model cannot read row by row; `ImageDecodingError`.
  public func reading(
    path: String, stopping: StoppingRule, decoding: DecodingOptions = DecodingOptions()
  ) throws -> FileReading {
    try FileReading(
      PictureStream(self, named: path, everyRow: false, stopping: stopping, decoding: decoding),
      path: path)
  }
}

/// What came of reading a file by its rows.
public struct FileReading: Sendable, Equatable {
  /// The answer.
  public let answer: StreamedPrediction
  /// Why the rows came only when all bytes were there; empty where they came one by one.
  public let wholeImageReasons: [ImageInfo.WholeImageReason]
  /// What is missing of a damaged file that was read leniently; nil where nothing is.
  public let damage: String?
  /// In what the picture is unlike the training pictures, and what was done about it; nothing where not
  /// all rows were read.
  public let finding: PictureFinding

  /// Bytes that are read at once: enough that reading costs little, few enough that little is read in
  /// vain.
  private static let portion = 1 << 14

  /// - Throws: `ImageDecodingError`.
  init(_ stream: PictureStream, path: String) throws(ImageDecodingError) {
    answer = try Self.answer(stream, path)
    wholeImageReasons = stream.wholeImageReasons
    damage = stream.damage
    finding = stream.finding
  }

  private static func answer(
    _ stream: PictureStream, _ path: String
  ) throws(ImageDecodingError) -> StreamedPrediction {
    let file = try attempt { () throws(FileError) in try RegularFile(path: path) }
    if let kind = try attempt({ () throws(FileError) in try file.otherKind() }) {
      throw .cannotRead(source: path, reason: "it is \(kind), expected a regular file")
    }
    var bytes = [UInt8](repeating: 0, count: portion)
    var offset = 0
    while true {
      if let prediction = try stream.next() { return prediction }
      let read = bytes.withUnsafeMutableBytes { room in
        Result { () throws(FileError) in try file.read(into: room, at: offset) }
      }
      let count = try attempt { () throws(FileError) in try read.get() }
      offset += count
      if count == 0 { stream.finish() } else { try stream.push(bytes[..<count]) }
    }
  }

  /// Turns an error of reading into one about the picture.
  private static func attempt<Result: ~Copyable>(
    _ body: () throws(FileError) -> Result
  ) throws(ImageDecodingError) -> Result {
    do throws(FileError) {
      return try body()
    } catch {
      throw ImageDecodingError(error)
    }
  }
}
