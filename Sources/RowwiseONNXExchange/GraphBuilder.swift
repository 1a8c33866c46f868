import RowwiseSafetensors
import RowwiseWeightExchange
import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Collects the nodes and initializers of a graph.
///
/// Values are named by whoever adds them; a node has the name of its first output that has one.
struct GraphBuilder {
  private(set) var graph = ONNXGraph()
  private(set) var weights: [StoredWeight] = []
  private let storage: WeightStorage

  /// - Parameter storage: how weight matrices are kept.
  init(storage: WeightStorage) { self.storage = storage }

  /// Adds a node and gives back the name of its first output.
  @discardableResult
  mutating func add(
    _ type: String, _ inputs: [String], to outputs: String..., attributes: [ONNXAttribute] = []
  ) -> String {
    add(type, inputs, outputs: outputs, attributes: attributes)
    return outputs[0]
  }

  /// Adds a node with a list of outputs.
  mutating func add(
    _ type: String, _ inputs: [String], outputs: [String], attributes: [ONNXAttribute]
  ) {
    graph.node.append(
      ONNXNode.with {
        $0.name = outputs.first { !$0.isEmpty } ?? ""
        $0.opType = type
        $0.input = inputs
        $0.output = outputs
        $0.attribute = attributes
      })
  }

  /// Adds a constant list, or with `isScalar` a single number, of 64-bit integers.
  mutating func integers(_ name: String, _ values: [Int], isScalar: Bool = false) -> String {
    graph.initializer.append(
      ONNXTensor.with {
        $0.name = name
        $0.dataType = ElementType.int64.rawValue
        $0.dims = isScalar ? [] : [Int64(values.count)]
        $0.rawData = littleEndianData(values.map { UInt64(bitPattern: Int64($0)) })
      })
    return name
  }

  /// Adds a constant of a single 32-bit float.
  mutating func float(_ name: String, _ value: Float) -> String {
    graph.initializer.append(
      ONNXTensor.with {
        $0.name = name
        $0.dataType = ElementType.float.rawValue
        $0.rawData = littleEndianData([value.bitPattern])
      })
    return name
  }

  /// Adds a constant of 64-bit floats.
  mutating func doubles(_ name: String, dimensions: [Int], _ values: [Double]) -> String {
    graph.initializer.append(
      ONNXTensor.with {
        $0.name = name
        $0.dataType = ElementType.double.rawValue
        $0.dims = dimensions.map { Int64($0) }
        $0.rawData = littleEndianData(values.map(\.bitPattern))
      })
    return name
  }

  /// Adds weights: initializers without numbers, and the nodes that widen what is not stored as
  /// 32-bit floats.
  ///
  /// - Parameters:
  ///   - name: of the 32-bit float value.
  ///   - dimensions: of the value.
  ///   - parts: what it is put together from; together as many numbers as it has.
  ///   - isMatrix: whether the array may be stored as int8: of it [rows, columns] with rows of the
  ///     last dimension's length.
  ///   - isExact: whether the numbers stay 32-bit floats however others are stored.
  ///   - channelsAreRows: whether each row of such a matrix has a scale; else each column.
  mutating func weight(
    _ name: String, dimensions: [Int], _ parts: [StoredWeight.Part], isMatrix: Bool,
    isExact: Bool = false, channelsAreRows: Bool = true
  ) -> String {
    var stored = StoredWeight(
      name: name, dimensions: dimensions, parts: parts, place: graph.initializer.count,
      scalePlace: nil, channelsAreRows: channelsAreRows)
    switch isExact ? .float32 : storage {
    case .float32:
      addPlace(name, .float, dimensions)
    case .bfloat16:
      addPlace("\(name).bfloat16", .bfloat16, dimensions)
      add(
        "Cast", ["\(name).bfloat16"], to: name,
        attributes: [.int("to", Int(ElementType.float.rawValue))])
    case .int8 where isMatrix:
      let columns = dimensions[dimensions.count - 1]
      let rows = dimensions.dropLast().reduce(1, *)
      stored.dimensions = [rows, columns]
      stored.scalePlace = stored.place + 1
      addPlace("\(name).int8", .int8, [rows, columns])
      addPlace("\(name).scale", .float, [channelsAreRows ? rows : columns])
      // Widened in three dimensions: of two, ONNX Runtime would make a product of its own, which
      // rounds the other factor as well.
      if dimensions.count == 2 { graph.initializer[stored.place].dims.append(1) }
      add(
        "DequantizeLinear", ["\(name).int8", "\(name).scale"], to: "\(name).flat",
        attributes: [.int("axis", channelsAreRows ? 0 : 1)])
      add("Reshape", ["\(name).flat", integers("\(name).shape", dimensions)], to: name)
    case .int8:
      addPlace(name, .float, dimensions)
    }
    weights.append(stored)
    return name
  }

  private mutating func addPlace(_ name: String, _ type: ElementType, _ dimensions: [Int]) {
    graph.initializer.append(
      ONNXTensor.with {
        $0.name = name
        $0.dataType = type.rawValue
        $0.dims = dimensions.map { Int64($0) }
      })
  }

  /// Names the graph's input.
  mutating func input(_ name: String, _ type: ElementType, _ dimensions: [Dimension]) {
    graph.input.append(.named(name, type, dimensions))
  }

  /// Names one of the graph's outputs.
  mutating func output(_ name: String, _ type: ElementType, _ dimensions: [Dimension]) {
    graph.output.append(.named(name, type, dimensions))
  }

  /// Names the graph.
  mutating func name(_ name: String) { graph.name = name }

  /// The graph with the numbers of `network` in the places of the weights.
  func filled(from network: NetworkWeights) -> ONNXGraph {
    var result = graph
    for weight in weights {
      let values = weight.parts.flatMap { part in
        switch part {
        case .parameter(let name, let map): map.theirs(network[name])
        case .zeros(let count): [Float](repeating: 0, count: count)
        }
      }
      if let scalePlace = weight.scalePlace {
        let matrix = Int8Matrix(
          values, columns: weight.dimensions[1], channelsAreRows: weight.channelsAreRows)
        result.initializer[weight.place].rawData = Data(
          matrix.numbers.map { UInt8(bitPattern: $0) })
        result.initializer[scalePlace].rawData = littleEndianData(
          matrix.scales.map(\.bitPattern))
      } else if graph.initializer[weight.place].dataType == ElementType.bfloat16.rawValue {
        result.initializer[weight.place].rawData = littleEndianData(
          values.map { UInt16(truncatingIfNeeded: bfloat16Bits($0)) })
      } else {
        result.initializer[weight.place].rawData = littleEndianData(values.map(\.bitPattern))
      }
    }
    return result
  }
}

/// Unsigned numbers, the lowest byte first.
func littleEndianData<Bits: FixedWidthInteger & UnsignedInteger>(_ values: [Bits]) -> Data {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(values.count * Bits.bitWidth / 8)
  for value in values {
    for byte in 0..<Bits.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: value >> Bits(8 * byte)))
    }
  }
  return Data(bytes)
}
