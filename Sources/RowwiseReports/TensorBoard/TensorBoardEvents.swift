import RowwiseFiles
import RowwiseSystem

/// One thing that TensorBoard shows.
package enum TensorBoardValue: Sendable {
  /// A number over the steps.
  case scalar(Float)
  /// How many numbers lie in which range: upper ends of the ranges, and counts.
  case histogram(TensorBoardHistogram)
  /// A PNG picture.
  case image(width: Int, height: Int, channels: Int, png: [UInt8])
  /// The beginning of a run for the page HPARAMS: its options, and seconds since 1970.
  case sessionStart(options: [(key: String, value: TensorBoardOption)], time: Double)
  /// The end of a run for the page HPARAMS: whether it came to it, and seconds since 1970.
  case sessionEnd(isSuccess: Bool, time: Double)

  /// The tag that a beginning must have.
  package static let sessionStartTag = "_hparams_/session_start_info"
  /// The tag that an end must have.
  package static let sessionEndTag = "_hparams_/session_end_info"
}

/// What an option of a run can be.
package enum TensorBoardOption: Sendable, Equatable {
  case number(Double)
  case text(String)
  case flag(Bool)
}

/// A file of events as TensorBoard reads it: a row of TFRecords with a protocol buffer each.
///
/// The formats: tensorflow/core/lib/io/record_writer.h (records), event.proto and summary.proto
/// (messages), tensorboard/plugins/hparams/plugin_data.proto (options), and RFC 3720, appendix B.4
/// (CRC32C). A record that is cut off at the end, as by a
/// kill, is left out by readers.
package final class TensorBoardEvents {
  private let path: String
  private let descriptor: Int32

  /// Creates a file in `folder`, which must be there; its name begins as readers expect it.
  ///
  /// - Parameters:
  ///   - time: seconds since 1970, part of the name.
  ///   - firstStep: events of earlier files from this step on no longer hold.
  /// - Throws: `FileError`.
  package init(folder: String, time: Double, firstStep: Int) throws(FileError) {
    let path = "\(folder)/events.out.tfevents.\(Int(time)).\(getpid()).rowwise"
    self.path = path
    descriptor = SystemPath.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .cannotWrite(path: path, code: errno) }
    var version = Self.header(time: time, step: 0)
    version.string(3, "brain.Event:2")
    try write(version.bytes)
    guard firstStep > 0 else { return }
    var start = Self.header(time: time, step: firstStep)
    var session = ProtocolBuffer()
    session.varint(1, 1)
    start.message(7, session)
    try write(start.bytes)
  }

  deinit { _ = close(descriptor) }

  /// Adds values of one step.
  ///
  /// - Throws: `FileError`, such as where the disk is full.
  package func add(
    _ values: [(tag: String, value: TensorBoardValue)], step: Int, time: Double
  ) throws(FileError) {
    var summary = ProtocolBuffer()
    for (tag, value) in values {
      var item = ProtocolBuffer()
      item.string(1, tag)
      switch value {
      case .scalar(let number): item.float(2, number)
      case .histogram(let histogram): item.message(5, histogram.message)
      case .image(let width, let height, let channels, let png):
        var image = ProtocolBuffer()
        image.varint(1, UInt64(height))
        image.varint(2, UInt64(width))
        image.varint(3, UInt64(channels))
        image.bytes(4, png)
        item.message(4, image)
      case .sessionStart(let options, let time):
        item.message(9, Self.session(field: 3, Self.start(options, time: time)))
      case .sessionEnd(let isSuccess, let time):
        var end = ProtocolBuffer()
        end.varint(1, isSuccess ? 1 : 2)
        end.double(2, time)
        item.message(9, Self.session(field: 4, end))
      }
      summary.message(1, item)
    }
    var event = Self.header(time: time, step: step)
    event.message(5, summary)
    try write(event.bytes)
  }

  /// What the page HPARAMS reads: a summary's metadata with the plugin's name and data.
  private static func session(field: Int, _ info: ProtocolBuffer) -> ProtocolBuffer {
    var data = ProtocolBuffer()
    data.message(field, info)
    var plugin = ProtocolBuffer()
    plugin.string(1, "hparams")
    plugin.message(2, data)
    var metadata = ProtocolBuffer()
    metadata.message(1, plugin)
    return metadata
  }

  private static func start(
    _ options: [(key: String, value: TensorBoardOption)], time: Double
  ) -> ProtocolBuffer {
    var start = ProtocolBuffer()
    for (key, option) in options {
      var value = ProtocolBuffer()
      switch option {
      case .number(let number): value.double(2, number)
      case .text(let text): value.string(3, text)
      case .flag(let flag): value.varint(4, flag ? 1 : 0)
      }
      var entry = ProtocolBuffer()
      entry.string(1, key)
      entry.message(2, value)
      start.message(1, entry)
    }
    start.double(5, time)
    return start
  }

  private static func header(time: Double, step: Int) -> ProtocolBuffer {
    var event = ProtocolBuffer()
    event.double(1, time)
    event.varint(2, UInt64(step))
    return event
  }

  private func write(_ data: [UInt8]) throws(FileError) {
    var record = littleEndian(UInt64(data.count))
    record += littleEndian(CRC32C.masked(record))
    record += data
    record += littleEndian(CRC32C.masked(data))
    let code = unsafe record.withUnsafeBytes { unsafe AtomicFile.writeAll($0, to: descriptor) }
    guard code == 0 else { throw .cannotWrite(path: path, code: code) }
  }
}

