/// Rows that one call gave, and whether it stopped for want of bytes.
struct RowBatch {
  var rows: Int
  var needsInput: Bool
}

/// What each format's decoder does with bytes as they arrive.
///
/// Calls come in this order: `readHeader` until it gives an info, `start` until it is true,
/// `readRows` until all rows came, `finish` until it is true. Each uses up bytes of the input and
/// stops where they run out; with `input.isFinal` it throws `.truncated` instead.
protocol RowDecoder: AnyObject {
  /// Reads the header and checks it against the limits; nil where it needs more bytes.
  func readHeader(_ input: inout InputBuffer) throws(ImageDecodingError) -> ImageInfo?

  /// Whether `start` and `readRows` want all bytes of the file at once.
  var needsAllInput: Bool { get }

  /// Bytes that it holds of a whole picture besides the rows that it gives: coefficients, passes.
  /// Valid once the header was read.
  var heldBytes: Int { get }

  /// Goes to the first row; false where it needs more bytes.
  func start(_ input: inout InputBuffer) throws(ImageDecodingError) -> Bool

  /// Layout of the rows that come; valid once started.
  var layout: RowLayout { get }
  /// Width and count of the rows that come; valid once the header was read.
  var rowWidth: Int { get }
  var rowCount: Int { get }

  /// Writes up to `count` rows, row r at `target + r * stride`. Where it fails after some rows it
  /// gives those and throws in the next call.
  func readRows(
    _ input: inout InputBuffer, into target: UnsafeMutablePointer<UInt8>, stride: Int, count: Int
  ) throws(ImageDecodingError) -> RowBatch

  /// Reads from the last row to the format's end mark; false where it needs more bytes.
  func finish(_ input: inout InputBuffer) throws(ImageDecodingError) -> Bool

  /// The orientation by everything read so far.
  var orientation: ImageOrientation { get }

  /// The first damage that a lenient decoder passed over.
  var damage: String? { get }
}
