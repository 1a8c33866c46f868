import RowwiseCompute
import RowwiseKernelInterface
import RowwiseLayers

/// An optimizer's running averages for one network, and the step it is at.
package final class OptimizerState {
  private let optimizer: Optimizer
  private let first: Buffer<Float>
  private let second: Buffer<Float>
  private let chunks: [Chunk]
  private let partialSums: Buffer<Double>
  /// Steps done.
  package private(set) var step = 0

  /// A run of one parameter's elements.
  private struct Chunk {
    let offset: Int
    let count: Int
    let decays: Bool
  }

  private static let chunkSize = 16_384

  /// All averages zero, before the first step.
  package init(_ optimizer: Optimizer, _ network: Network<Float>) {
    self.optimizer = optimizer
    let size = network.arenaCount
    first = Buffer(size)
    second = Buffer(size)
    var chunks: [Chunk] = []
    for parameter in network.parameters {
      for start in stride(from: 0, to: parameter.count, by: Self.chunkSize) {
        chunks.append(
          Chunk(
            offset: parameter.offset + start, count: min(Self.chunkSize, parameter.count - start),
            decays: parameter.decays))
      }
    }
    self.chunks = chunks
    partialSums = Buffer(chunks.count)
  }

  /// Moves the network's weights against their gradients.
  ///
  /// - Parameters:
  ///   - clipValue: gradients are cut to ± this, before the norm is taken; nil for no limit.
  ///   - clipNorm: the gradients' global norm is scaled down to this; nil for no limit (Pascanu et
  ///     al. 2013).
  ///   - rateFactor: the schedule's share of the learning rate.
  /// - Returns: the gradients' global norm before clipping, or nil without clipping.
  @discardableResult
  package func apply(
    to network: Network<Float>, clipValue: Double? = nil, clipNorm: Double? = nil,
    rateFactor: Double = 1
  ) -> Double? {
    step += 1
    return network.changeWeights { values, gradients in
      apply(
        to: values, gradients, network, clipValue: clipValue, clipNorm: clipNorm,
        rateFactor: rateFactor)
    }
  }

  private func apply(
    to values: Buffer<Float>, _ gradients: Buffer<Float>, _ network: Network<Float>,
    clipValue: Double?, clipNorm: Double?, rateFactor: Double
  ) -> Double? {
    if let clipValue { cut(gradients, to: Float(clipValue), network) }
    var scale: Float = 1
    var norm: Double?
    if let clipNorm {
      let total = globalNorm(gradients, network)
      norm = total
      if total > clipNorm { scale = Float(clipNorm / total) }
    }
    let kernels = network.kernels
    let rules = (
      plain: rule(rateFactor, decays: false), decaying: rule(rateFactor, decays: true)
    )
    network.pool.run(tasks: chunks.count) { [chunks, first, second, scale] task, _ in
      let chunk = chunks[task]
      // SAFETY: chunks are disjoint and inside the arenas.
      let call = unsafe OptimizerCall(
        count: chunk.count, parameters: values.start + chunk.offset,
        gradients: gradients.start + chunk.offset, first: first.start + chunk.offset,
        second: second.start + chunk.offset, gradientScale: scale)
      kernels.optimize(chunk.decays ? rules.decaying : rules.plain, call)
    }
    return norm
  }

  private func cut(_ gradients: Buffer<Float>, to limit: Float, _ network: Network<Float>) {
    network.pool.run(tasks: chunks.count) { [chunks] task, _ in
      let chunk = chunks[task]
      for i in chunk.offset..<chunk.offset + chunk.count {
        // SAFETY: chunks are disjoint and inside the arena. A NaN stays a NaN.
        let g = unsafe gradients.start[i]
        unsafe gradients.start[i] = g > limit ? limit : g < -limit ? -limit : g
      }
    }
  }

  private func globalNorm(_ gradients: Buffer<Float>, _ network: Network<Float>) -> Double {
    let kernels = network.kernels
    network.pool.run(tasks: chunks.count) { [chunks, partialSums] task, _ in
      // SAFETY: as above.
      unsafe partialSums.start[task] = kernels.sumOfSquares(
        gradients.start + chunks[task].offset, chunks[task].count)
    }
    // Summed in order, so that the bits do not depend on the threads.
    var total = 0.0
    for task in chunks.indices { total += unsafe partialSums.start[task] }
    return total.squareRoot()
  }

  /// This step's numbers; bias corrections are in the step size and epsilon.
  private func rule(_ factor: Double, decays: Bool) -> OptimizerRule<Float> {
    switch optimizer {
    case .sgd(let rate, let momentum, let nesterov):
      return .sgd(
        learningRate: Float(rate * factor), momentum: Float(momentum), nesterov: nesterov)
    case .rmsprop(let rate, let decay, let epsilon):
      return .rmsprop(
        learningRate: Float(rate * factor), decay: Float(decay), epsilon: Float(epsilon))
    case .adam(let rate, let beta1, let beta2, let epsilon):
      return adam(rate * factor, beta1, beta2, epsilon, 0)
    case .adamw(let rate, let beta1, let beta2, let epsilon, let decay):
      return adam(rate * factor, beta1, beta2, epsilon, decays ? rate * factor * decay : 0)
    case .lion(let rate, let beta1, let beta2, let decay):
      return .lion(
        learningRate: Float(rate * factor), beta1: Float(beta1), beta2: Float(beta2),
        decay: Float(decays ? rate * factor * decay : 0))
    }
  }

  /// The running averages by parameter.
  func averages(_ network: Network<Float>) -> (first: [[Float]], second: [[Float]]) {
    (
      network.parameters.map { first.elements($0.offset, $0.count) },
      network.parameters.map { second.elements($0.offset, $0.count) }
    )
  }

  /// Goes on from averages and a number of steps that an earlier run had.
  func restore(
    _ averages: (first: [[Float]], second: [[Float]]), step: Int, _ network: Network<Float>
  ) {
    for (parameter, values) in zip(network.parameters, averages.first) {
      first.setElements(values, at: parameter.offset)
    }
    for (parameter, values) in zip(network.parameters, averages.second) {
      second.setElements(values, at: parameter.offset)
    }
    self.step = step
  }

  private func adam(
    _ rate: Double, _ beta1: Double, _ beta2: Double, _ epsilon: Double, _ decay: Double
  ) -> OptimizerRule<Float> {
    let correction1 = 1 - power(beta1, step)
    let correction2 = (1 - power(beta2, step)).squareRoot()
    return .adam(
      stepSize: Float(rate * correction2 / correction1), beta1: Float(beta1),
      beta2: Float(beta2), epsilon: Float(epsilon * correction2), decay: Float(decay))
  }

  /// x^n by repeated squaring: the same bits on every machine.
  private func power(_ x: Double, _ n: Int) -> Double {
    var result = 1.0
    var square = x
    var n = n
    while n > 0 {
      if n & 1 == 1 { result *= square }
      square *= square
      n >>= 1
    }
    return result
  }
}
