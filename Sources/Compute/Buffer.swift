/// Memory of one number type at a fixed address, aligned to cache lines, zero at first.
///
/// Grows, never shrinks, so that a steady state allocates nothing.
public final class Buffer<Scalar: ComputeScalar>: @unchecked Sendable {
  // SAFETY: the object only owns the memory. Who may touch which part when is the caller's to
  // arrange, as with any memory shared by the tasks of a job.

  /// The first element.
  public private(set) var start: UnsafeMutablePointer<Scalar>
  /// Elements.
  public private(set) var count: Int

  /// Allocates `count` zeros.
  public init(_ count: Int = 0) {
    precondition(count >= 0, "a buffer cannot have \(count) elements")
    self.count = count
    start = Self.allocate(count)
  }

  deinit { start.deallocate() }

  /// Makes room for `count` elements; when it has to grow, the contents become zero.
  public func reserve(_ count: Int) {
    guard count > self.count else { return }
    start.deallocate()
    start = Self.allocate(count)
    self.count = count
  }

  /// Sets every element to zero.
  public func clear() { start.update(repeating: 0, count: count) }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<Scalar> {
    let capacity = max(count, 1)
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: capacity * MemoryLayout<Scalar>.stride, alignment: 64)
    let typed = raw.bindMemory(to: Scalar.self, capacity: capacity)
    typed.initialize(repeating: 0, count: capacity)
    return typed
  }
}
