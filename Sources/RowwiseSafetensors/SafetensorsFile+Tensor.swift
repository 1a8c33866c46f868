extension SafetensorsFile {
  /// One tensor: a name, a shape and its elements' bytes.
  public struct Tensor: Sendable, Equatable {
    /// Unique in its file.
    public let name: String
    /// How the elements are stored.
    public let elementType: ElementType
    /// The dimensions, the slowest first; empty for a single value.
    public let shape: [Int]
    /// The elements, little-endian, the last dimension's next to each other.
    public let bytes: ArraySlice<UInt8>

    /// The most dimensions that are accepted.
    static let maximumRank = 32

    /// Wraps bytes that are in the format's order already.
    ///
    /// - Parameters:
    ///   - name: any name but `__metadata__`.
    ///   - shape: dimensions of 0 or more, at most 32 of them.
    ///   - bytes: as many as shape and type need.
    /// - Throws: `SafetensorsError.invalidShape` or `.wrongByteCount`.
    public init(
      name: String, elementType: ElementType, shape: [Int], bytes: ArraySlice<UInt8>
    ) throws(SafetensorsError) {
      let expected = try Self.byteCount(of: elementType, shape: shape, name: name)
      guard bytes.count == expected else {
        throw .wrongByteCount(tensor: name, expected: expected, received: bytes.count)
      }
      self.name = name
      self.elementType = elementType
      self.shape = shape
      self.bytes = bytes
    }

    /// Bytes that a tensor takes.
    ///
    /// - Throws: `SafetensorsError.invalidShape` where the shape has a negative dimension, more
    ///   dimensions than allowed or a byte count beyond `Int`.
    static func byteCount(
      of elementType: ElementType, shape: [Int], name: String
    ) throws(SafetensorsError) -> Int {
      guard shape.count <= maximumRank, shape.allSatisfy({ $0 >= 0 }) else {
        throw .invalidShape(tensor: name, shape: shape)
      }
      var count = elementType.byteCount
      for dimension in shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
        guard !overflow else { throw .invalidShape(tensor: name, shape: shape) }
        count = product
      }
      return count
    }
  }
}

extension SafetensorsFile.Tensor {
  /// Stores single-precision values as `F32`.
  ///
  /// - Throws: `SafetensorsError.invalidShape` or `.wrongByteCount` where shape and values differ.
  public init(name: String, shape: [Int], values: [Float]) throws(SafetensorsError) {
    try self.init(
      name: name, elementType: .float32, shape: shape,
      bytes: littleEndianBytes(values, of: \.bitPattern))
  }

  /// Stores double-precision values as `F64`.
  ///
  /// - Throws: `SafetensorsError.invalidShape` or `.wrongByteCount` where shape and values differ.
  public init(name: String, shape: [Int], values: [Double]) throws(SafetensorsError) {
    try self.init(
      name: name, elementType: .float64, shape: shape,
      bytes: littleEndianBytes(values, of: \.bitPattern))
  }

  /// The values of an `F32` tensor, or those of a `BF16` or `F16` one, widened exactly.
  ///
  /// - Throws: `SafetensorsError.wrongElementType` for every other type: nothing is rounded.
  public func floats() throws(SafetensorsError) -> [Float] {
    switch elementType {
    case .float32:
      return values(of: UInt32.self) { Float(bitPattern: $0) }
    case .bfloat16:
      return values(of: UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .float16:
      return values(of: UInt16.self, Self.float(fromHalf:))
    default:
      throw .wrongElementType(tensor: name, expected: "F32", received: elementType.rawValue)
    }
  }

  /// The values of an `F64` tensor.
  ///
  /// - Throws: `SafetensorsError.wrongElementType` for every other type.
  public func doubles() throws(SafetensorsError) -> [Double] {
    guard elementType == .float64 else {
      throw .wrongElementType(tensor: name, expected: "F64", received: elementType.rawValue)
    }
    return values(of: UInt64.self) { Double(bitPattern: $0) }
  }

  private func values<Bits: FixedWidthInteger & UnsignedInteger, Value>(
    of type: Bits.Type, _ value: (Bits) -> Value
  ) -> [Value] {
    let width = Bits.bitWidth / 8
    let span = bytes.span
    var result: [Value] = []
    result.reserveCapacity(span.count / width)
    var index = 0
    while index < span.count {
      var bits: Bits = 0
      for byte in 0..<width {
        bits |= Bits(truncatingIfNeeded: span[index + byte]) << Bits(8 * byte)
      }
      result.append(value(bits))
      index += width
    }
    return result
  }

  /// An IEEE 754 binary16, widened. By hand, because Intel Macs have no `Float16`.
  static func float(fromHalf bits: UInt16) -> Float {
    let sign: Float = bits >> 15 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Float(bits & 0x3FF)
    switch exponent {
    case 0:
      return sign * fraction * 0x1p-24
    case 31:
      let signBit = UInt32(bits >> 15) << 31
      return Float(bitPattern: signBit | 0x7F80_0000 | UInt32(bits & 0x3FF) << 13)
    default:
      return sign * Float(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
    }
  }
}

/// The bit patterns of values, the lowest byte first.
private func littleEndianBytes<Value, Bits: FixedWidthInteger & UnsignedInteger>(
  _ values: [Value], of bits: (Value) -> Bits
) -> ArraySlice<UInt8> {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(values.count * Bits.bitWidth / 8)
  for value in values {
    var rest = bits(value)
    for _ in 0..<Bits.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }
  return bytes[...]
}
