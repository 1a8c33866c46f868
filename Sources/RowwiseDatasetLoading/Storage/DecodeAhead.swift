import RowwiseWorkers
import Synchronization

/// Decodes image files in the background, before they are asked for.
///
/// What is not ready when asked for is decoded by whoever asks: nobody ever waits for a queue.
final class DecodeAhead: Sendable {
  private struct State {
    /// Requested and not begun, oldest first; those before `next` are done with.
    var queue: [Int] = []
    var next = 0
    /// Requested and not begun.
    var waiting: Set<Int> = []
    /// Decoded and not taken.
    var ready: [Int: DecodedSample] = [:]
    /// Being decoded, and whether somebody else has decoded it in the meantime.
    var begun: [Int: Bool] = [:]
    var workers = 0
  }

  /// The most bytes of samples that are ready, waiting or begun; further requests are dropped.
  static let mostBytes = 256 << 20

  private let state = Mutex(State())
  private let paths: [String]
  private let decoder: SampleDecoder
  private let threads: Int

  init(paths: [String], decoder: SampleDecoder, threads: Int) {
    self.paths = paths
    self.decoder = decoder
    self.threads = threads
  }

  /// Begins to decode files, in this order.
  func request(_ indices: [Int]) {
    let most = max(1, DecodeAhead.mostBytes / decoder.preprocessing.byteCount)
    let starting = state.withLock { state in
      let isIdle = state.waiting.isEmpty && state.begun.isEmpty
      if isIdle, state.ready.count + indices.count > most {
        // Decoded once and never taken, as when an epoch was broken off.
        let wanted = Set(indices)
        state.ready = state.ready.filter { wanted.contains($0.key) }
      }
      for index in indices {
        guard state.waiting.count + state.ready.count + state.begun.count < most else { break }
        if state.ready[index] != nil || state.begun[index] != nil { continue }
        if state.waiting.insert(index).inserted { state.queue.append(index) }
      }
      let starting = min(threads - state.workers, state.waiting.count)
      state.workers += max(0, starting)
      return starting
    }
    for _ in 0..<max(0, starting) {
      guard let thread = SystemThread({ [self] in while decodeNext() {} }) else {
        // What nobody decodes ahead is decoded when it is asked for.
        state.withLock { $0.workers -= 1 }
        continue
      }
      thread.detach()
    }
  }

  /// The pixels of a file: from the background where they are ready, decoded here where not.
  func take(_ index: Int) -> DecodedSample {
    let ready: DecodedSample? = state.withLock { state in
      if let outcome = state.ready.removeValue(forKey: index) { return outcome }
      state.waiting.remove(index)
      if state.begun[index] != nil { state.begun[index] = true }
      return nil
    }
    return ready ?? decoder.sample(ofFile: paths[index])
  }

  /// Decodes the next file that waits; false where there is none, and the worker ends.
  private func decodeNext() -> Bool {
    let index: Int? = state.withLock { state in
      while state.next < state.queue.count {
        let index = state.queue[state.next]
        state.next += 1
        if state.waiting.remove(index) != nil {
          state.begun[index] = false
          return index
        }
      }
      state.queue.removeAll(keepingCapacity: true)
      state.next = 0
      state.workers -= 1
      return nil
    }
    guard let index else { return false }
    let outcome = decoder.sample(ofFile: paths[index])
    state.withLock { state in
      if state.begun.removeValue(forKey: index) == false { state.ready[index] = outcome }
    }
    return true
  }
}
