#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A tensor's sizes and numbers, checked against each other.
struct TensorValues: Equatable {
  /// The numbers, by kind.
  enum Numbers: Equatable {
    case floats([Float])
    case integers([Int])
  }

  var dimensions: [Int]
  var numbers: Numbers

  /// Elements.
  var count: Int {
    switch numbers {
    case .floats(let values): values.count
    case .integers(let values): values.count
    }
  }

  init(dimensions: [Int], numbers: Numbers) {
    self.dimensions = dimensions
    self.numbers = numbers
  }

  /// Reads a tensor of the file. What it allocates is in proportion to the bytes that are there.
  ///
  /// 16-bit floats are widened exactly; 64-bit floats are not read.
  ///
  /// - Throws: `ONNXExchangeError.invalidTensor`.
  init(_ tensor: ONNXTensor) throws(ONNXExchangeError) {
    func invalid(_ reason: String) -> ONNXExchangeError {
      .invalidTensor(name: tensor.name, reason: reason)
    }
    guard !ExternalTensors.isExternal(tensor) else {
      throw invalid("its numbers are in another file; read the model by its path")
    }
    guard tensor.dims.count <= 8 else { throw invalid("\(tensor.dims.count) dimensions") }
    var count = 1
    for dimension in tensor.dims {
      let (product, overflow) = count.multipliedReportingOverflow(by: Int(dimension))
      guard dimension >= 0, !overflow else { throw invalid("impossible size \(dimension)") }
      count = product
    }
    // Beside a size of zero others might be as large as one likes.
    guard count > 0 || tensor.dims == [0] else { throw invalid("no numbers") }
    dimensions = tensor.dims.map { Int($0) }
    numbers = try Self.numbers(of: tensor)
    guard self.count == count else {
      throw invalid("\(self.count) numbers where its sizes \(dimensions) need \(count)")
    }
  }

  private static func numbers(of tensor: ONNXTensor) throws(ONNXExchangeError) -> Numbers {
    let raw = [UInt8](tensor.rawData)
    func bits<Bits: FixedWidthInteger & UnsignedInteger>(
      _ type: Bits.Type
    ) throws(ONNXExchangeError) -> [Bits] {
      let width = Bits.bitWidth / 8
      guard raw.count % width == 0 else {
        throw .invalidTensor(
          name: tensor.name, reason: "\(raw.count) bytes, not a multiple of \(width)")
      }
      var result: [Bits] = []
      result.reserveCapacity(raw.count / width)
      var index = 0
      while index < raw.count {
        var value: Bits = 0
        for byte in 0..<width { value |= Bits(raw[index + byte]) << Bits(8 * byte) }
        result.append(value)
        index += width
      }
      return result
    }
    let isRaw = !raw.isEmpty
    switch ElementType(rawValue: tensor.dataType) {
    case .float:
      return .floats(
        isRaw ? try bits(UInt32.self).map { Float(bitPattern: $0) } : tensor.floatData)
    case .float16:
      let halves =
        isRaw ? try bits(UInt16.self) : tensor.int32Data.map { UInt16(truncatingIfNeeded: $0) }
      return .floats(halves.map { widened(half: $0) })
    case .bfloat16:
      let halves =
        isRaw ? try bits(UInt16.self) : tensor.int32Data.map { UInt16(truncatingIfNeeded: $0) }
      return .floats(halves.map { Float(bitPattern: UInt32($0) << 16) })
    case .int64:
      return .integers(
        isRaw
          ? try bits(UInt64.self).map { Int(Int64(bitPattern: $0)) }
          : tensor.int64Data.map { Int($0) })
    case .int32:
      return .integers(
        isRaw
          ? try bits(UInt32.self).map { Int(Int32(bitPattern: $0)) }
          : tensor.int32Data.map { Int($0) })
    case .int8:
      return .integers(
        isRaw ? raw.map { Int(Int8(bitPattern: $0)) } : tensor.int32Data.map { Int($0) })
    case .uint8, .bool:
      return .integers(isRaw ? raw.map { Int($0) } : tensor.int32Data.map { Int($0) })
    case .double, nil:
      throw .invalidTensor(
        name: tensor.name,
        reason: "numbers of ONNX's type \(tensor.dataType); expected 32-bit floats or integers")
    }
  }

  /// An IEEE 754 binary16, widened. By hand, because Intel Macs have no `Float16`.
  private static func widened(half bits: UInt16) -> Float {
    let sign: Float = bits >> 15 == 0 ? 1 : -1
    let fraction = Float(bits & 0x3FF)
    switch Int(bits >> 10 & 0x1F) {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    case let exponent:
      return sign * Float(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
    }
  }
}
