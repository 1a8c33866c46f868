import RowwiseKernelInterface
import RowwiseLayers

extension GraphReader {
  /// The mean or the largest value of every feature over all timesteps.
  mutating func pooled(_ node: ONNXNode) throws(ONNXExchangeError) -> GraphValue {
    guard case .signal(var signal) = try required(node, 0) else {
      throw failure(node, "it reads something other than layers' outputs")
    }
    let axes = try list(node, "axes", 1) ?? []
    guard axes.count == 1 else {
      throw failure(node, "it reduces \(axes.count) axes; only timesteps are read so")
    }
    let place = axes[0] < 0 ? axes[0] + signal.axes.count : axes[0]
    guard signal.axes.indices.contains(place), case .input(let time) = signal.axes[place],
      signal.axes.filter({ $0 != .unit }).count == 3, signal.axes.contains(.features)
    else { throw failure(node, "it reduces axis \(axes[0]), which is not the timesteps'") }
    try setTimeAxis(time, at: node)
    // Neither depends on the order of the timesteps.
    let (before, _) = try resolved(signal, at: node)
    let kind: PoolingKind = node.opType == "ReduceMean" ? .mean : .max
    let after = try chain(
      before, adding: ReadLayer(specification: .pooling(Pooling(kind)), arrays: []),
      width: before.width, at: node)
    signal.content = .chain(after, isFlipped: false)
    if node.attribute.first(where: { $0.name == "keepdims" })?.i ?? 1 == 1 {
      signal.axes[place] = .unit
    } else {
      signal.axes.remove(at: place)
    }
    return .signal(signal)
  }
}
