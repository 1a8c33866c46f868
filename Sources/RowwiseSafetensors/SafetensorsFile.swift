/// Named tensors and a map of strings, as the safetensors format keeps them in one file.
///
/// The format: 8 bytes with the header's length (little-endian), a JSON object as the header,
/// then the tensors' bytes without gaps. Its description is the README of
/// https://github.com/huggingface/safetensors. Every value that can be made is one that the
/// format allows: names differ, and every tensor has as many bytes as its shape needs.
public struct SafetensorsFile: Sendable, Equatable {
  /// The tensors in the order of their bytes in the file.
  public let tensors: [Tensor]
  /// The strings stored under the header's key `__metadata__`.
  public let metadata: [String: String]

  /// Position in `tensors` by name.
  let positions: [String: Int]

  /// The key of the header under which the strings are stored; no tensor may have this name.
  static let metadataKey = "__metadata__"

  /// Puts tensors and strings together.
  ///
  /// - Parameters:
  ///   - tensors: in any order; kept in the order that the reference implementation writes: wide
  ///     element types first, so that each tensor is aligned, then by name.
  ///   - metadata: any strings.
  /// - Throws: `SafetensorsError.duplicateName`, also where a tensor is called `__metadata__`.
  public init(tensors: [Tensor], metadata: [String: String] = [:]) throws(SafetensorsError) {
    let sorted = tensors.sorted { left, right in
      left.elementType == right.elementType
        ? left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        : left.elementType.writingRank < right.elementType.writingRank
    }
    try self.init(inFileOrder: sorted, metadata: metadata)
  }

  /// Puts tensors together in exactly the order given.
  init(inFileOrder tensors: [Tensor], metadata: [String: String]) throws(SafetensorsError) {
    var positions: [String: Int] = [:]
    positions.reserveCapacity(tensors.count)
    for (position, tensor) in tensors.enumerated() {
      guard tensor.name != Self.metadataKey,
        positions.updateValue(position, forKey: tensor.name) == nil
      else { throw .duplicateName(tensor.name) }
    }
    self.tensors = tensors
    self.metadata = metadata
    self.positions = positions
  }

  /// The tensor of this name.
  ///
  /// - Throws: `SafetensorsError.missingTensor`.
  public func tensor(named name: String) throws(SafetensorsError) -> Tensor {
    guard let position = positions[name] else { throw .missingTensor(name) }
    return tensors[position]
  }
}

extension SafetensorsFile {
  /// How a tensor's elements are stored, named as in the format.
  public enum ElementType: String, Sendable, CaseIterable {
    /// Unsigned integers of 8 bytes.
    case uint64 = "U64"
    /// Signed integers of 8 bytes.
    case int64 = "I64"
    /// IEEE 754 binary64.
    case float64 = "F64"
    /// IEEE 754 binary32.
    case float32 = "F32"
    /// Unsigned integers of 4 bytes.
    case uint32 = "U32"
    /// Signed integers of 4 bytes.
    case int32 = "I32"
    /// The upper half of an IEEE 754 binary32.
    case bfloat16 = "BF16"
    /// IEEE 754 binary16.
    case float16 = "F16"
    /// Unsigned integers of 2 bytes.
    case uint16 = "U16"
    /// Signed integers of 2 bytes.
    case int16 = "I16"
    /// Signed bytes.
    case int8 = "I8"
    /// Bytes.
    case uint8 = "U8"
    /// One byte each, 0 or 1.
    case bool = "BOOL"

    /// Bytes of one element.
    public var byteCount: Int {
      switch self {
      case .uint64, .int64, .float64: 8
      case .float32, .uint32, .int32: 4
      case .bfloat16, .float16, .uint16, .int16: 2
      case .int8, .uint8, .bool: 1
      }
    }

    /// Position in the order in which the reference implementation writes: the order of the cases.
    var writingRank: Int {
      Self.allCases.firstIndex(of: self) ?? Self.allCases.count
    }

    /// All names, for messages.
    static var allNames: String {
      allCases.map(\.rawValue).joined(separator: ", ")
    }
  }
}
