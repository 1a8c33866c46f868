import RowwiseCompute
import RowwiseKernelInterface

/// An optimizer's running averages beside the weights of a CPU engine.
final class CPUMoments<Scalar: ComputeScalar>: EngineMoments {
  private let engine: CPUEngine<Scalar>
  private let firstValues: Buffer<Scalar>
  private let secondValues: Buffer<Scalar>
  private let chunks: [Chunk]
  private let partialSums: Buffer<Double>

  /// A run of one parameter's elements.
  private struct Chunk {
    let offset: Int
    let count: Int
    let decays: Bool
  }

  private static var chunkSize: Int { 16_384 }

  init(_ engine: CPUEngine<Scalar>, _ parameters: [Parameter]) {
    self.engine = engine
    firstValues = Buffer(engine.weightCount)
    secondValues = Buffer(engine.weightCount)
    chunks = parameters.flatMap { parameter in
      stride(from: 0, to: parameter.count, by: Self.chunkSize).map { start in
        Chunk(
          offset: parameter.offset + start, count: min(Self.chunkSize, parameter.count - start),
          decays: parameter.decays)
      }
    }
    partialSums = Buffer(chunks.count)
  }

  var first: [Scalar] {
    get { firstValues.elements }
    set { firstValues.setElements(newValue) }
  }

  var second: [Scalar] {
    get { secondValues.elements }
    set { secondValues.setElements(newValue) }
  }

  func apply(_ step: OptimizerStep<Scalar>) -> Double? {
    engine.changeArena { arena in
      let (values, gradients) = (arena.values, arena.gradients)
      if let clipValue = step.clipValue { cut(gradients, to: Scalar(clipValue)) }
      var scale: Scalar = 1
      var norm: Double?
      if let clipNorm = step.clipNorm {
        let total = globalNorm(gradients)
        norm = total
        if total > clipNorm { scale = Scalar(clipNorm / total) }
      }
      let kernels = engine.kernels
      engine.pool.run(tasks: chunks.count) { [chunks, firstValues, secondValues, scale] task, _ in
        let chunk = chunks[task]
        let call = OptimizerCall(
          count: chunk.count, parameters: values.start + chunk.offset,
          gradients: gradients.start + chunk.offset, first: firstValues.start + chunk.offset,
          second: secondValues.start + chunk.offset, gradientScale: scale)
        kernels.optimize(chunk.decays ? step.decaying : step.plain, call)
      }
      return norm
    }
  }

  private func cut(_ gradients: Buffer<Scalar>, to limit: Scalar) {
    engine.pool.run(tasks: chunks.count) { [chunks] task, _ in
      cutNumbers(gradients.start + chunks[task].offset, chunks[task].count, to: limit)
    }
  }

  private func globalNorm(_ gradients: Buffer<Scalar>) -> Double {
    let kernels = engine.kernels
    engine.pool.run(tasks: chunks.count) { [chunks, partialSums] task, _ in
      partialSums.start[task] = kernels.sumOfSquares(
        gradients.start + chunks[task].offset, chunks[task].count)
    }
    // Summed in order, so that the bits do not depend on the threads.
    var total = 0.0
    for task in chunks.indices { total += partialSums.start[task] }
    return total.squareRoot()
  }
}

/// A moving average beside the weights of a CPU engine.
final class CPUAverage<Scalar: ComputeScalar>: EngineAverage {
  private let engine: CPUEngine<Scalar>
  private let average: Buffer<Scalar>

  init(_ engine: CPUEngine<Scalar>) {
    self.engine = engine
    average = Buffer(engine.weightCount)
    values = engine.withWeights { Array($0) }
  }

  var values: [Scalar] {
    get { average.elements }
    set { average.setElements(newValue) }
  }

  func blend(keeping d: Scalar) {
    let size = average.count
    let chunk = 16_384
    engine.withArena { arena in
      engine.pool.run(tasks: (size + chunk - 1) / chunk) {
        [average, values = arena.values] task, _ in
        let first = task * chunk
        blendNumbers(
          average.start + first, values.start + first, min(chunk, size - first), keeping: d)
      }
    }
  }

  func exchange() {
    engine.changeArena { arena in
      exchangeNumbers(average.start, arena.values.start, average.count)
    }
  }
}

// Loops over all weights, compiled for Float by name: generic code would be many times slower.

/// Cuts numbers to ± `limit`; a NaN stays a NaN.
@specialized(where Scalar == Float)
private func cutNumbers<Scalar: ComputeScalar>(
  _ x: UnsafeMutablePointer<Scalar>, _ count: Int, to limit: Scalar
) {
  for i in 0..<count {
    let value = x[i]
    x[i] = value > limit ? limit : value < -limit ? -limit : value
  }
}

/// a ← w + d (a − w).
@specialized(where Scalar == Float)
private func blendNumbers<Scalar: ComputeScalar>(
  _ a: UnsafeMutablePointer<Scalar>, _ w: UnsafeMutablePointer<Scalar>, _ count: Int,
  keeping d: Scalar
) {
  for i in 0..<count {
    let (old, new) = (a[i], w[i])
    a[i] = new + d * (old - new)
  }
}

/// Exchanges two arrays' numbers.
@specialized(where Scalar == Float)
private func exchangeNumbers<Scalar: ComputeScalar>(
  _ a: UnsafeMutablePointer<Scalar>, _ b: UnsafeMutablePointer<Scalar>, _ count: Int
) {
  for i in 0..<count {
    let value = a[i]
    a[i] = b[i]
    b[i] = value
  }
}

extension Buffer {
  /// A copy of all elements.
  fileprivate var elements: [Scalar] { Array(UnsafeBufferPointer(start: start, count: count)) }

  /// Replaces all elements; the count must match.
  fileprivate func setElements(_ values: [Scalar]) {
    precondition(values.count == count, "\(values.count) numbers for \(count)")
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { start.update(from: base, count: source.count) }
    }
  }
}
