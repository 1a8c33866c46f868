import RowwiseFiles

/// A hash of a data set's samples, by which a model remembers what it was trained on.
///
/// XXH64 over the shape, the class names, and of each sample in order the label and the pixels as
/// the model reads them: the same pictures in IDX and in PNG files have the same fingerprint. It
/// tells different data apart, but is no protection against forgery.
public struct DataFingerprint: Sendable, Equatable, Hashable, CustomStringConvertible {
  /// The hash.
  public let value: UInt64

  /// `xxh64:` and 16 hexadecimal digits.
  public var description: String { XXHash64.text(value) }

  /// The hash of samples only, which grows while they are decoded.
  struct Samples: Sendable {
    fileprivate(set) var count = 0
    fileprivate var hash = XXHash64()

    mutating func add(label: Int32, pixels: [UInt8]) {
      pixels.withUnsafeBytes { add(label: label, pixels: $0) }
    }

    mutating func add(label: Int32, pixels: UnsafeRawBufferPointer) {
      count += 1
      withUnsafeBytes(of: label.littleEndian) { hash.update($0) }
      hash.update(pixels)
    }
  }

  /// Of all samples of a set.
  init(samples: Samples, shape: NativeShape, classNames: [String]) {
    var hash = XXHash64()
    for number in [samples.count, shape.width, shape.height, shape.color.channels] {
      hash.update(number)
    }
    hash.update(classNames.count)
    for name in classNames {
      hash.update(name.utf8.count)
      hash.update(name)
    }
    hash.update(Int(bitPattern: UInt(samples.hash.value)))
    value = hash.value
  }

  /// Of some samples of a set, by their numbers in it.
  init(of whole: DataFingerprint, indices: [Int]) {
    var hash = XXHash64()
    hash.update(Int(bitPattern: UInt(whole.value)))
    hash.update(indices.count)
    for index in indices { hash.update(index) }
    value = hash.value
  }
}
