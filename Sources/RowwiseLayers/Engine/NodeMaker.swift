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
      return patches(layer.columns, plan, width: layer.units) {
        dense(layer, inputs: $0, plan.offsets[...])
      }
    case .norm(let layer):
      return patches(layer.columns, plan, width: plan.width / (layer.columns ?? 1)) {
        norm($0, plan.offsets[...])
      }
    case .mlp(let layer):
      return patches(layer.columns, plan, width: plan.width / (layer.columns ?? 1)) { width in
        let hidden = Dense(layer.ratio * width, activation: .relu)
        return ResidualNode(
          ChainNode(
            [
              norm(width, plan.offsets[...]), dense(hidden, inputs: width, plan.offsets[2...]),
            ], dense(Dense(width), inputs: hidden.units, plan.offsets[4...])),
          width: width, features: width, isPacked: true, kernels: kernels, arena: arena,
          projectionOffset: nil)
      }
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
      let columns = sweep.columns ?? 1
      let readings = SweepNode(
        columns: columns, features: plan.inputWidth, width: sweep.reading.width,
        down: node(plan.inner[0]), across: node(plan.inner[1]))
      guard sweep.isResidual else { return readings }
      let (patch, read) = (plan.inputWidth / columns, sweep.reading.width)
      let normalized = PatchesNode(
        norm(patch, plan.offsets[...]), columns: columns, features: plan.inputWidth, width: patch)
      let projected = PatchesNode(
        dense(Dense(patch), inputs: read, plan.offsets[2...]), columns: columns,
        features: columns * read, width: patch)
      return ResidualNode(
        ChainNode([normalized, readings], projected), width: plan.width,
        features: plan.inputWidth, isPacked: true, kernels: kernels, arena: arena,
        projectionOffset: nil)
    case .merge(let merge):
      return MergeNode(
        factor: merge.factor, columns: merge.columns ?? 1, features: plan.inputWidth)
    case .convolution(let layer):
      let columns = layer.columns ?? 1
      let around = Convolution.neighbors * plan.inputWidth / columns
      let product = PatchesNode(
        dense(Dense(layer.units, activation: .relu), inputs: around, plan.offsets[...]),
        columns: columns, features: columns * around, width: layer.units)
      return ConvolutionNode(
        product, columns: columns, features: plan.inputWidth, units: layer.units)
    }
  }

  /// A layer of `width` numbers that sees each patch by itself, where there are any.
  private func patches(
    _ columns: Int?, _ plan: LayerPlan, width: Int, _ node: (Int) -> any LayerNode<Scalar>
  ) -> any LayerNode<Scalar> {
    guard let columns else { return node(plan.inputWidth) }
    return PatchesNode(
      node(plan.inputWidth / columns), columns: columns, features: plan.inputWidth, width: width)
  }

  /// - Parameter offsets: of W and b, first.
  private func dense(
    _ layer: Dense, inputs: Int, _ offsets: ArraySlice<Int>
  ) -> any LayerNode<Scalar> {
    let first = offsets.startIndex
    return DenseNode(
      layer, inputs: inputs, kernels: kernels, arena: arena,
      offsets: (offsets[first], offsets[first + 1]))
  }

  /// - Parameter offsets: of γ and b, first.
  private func norm(_ width: Int, _ offsets: ArraySlice<Int>) -> any LayerNode<Scalar> {
    NormNode(
      width: width, kernels: kernels, arena: arena,
      offsets: (offsets[offsets.startIndex], offsets[offsets.startIndex + 1]))
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
        layer, isBackwards: isBackwards, features: plan.inputWidth,
        precision: precision.possible(features: plan.inputWidth, units: layer.units),
        kernels: kernels, arena: arena,
        offsets: .init(
          input: input, recurrent: recurrent, peephole: offsets[.peephole], bias: bias,
          initial: initial))
    }
    if layer.cell == .lru, let output = offsets[.outputWeight], let skip = offsets[.skipWeight],
      let bias = offsets[.bias]
    {
      let states = RecurrentNode(
        layer, isBackwards: false, index: plan.index, features: plan.inputWidth, kernels: kernels,
        arena: arena, offsets: offsets)
      return ReadoutNode(
        states, isBackwards: isBackwards, width: layer.cell.stateBlocks * layer.units,
        units: layer.units, features: plan.inputWidth, kernels: kernels, arena: arena,
        offsets: (output, skip, bias))
    }
    return RecurrentNode(
      layer, isBackwards: isBackwards, index: plan.index, features: plan.inputWidth,
      kernels: kernels, arena: arena, offsets: offsets)
  }
}
