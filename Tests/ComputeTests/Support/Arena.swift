import Foundation
import RowwiseCompute
import RowwiseKernelInterface

/// Memory for one run of kernels: each array misaligned as asked and fenced by sentinels, so that a
/// write outside it is found. Or each array ends where memory ends, so that the process stops at
/// whatever reads or writes behind it.
final class Arena<Scalar: ComputeScalar> {
  private struct Block {
    var start: UnsafeMutableRawPointer
    /// Bytes from there on that are mapped by themselves; nil for allocated memory.
    var mapped: Int?
    var elements: UnsafeMutablePointer<Scalar>
    var count: Int
  }

  private static var fence: Int { 32 }
  private static var sentinel: Scalar { -12345.25 }
  private var blocks: [Block] = []
  private let misalignment: Int
  private let endsWithMemory: Bool

  /// Arrays start `misalignment` elements after a multiple of 64 bytes, or end before a page that
  /// nobody may touch.
  init(misalignment: Int, endsWithMemory: Bool = false) {
    self.misalignment = misalignment
    self.endsWithMemory = endsWithMemory
  }

  deinit {
    for block in blocks {
      if let size = block.mapped { munmap(block.start, size) } else { block.start.deallocate() }
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
    if endsWithMemory { return lastArray(count: count, repeating: value) }
    let total = count + 2 * Self.fence + misalignment
    let start = UnsafeMutableRawPointer.allocate(
      byteCount: total * MemoryLayout<Scalar>.stride, alignment: 64)
    let all = start.bindMemory(to: Scalar.self, capacity: total)
    all.initialize(repeating: Self.sentinel, count: total)
    let elements = all + Self.fence + misalignment
    elements.update(repeating: value, count: count)
    blocks.append(Block(start: start, mapped: nil, elements: elements, count: count))
    return elements
  }

  /// An array behind which no memory is.
  private func lastArray(count: Int, repeating value: Scalar) -> UnsafeMutablePointer<Scalar> {
    let page = Int(getpagesize())
    let size = (Self.fence + count) * MemoryLayout<Scalar>.stride
    let pages = (size + page - 1) / page * page
    let start = mmap(nil, pages + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let start, start != MAP_FAILED, mprotect(start + pages, page, PROT_NONE) == 0 else {
      fatalError("no memory for an array of \(count) elements")
    }
    let all = (start + pages - size).bindMemory(to: Scalar.self, capacity: Self.fence + count)
    all.initialize(repeating: Self.sentinel, count: Self.fence)
    let elements = all + Self.fence
    elements.initialize(repeating: value, count: count)
    blocks.append(Block(start: start, mapped: pages + page, elements: elements, count: count))
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
          && (block.mapped != nil || block.elements[block.count + $0 - 1] == Self.sentinel)
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