/// Numbers counted in ranges.
package struct TensorBoardHistogram: Sendable, Equatable {
  private var minimum = Double.infinity
  private var maximum = -Double.infinity
  private var count = 0
  private var sum = 0.0
  private var squares = 0.0
  private var limits: [Double] = []
  private var counts: [Double] = []

  /// Counts numbers in `ranges` ranges of one width; those that are not finite are left out.
  package init(_ numbers: [Float], ranges: Int = 40) {
    for number in numbers where number.isFinite {
      let x = Double(number)
      minimum = min(minimum, x)
      maximum = max(maximum, x)
      count += 1
      sum += x
      squares += x * x
    }
    guard count > 0 else {
      (minimum, maximum) = (0, 0)
      return
    }
    let width = max((maximum - minimum) / Double(ranges), .leastNormalMagnitude)
    limits = (1...ranges).map { $0 == ranges ? maximum : minimum + width * Double($0) }
    counts = [Double](repeating: 0, count: ranges)
    for number in numbers where number.isFinite {
      let place = Int((Double(number) - minimum) / width)
      counts[min(max(place, 0), ranges - 1)] += 1
    }
  }

  fileprivate var message: ProtocolBuffer {
    var message = ProtocolBuffer()
    message.double(1, minimum)
    message.double(2, maximum)
    message.double(3, Double(count))
    message.double(4, sum)
    message.double(5, squares)
    message.doubles(6, limits)
    message.doubles(7, counts)
    return message
  }
}

/// The checksum of Castagnoli's polynomial.
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1
    }
  }

  /// Over some bytes.
  static func value(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
  }

  /// As records carry it: turned by 15 bits and shifted, for checksums of checksums are weak.
  static func masked(_ bytes: [UInt8]) -> UInt32 {
    let value = value(bytes)
    return (value >> 15 | value << 17) &+ 0xA282_EAD8
  }
}

private func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
  (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> Number($0 * 8)) }
}

/// Fields of a protocol buffer as they are written (protobuf.dev, "Encoding").
private struct ProtocolBuffer {
  private(set) var bytes: [UInt8] = []

  private mutating func raw(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func key(_ field: Int, _ kind: UInt64) { raw(UInt64(field) << 3 | kind) }

  mutating func varint(_ field: Int, _ value: UInt64) {
    key(field, 0)
    raw(value)
  }

  mutating func double(_ field: Int, _ value: Double) {
    key(field, 1)
    bytes += littleEndian(value.bitPattern)
  }

  mutating func float(_ field: Int, _ value: Float) {
    key(field, 5)
    bytes += littleEndian(value.bitPattern)
  }

  mutating func bytes(_ field: Int, _ value: [UInt8]) {
    key(field, 2)
    raw(UInt64(value.count))
    bytes += value
  }

  mutating func string(_ field: Int, _ value: String) { bytes(field, Array(value.utf8)) }

  mutating func message(_ field: Int, _ value: ProtocolBuffer) { bytes(field, value.bytes) }

  mutating func doubles(_ field: Int, _ values: [Double]) {
    bytes(field, values.flatMap { littleEndian($0.bitPattern) })
  }
}
