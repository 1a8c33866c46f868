import RowwiseCompute
import RowwiseKernelInterface

extension CPUEngine {
  /// Where the layers begin that read no sequence.
  var headStart: Int {
    let last = plans.lastIndex { plan in
      switch plan.specification {
      case .recurrent, .residual, .pooling, .flatten, .sweep, .merge, .convolution: true
      case .dense, .dropout, .norm, .mlp: false
      }
    }
    return last.map { $0 + 1 } ?? 0
  }

  /// The passes of a batch that is trained with.
  func passes(_ pass: Pass, _ early: [Double]) -> NodePasses {
    early.isEmpty
      ? NodePasses(pass, nodeTimesteps: nodeTimesteps)
      : NodePasses(
        pass, nodeTimesteps: nodeTimesteps, headStart: headStart, count: early.count + 1)
  }

  /// The losses of some sequences' predictions after the last timesteps and their gradients; see
  /// `EarlyLoss`.
  ///
  /// - Parameter weights: w_t of the timesteps before the last.
  func differentiateEarly(
    _ request: GradientRequest, _ batch: SequenceBatch<Scalar>, _ sequences: Range<Int>,
    _ passes: NodePasses, _ weights: [Double]
  ) {
    guard let early = request.loss.early else { return }
    let last = nodes[nodes.count - 1]
    let (output, gradient) = (last.output, last.outputGradient)
    let scale = 1 / Double(request.meanOver)
    for n in sequences {
      let loss = SequenceLoss(request.loss, batch, n, classCount: classCount)
      let teacher = output.start + (weights.count * batch.count + n) * output.stride
      hits.start[n] = loss.hits(teacher, count: classCount) ? 1 : 0
      var sum =
        (1 - early.weight)
        * loss.differentiate(
          teacher, gradient.start + (weights.count * batch.count + n) * gradient.stride,
          count: classCount, scale: (1 - early.weight) * scale, kernels: kernels)
      for (k, weight) in weights.enumerated() {
        let state = k * batch.count + n
        sum +=
          early.weight * weight
          * loss.differentiate(
            output.start + state * output.stride, gradient.start + state * gradient.stride,
            count: classCount, scale: early.weight * weight * scale, kernels: kernels,
            teacher: UnsafePointer(teacher), teaching: early.teaching)
      }
      losses.start[n] = sum
    }
    // Nothing is asked of the states before.
    let states = nodes[passes.headStart - 1].outputGradient
    for t in 0..<passes.timesteps.lowerBound {
      (states.start + (t * batch.count + sequences.lowerBound) * states.stride).clear(
        sequences.count * states.stride)
    }
  }

  // MARK: Predictions after every timestep

  func withEveryProbability<Result, Failure: Error>(
    of batch: SequenceBatch<Scalar>,
    _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let nodes = spaces.take()
    defer { spaces.give(nodes) }
    let passes = NodePasses(
      makePass(batch, isTraining: false), nodeTimesteps: nodeTimesteps, headStart: headStart,
      count: timesteps)
    return try body(predict(batch, on: nodes, passes: passes))
  }
}
