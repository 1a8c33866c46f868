/// Bytes that have arrived and are not used up yet.
struct InputBuffer {
  private var storage: [UInt8]
  private var start = 0
  private var end: Int
  /// Whether no bytes follow those in the buffer.
  private(set) var isFinal: Bool
  /// All bytes that have arrived, used up or not.
  private(set) var total: Int

  /// A buffer that waits for bytes.
  init() {
    storage = []
    end = 0
    total = 0
    isFinal = false
  }

  /// A buffer that holds everything already.
  init(all bytes: [UInt8]) {
    storage = bytes
    end = bytes.count
    total = end
    isFinal = true
  }

  /// Unread bytes.
  var count: Int { end - start }

  /// Byte `offset` of the unread ones.
  subscript(offset: Int) -> UInt8 { storage[start + offset] }

  /// The first unread bytes, at most `limit`.
  func prefix(_ limit: Int) -> ArraySlice<UInt8> {
    storage[start..<start + min(limit, count)]
  }

  /// Marks the first `used` unread bytes as used up.
  mutating func consume(_ used: Int) {
    precondition(used <= count, "consumed \(used) of \(count) bytes")
    start += used
  }

  /// Says that no bytes follow.
  mutating func finish() { isFinal = true }

  /// Runs `body` on the unread bytes; the pointer must not leave it.
  func withUnread<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    storage.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[start..<end])) }
  }

  /// Makes room for all of `count` bytes that are still to come, so that it need not grow by doubling.
  mutating func reserve(_ count: Int) {
    let size = end + count
    guard count > 0, storage.count < size else { return }
    storage.reserveCapacity(size)
    storage.append(contentsOf: repeatElement(0, count: size - storage.count))
  }

  /// Makes room for `capacity` bytes behind the unread ones, has `fill` write there and takes as
  /// many as it says.
  mutating func append<Failure: Error>(
    capacity: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>) throws(Failure) -> Int
  ) throws(Failure) {
    if storage.isEmpty {
      // The first bytes, often all of them, go into memory that nobody has filled before.
      var failure: Failure?
      storage = [UInt8](unsafeUninitializedCapacity: capacity) { room, count in
        do throws(Failure) {
          count = try fill(UnsafeMutableBufferPointer(rebasing: room[..<capacity]))
        } catch {
          failure = error
        }
        precondition(count <= capacity, "filled \(count) of \(capacity) bytes")
      }
      if let failure { throw failure }
      end = storage.count
      total += end
      return
    }
    if storage.count - end < capacity {
      if start > 0 {
        let (first, unread) = (start, count)
        storage.withUnsafeMutableBufferPointer { bytes in
          guard let base = bytes.baseAddress else { return }
          base.update(from: base + first, count: unread)
        }
        (start, end) = (0, unread)
      }
      if storage.count - end < capacity {
        let size = max(end + capacity, storage.count * 2)
        storage.append(contentsOf: repeatElement(0, count: size - storage.count))
      }
    }
    let place = end
    let added = try storage.withUnsafeMutableBufferPointer { bytes throws(Failure) in
      try fill(UnsafeMutableBufferPointer(rebasing: bytes[place..<place + capacity]))
    }
    precondition(added <= capacity, "filled \(added) of \(capacity) bytes")
    end += added
    total += added
  }
}
