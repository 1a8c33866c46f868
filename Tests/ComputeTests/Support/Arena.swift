import Compute
import KernelInterface

/// Memory for one run of kernels: each array misaligned as asked and fenced by sentinels, so that a
/// write outside it is found.
final class Arena<Scalar: ComputeScalar> {
  private struct Block {
    var start: UnsafeMutableRawPointer
    var elements: UnsafeMutablePointer<Scalar>
    var count: Int
  }

  private static var fence: Int { 32 }
  private static var sentinel: Scalar { -12345.25 }
  private var blocks: [Block] = []
  private let misalignment: Int

  /// Arrays start `misalignment` elements after a multiple of 64 bytes.
  init(misalignment: Int) {
    self.misalignment = misalignment
  }

  deinit {
    for block in blocks {
      block.start.deallocate()
    }
  }

  /// An array holding `values`.
  func array(_ values: [Double]) -> UnsafeMutablePointer<Scalar> {
    let pointer = array(count: values.count, repeating: 0)
    for (index, value) in values.enumerated() {
      pointer[index] = Scalar(value)
    }
    return pointer
  }

  /// An array of `count` equal elements; NaN by default, to find what is read before it is written.
  func array(count: Int, repeating value: Scalar = .nan) -> UnsafeMutablePointer<Scalar> {
    let total = count + 2 * Self.fence + misalignment
    let start = UnsafeMutableRawPointer.allocate(
      byteCount: total * MemoryLayout<Scalar>.stride, alignment: 64)
    let all = start.bindMemory(to: Scalar.self, capacity: total)
    all.initialize(repeating: Self.sentinel, count: total)
    let elements = all + Self.fence + misalignment
    elements.update(repeating: value, count: count)
    blocks.append(Block(start: start, elements: elements, count: count))
    return elements
  }

  /// An array of rows, `width` values each, `stride` apart, with `filler` between them.
  func rows(_ values: [Double], width: Int, stride: Int, filler: Scalar)
    -> UnsafeMutablePointer<Scalar>
  {
    let rows = values.count / width
    let pointer = array(count: rows * stride, repeating: filler)
    for row in 0..<rows {
      for column in 0..<width {
        pointer[row * stride + column] = Scalar(values[row * width + column])
      }
    }
    return pointer
  }

  /// Whether every fence still stands. Call it last: it also keeps the memory alive until then.
  func isIntact() -> Bool {
    blocks.allSatisfy { block in
      (1...Self.fence).allSatisfy {
        block.elements[-$0] == Self.sentinel
          && block.elements[block.count + $0 - 1] == Self.sentinel
      }
    }
  }
}

/// `count` elements as Double.
func values<Scalar: ComputeScalar>(_ pointer: UnsafePointer<Scalar>, count: Int) -> [Double] {
  (0..<count).map { Double(pointer[$0]) }
}

/// Rows of `width` elements, `stride` apart, as Double.
func values<Scalar: ComputeScalar>(
  _ pointer: UnsafePointer<Scalar>, rows: Int, width: Int, stride: Int
) -> [Double] {
  var result: [Double] = []
  result.reserveCapacity(rows * width)
  for row in 0..<rows {
    for column in 0..<width {
      result.append(Double(pointer[row * stride + column]))
    }
  }
  return result
}
