import RowwiseCompute
import RowwiseWorkers

/// Reads one sequence timestep by timestep with the kernels of whole sequences.
final class CPUReader<Scalar: ComputeScalar>: EngineReader {
  private let engine: CPUEngine<Scalar>
  private let steps: [any LayerStep<Scalar>]
  /// Where the layers that need one vector of the timesteps so far begin.
  private let headStart: Int
  /// What makes it; nil: it is the last timestep.
  private let pooling: PoolingStep<Scalar>?
  private let features: Buffer<Scalar>
  private let result: Buffer<Scalar>

  /// - Throws: `LayerError.notStepwise`.
  init(
    _ engine: CPUEngine<Scalar>, nodes: [any LayerNode<Scalar>], plans: [LayerPlan]
  ) throws(LayerError) {
    var steps: [any LayerStep<Scalar>] = []
    var headStart = 0
    var headWidth = plans.first?.inputWidth ?? 0
    for (node, plan) in zip(nodes, plans) {
      guard let step = node.makeStep(timesteps: engine.timesteps) else {
        throw .notStepwise(layer: plan.index + 1)
      }
      steps.append(step)
      switch plan.specification {
      case .recurrent, .residual, .pooling:
        headStart = plan.index + 1
        headWidth = plan.width
      case .dense, .dropout, .flatten, .sweep, .merge, .norm, .mlp, .convolution: break
      }
    }
    self.engine = engine
    self.steps = steps
    self.headStart = headStart
    pooling = headStart == 0 ? nil : steps[headStart - 1] as? PoolingStep<Scalar>
    features = Buffer(headWidth)
    result = Buffer(engine.classCount)
    reset()
  }

  func reset() {
    engine.beginPredicting()
    defer { engine.endPredicting() }
    for step in steps { step.reset() }
    if headStart > 0, pooling == nil, let initial = steps[headStart - 1].initialOutput() {
      features.start.update(from: initial, count: features.count)
    } else {
      features.clear()
    }
  }

  // Both are called for every row: generic code would look its types up in the runtime's tables each
  // time, which took a quarter of a row's time.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func step(_ timestep: UnsafePointer<Scalar>) {
    engine.beginPredicting()
    defer { engine.endPredicting() }
    withFlushedDenormals {
      var x = timestep
      for index in 0..<headStart { x = steps[index].read(x) }
      features.start.update(from: x, count: features.count)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func probabilities() -> UnsafeBufferPointer<Scalar> {
    engine.beginPredicting()
    defer { engine.endPredicting() }
    withFlushedDenormals {
      var x = pooling?.pooled() ?? UnsafePointer(features.start)
      for index in headStart..<steps.count { x = steps[index].read(x) }
      result.start.update(from: x, count: result.count)
      _ = engine.kernels.softmax(result.start, result.count)
    }
    return UnsafeBufferPointer(start: result.start, count: result.count)
  }
}
