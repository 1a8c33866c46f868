import RowwiseFiles
import RowwiseWorkers

/// Samples that have the pixels, as a network reads them, of an earlier one.
package struct SampleRepeats: Sendable, Equatable {
  /// A sample and the first one with its pixels.
  package struct Pair: Sendable, Equatable {
    package let sample: Int
    package let first: Int
  }

  /// With the first one's label, in their order.
  package private(set) var duplicates: [Pair] = []
  /// With another label, in their order.
  package private(set) var contradictions: [Pair] = []

  fileprivate mutating func add(_ pair: Pair, sameLabel: Bool) {
    if sameLabel { duplicates.append(pair) } else { contradictions.append(pair) }
  }
}

extension ImageDataset {
  /// Samples that are all of one colour, but for a level of rounding; nil as of `repeats`.
  ///
  /// - Throws: `imageLost`.
  package func constants(threads: Int?) throws(DatasetError) -> [Int]? {
    guard isResident else { return nil }
    let measures = try measures(of: Array(0..<count), threads: threads)
    return measures.indices.filter { measures[$0].isConstant }
  }

  /// Finds samples with the same pixels; nil where samples are decoded anew each time they are asked
  /// for, which would take as long as a pass of training.
  ///
  /// - Throws: `imageLost`.
  package func repeats(threads: Int?) throws(DatasetError) -> SampleRepeats? {
    guard isResident else { return nil }
    let hashes = WorkerPool.map(
      Array(0..<count), threads: threads ?? WorkerPool.availableThreads
    ) { index in
      Result { () throws(DatasetError) in
        try withPixels(at: index) { pixels in
          XXHash64.value(of: UnsafeRawBufferPointer(pixels))
        }
      }
    }
    var found = SampleRepeats()
    var firsts: [UInt64: Int] = [:]
    firsts.reserveCapacity(count)
    for index in 0..<count {
      let hash = try hashes[index].get()
      guard let first = firsts[hash] else {
        firsts[hash] = index
        continue
      }
      // Others with the same hash are rarer than memory errors, but whole pixels tell.
      guard try pixels(at: index) == pixels(at: first) else { continue }
      found.add(
        SampleRepeats.Pair(sample: index, first: first), sameLabel: labels[index] == labels[first])
    }
    return found
  }
}
