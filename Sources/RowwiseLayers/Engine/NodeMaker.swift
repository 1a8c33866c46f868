import RowwiseCompute
import RowwiseKernelInterface

/// Makes the nodes of planned layers.
struct NodeMaker<Scalar: ComputeScalar> {
  let precision: Precision
  let kernels: KernelSet<Scalar>
  let arena: Arena<Scalar>

  /// The node of one layer.
  func node(_ plan: LayerPlan) -> any LayerNode<Scalar> {
    switch plan.specification {
    case .recurrent(let layer):
      guard layer.direction == .both else {
        return node(
          layer, isBackwards: layer.direction == .backwards, plan, plan.directions[0])
      }
      return BidirectionalNode(
        units: layer.units, returnSequences: layer.returnSequences, features: plan.inputWidth,
        kernels: kernels, forwards: node(layer, isBackwards: false, plan, plan.directions[0]),
        backwards: node(layer, isBackwards: true, plan, plan.directions[1]))
    case .dense(let layer):
      return DenseNode(
        layer, inputs: plan.inputWidth, kernels: kernels, arena: arena,
        offsets: (plan.offsets[0], plan.offsets[1]))
    case .dropout(let layer):
      return DropoutNode(layer, index: plan.index)
    case .flatten:
      return FlattenNode()
    case .pooling(let pooling):
      return PoolingNode(
        pooling.kind, width: plan.width, kernels: kernels, arena: arena,
        queryOffset: plan.offsets.first)
    case .residual:
      return ResidualNode(
        node(plan.inner[0]), width: plan.width, features: plan.inputWidth, kernels: kernels,
        arena: arena, projectionOffset: plan.offsets.first)
    case .sweep(let sweep):
      return SweepNode(
        columns: sweep.columns ?? 1, features: plan.inputWidth, width: sweep.reading.width,
        down: node(plan.inner[0]), across: node(plan.inner[1]))
    case .merge(let merge):
      return MergeNode(
        factor: merge.factor, columns: merge.columns ?? 1, features: plan.inputWidth)
    }
  }

  /// A recurrent layer in one direction: with kernels of whole sequences where it is an LSTM without
  /// regularisers.
  private func node(
    _ layer: Recurrent, isBackwards: Bool, _ plan: LayerPlan,
    _ offsets: [RecurrentWeights.Role: Int]
  ) -> any LayerNode<Scalar> {
    if layer.isPlainLSTM, let input = offsets[.inputWeight],
      let recurrent = offsets[.recurrentWeight], let bias = offsets[.bias]
    {
      let initial = offsets[.initialHidden].flatMap { hidden in
        offsets[.initialCell].map { (hidden, $0) }
      }
      return LSTMNode(
        layer, isBackwards: isBackwards, features: plan.inputWidth, precision: precision,
        kernels: kernels, arena: arena,
        offsets: .init(
          input: input, recurrent: recurrent, peephole: offsets[.peephole], bias: bias,
          initial: initial))
    }
    return RecurrentNode(
      layer, isBackwards: isBackwards, index: plan.index, features: plan.inputWidth,
      kernels: kernels, arena: arena, offsets: offsets)
  }
}
