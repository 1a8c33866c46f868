import RowwiseSystem

/// Memory of one number type at a fixed address, aligned to cache lines, zero at first.
///
/// Grows, never shrinks, so that a steady state allocates nothing.
public final class Buffer<Scalar: ComputeScalar>: @unchecked Sendable {
  // SAFETY: the object only owns the memory. Who may touch which part when is the caller's to
  // arrange, as with any memory shared by the tasks of a job; see `BufferTests`, and for layers
  // `SharedNetworkTests`.

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
  public func clear() { start.clear(count) }

  private static var cacheLine: Int { 64 }
  private static var hugePage: Int { 2 << 20 }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<Scalar> {
    let capacity = max(count, 1)
    let size = capacity * MemoryLayout<Scalar>.stride
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: size, alignment: size < hugePage ? cacheLine : hugePage)
    #if os(Linux)
      // Where large pages are for those who ask: a batch's activations are many megabytes, and
      // looking up 4 KiB pages cost some percent of a training step. Only advice, so it may fail.
      if size >= hugePage { madvise(raw, size, MADV_HUGEPAGE) }
    #endif
    let typed = raw.bindMemory(to: Scalar.self, capacity: capacity)
    typed.clear(capacity)
    return typed
  }
}

extension UnsafeMutablePointer where Pointee: ComputeScalar {
  /// Sets elements to zero, as bytes: element by element unspecialized code would be slow.
  package func clear(_ count: Int) {
    memset(self, 0, count * MemoryLayout<Pointee>.stride)
  }
}
