/// How the numbers of weight matrices are kept in a file. Eigenvalues always stay 32-bit floats: over a long
/// sequence a phase that is rounded turns away.
public enum WeightStorage: String, CaseIterable, Sendable {
  /// 32-bit floats: the weights themselves.
  case float32
  /// The upper half of a 32-bit float, rounded to nearest, ties to even.
  case bfloat16
  /// Whole numbers from −127 to 127 and one scale for every output unit; biases and peepholes
  /// [3, H] stay 32-bit floats.
  case int8
}

/// A matrix as whole numbers from −127 to 127, each channel with a scale: w ≈ scale · number.
///
/// Symmetric: the scale is the channel's largest magnitude / 127, so that zero stays zero.
package struct Int8Matrix: Sendable, Equatable {
  /// As many as the matrix has elements, in its order.
  package let numbers: [Int8]
  /// One for every channel; never zero.
  package let scales: [Float]

  /// - Parameters:
  ///   - values: [rows, columns], row-major.
  ///   - columns: row length.
  ///   - channelsAreRows: whether a channel is a row; else it is a column.
  package init(_ values: [Float], columns: Int, channelsAreRows: Bool) {
    let rows = columns == 0 ? 0 : values.count / columns
    var largest = [Float](repeating: 0, count: channelsAreRows ? rows : columns)
    for (index, value) in values.enumerated() {
      let channel = channelsAreRows ? index / columns : index % columns
      largest[channel] = max(largest[channel], abs(value))
    }
    // A channel of subnormal numbers has no usable scale: it becomes zero.
    let scales = largest.map { $0 / 127 >= .leastNormalMagnitude ? $0 / 127 : 1 }
    numbers = values.enumerated().map { index, value in
      let scale = scales[channelsAreRows ? index / columns : index % columns]
      return Int8(max(-127, min(127, (value / scale).rounded(.toNearestOrEven))))
    }
    self.scales = scales
  }

  /// The numbers times their scales; `columns` and `channelsAreRows` as above.
  package func values(columns: Int, channelsAreRows: Bool) -> [Float] {
    numbers.enumerated().map { index, number in
      Float(number) * scales[channelsAreRows ? index / columns : index % columns]
    }
  }
}

extension WeightStorage {
  /// Whether int8 storage applies: a matrix with inputs as rows, not one vector for each gate.
  ///
  /// - Parameters:
  ///   - name: the parameter's, as in model files.
  ///   - shape: in our layout.
  package static func isMatrix(_ name: String, shape: [Int]) -> Bool {
    shape.count == 2 && !(name.hasSuffix("peephole_weight") && shape[0] == 3)
      && !isExact(name)
  }

  /// Whether a parameter is never rounded.
  package static func isExact(_ name: String) -> Bool { name.hasSuffix("eigenvalues") }
}

/// The nearest number with 8 significant bits, ties to even; finite numbers only.
package func bfloat16(_ value: Float) -> Float {
  Float(bitPattern: bfloat16Bits(value) << 16)
}

/// The upper 16 bits of the rounded number.
package func bfloat16Bits(_ value: Float) -> UInt32 {
  let bits = value.bitPattern
  return (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16
}
