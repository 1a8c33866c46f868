import RowwiseCompute
import RowwiseKernelInterface
import RowwiseWorkers
import Synchronization
import Testing

/// What computing without denormal numbers means, where it is on, and that it ends.
@Suite struct FlushedDenormalsTests {
  private struct Enough: Error {}

  /// The smallest normal number.
  static let least = Float.leastNormalMagnitude

  /// A product that the compiler cannot form.
  @inline(never) private func product(_ a: Float, _ b: Float) -> Float {
    let numbers = Buffer<Float>(2)
    numbers.start[0] = a
    numbers.start[1] = b
    return multiply(numbers)
  }

  @inline(never) private func multiply(_ numbers: Buffer<Float>) -> Float {
    numbers.start[0] * numbers.start[1]
  }

  /// Operands and results below the smallest normal number are zeros of the same sign; the smallest
  /// normal number is not.
  @Test func operandsAndResultsAreZeros() {
    let (half, small) = (Self.least / 2, Self.least)
    #expect(half > 0 && product(small, 0.5) == half && product(half, 4) == 2 * small)
    withFlushedDenormals {
      #expect(product(small, 0.5) == 0)
      #expect(product(half, 4) == 0)
      #expect(product(-small, 0.5).sign == .minus)
      #expect(product(small, 1) == small)
      #expect(product(small, 2) == 2 * small)
    }
    #expect(product(small, 0.5) == half)
  }

  @Test func theCallersModeComesBack() throws {
    #expect(!flushesDenormals)
    let value = withFlushedDenormals { () -> Int in
      #expect(flushesDenormals)
      withFlushedDenormals { #expect(flushesDenormals) }
      #expect(flushesDenormals, "the inner one restores the outer one's mode")
      return 3
    }
    #expect(value == 3)
    #expect(!flushesDenormals)
    #expect(throws: Enough.self) {
      try withFlushedDenormals { () throws(Enough) in
        #expect(flushesDenormals)
        throw Enough()
      }
    }
    #expect(!flushesDenormals)
  }

  /// On every thread of a pool, however many there are, and on the caller's only during the job.
  @Test(arguments: [1, 2, 3, 5])
  func everyWorkerComputesSo(threads: Int) {
    let pool = WorkerPool(threads: threads)
    for round in 0..<3 {
      let arrived = Atomic<Int>(0)
      let flushing = Atomic<Int>(0)
      let workers = Atomic<UInt>(0)
      pool.run(tasks: threads) { _, worker in
        // No thread gets a second task before all have one.
        arrived.add(1, ordering: .sequentiallyConsistent)
        while arrived.load(ordering: .sequentiallyConsistent) < threads {}
        if flushesDenormals { flushing.add(1, ordering: .sequentiallyConsistent) }
        workers.bitwiseOr(1 << UInt(worker), ordering: .sequentiallyConsistent)
      }
      #expect(flushing.load(ordering: .sequentiallyConsistent) == threads, "round \(round)")
      #expect(workers.load(ordering: .sequentiallyConsistent) == 1 << UInt(threads) - 1)
      #expect(!flushesDenormals)
    }
    // One task alone runs on the caller's thread.
    pool.run(tasks: 1) { _, _ in #expect(flushesDenormals) }
    #expect(!flushesDenormals)
  }

  /// In this mode a product has the bits that it has with zeros in place of denormal numbers, and gives
  /// none: the plain loops of the reference too, whose results define what kernels must come to.
  @Test(arguments: floatKernels)
  func denseLayersTakeThemForZeros(_ set: NamedKernels<Float>) {
    let (inputs, outputs, rows) = (19, 37, 7)
    let tiny = Double(Self.least) / 4
    func result(x filler: Double, weight: Double) -> [Float] {
      let arena = Arena<Float>(misalignment: 0)
      let layout = set.kernels.denseLayout(inputs, outputs)
      let packed = arena.array(count: layout.packedForwardCount, repeating: 0)
      let x = arena.array((0..<rows * inputs).map { $0 % 3 == 0 ? filler : Double($0 % 5) - 2 })
      let w = arena.array(
        (0..<inputs * outputs).map { $0 % 4 == 0 ? weight : Double($0 % 7) * 1e-19 })
      let y = arena.array(count: rows * outputs, repeating: 0)
      set.kernels.densePack(
        inputs, outputs, w, arena.array(count: outputs, repeating: 0), packed, nil)
      set.kernels.denseForward(
        DenseCall(
          inputs: inputs, outputs: outputs, rows: 0..<rows, x: x, xStride: inputs, y: y,
          yStride: outputs), packed)
      return Array(UnsafeBufferPointer(start: y, count: rows * outputs))
    }
    withFlushedDenormals {
      let plain = result(x: 0, weight: 0)
      let found = result(x: tiny, weight: tiny)
      #expect(found == plain, "\(set.name)")
      #expect(result(x: 1e-20, weight: 1e-30).allSatisfy { !$0.isSubnormal }, "\(set.name)")
    }
    #expect(
      result(x: tiny, weight: 1).contains { $0.isSubnormal || $0 > 0 && $0 < 1e-36 },
      "\(set.name): otherwise they count")
  }

  /// Adam's averages decay to zero, where they would stay at the smallest number that there is.
  @Test(arguments: floatKernels)
  func averagesDecayToZero(_ set: NamedKernels<Float>) {
    let count = 67
    func averages(steps: Int) -> (first: [Float], second: [Float]) {
      let arena = Arena<Float>(misalignment: 0)
      let call = OptimizerCall(
        count: count, parameters: arena.array(count: count, repeating: 0.5),
        gradients: arena.array(count: count, repeating: 0),
        first: arena.array((0..<count).map { 1e-36 * Double($0 - 33) }),
        second: arena.array((0..<count).map { 1e-37 * Double($0) }), gradientScale: 1)
      for _ in 0..<steps {
        set.kernels.optimize(
          .adam(stepSize: 1e-3, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, decay: 0), call)
      }
      return (
        Array(UnsafeBufferPointer(start: call.first, count: count)),
        Array(UnsafeBufferPointer(start: call.second, count: count))
      )
    }
    for steps in [1, 30, 100] {
      let (first, second) = withFlushedDenormals { averages(steps: steps) }
      #expect((first + second).allSatisfy { !$0.isSubnormal && $0.isFinite }, "\(set.name)")
    }
    let (first, second) = withFlushedDenormals { averages(steps: 10_000) }
    #expect((first + second).allSatisfy { $0 == 0 }, "\(set.name)")
    let (stuck, _) = averages(steps: 10_000)
    #expect(stuck.contains { $0.isSubnormal }, "\(set.name): otherwise they get stuck")
  }
}
