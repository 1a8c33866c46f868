import RowwiseCompute
import RowwiseWorkers

/// Chains of layers to predict with, as many as there ever were predictions at once.
final class Spaces<Scalar: ComputeScalar>: Sendable {
  private let originals: [any LayerNode<Scalar>]
  private let lock = Condition()
  // SAFETY: touched in `lock`'s critical sections only; `SharedNetworkTests` run under ThreadSanitizer.
  nonisolated(unsafe) private var free: [[any LayerNode<Scalar>]] = []

  /// None yet; those to come are twins of `originals`.
  init(twinsOf originals: [any LayerNode<Scalar>]) { self.originals = originals }

  /// The chain that was used last, since caches hold it, or a new one where all are in use.
  func take() -> [any LayerNode<Scalar>] {
    lock.withLock { free.popLast() } ?? originals.map { $0.makeTwin() }
  }

  /// Chains that nobody uses at the moment.
  var count: Int { lock.withLock { free.count } }

  /// Takes a chain back.
  func give(_ nodes: [any LayerNode<Scalar>]) { lock.withLock { free.append(nodes) } }
}
