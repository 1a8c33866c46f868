import RowwiseCompute
import Synchronization

/// Chains of layers to predict with, as many as there ever were predictions at once.
final class Spaces<Scalar: ComputeScalar>: Sendable {
  private let originals: [any LayerNode<Scalar>]
  private let free = Mutex<[[any LayerNode<Scalar>]]>([])

  /// None yet; those to come are twins of `originals`.
  init(twinsOf originals: [any LayerNode<Scalar>]) { self.originals = originals }

  /// The chain that was used last, since caches hold it, or a new one where all are in use.
  func take() -> [any LayerNode<Scalar>] {
    free.withLock { $0.popLast() } ?? originals.map { $0.makeTwin() }
  }

  /// Chains that nobody uses at the moment.
  var count: Int { free.withLock(\.count) }

  /// Takes a chain back.
  func give(_ nodes: [any LayerNode<Scalar>]) { free.withLock { $0.append(nodes) } }
}
