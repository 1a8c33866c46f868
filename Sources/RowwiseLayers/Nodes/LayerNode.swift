import RowwiseCompute
import RowwiseKernelInterface
import RowwiseWorkers

/// Sequences of numbers between two layers: [T, N, width], or [N, width] with `isSequence` false.
struct View<Scalar: ComputeScalar>: @unchecked Sendable {
  // SAFETY: an address in a node's work space or a batch; tasks use disjoint sequences of it.
  var start: UnsafeMutablePointer<Scalar>
  /// Distance between rows; a timestep is N rows on.
  var stride: Int
  var width: Int
  var isSequence: Bool

  /// Vectors of a batch.
  func vectors(_ pass: Pass) -> Int { pass.batch * (isSequence ? pass.timesteps : 1) }

  /// Calls `body` with the rows that some sequences have in each timestep, or in the only one.
  @inline(__always)
  func forEachStep(_ pass: Pass, _ sequences: Range<Int>, _ body: (Range<Int>) -> Void) {
    for t in 0..<(isSequence ? pass.timesteps : 1) {
      let first = t * pass.batch
      body(first + sequences.lowerBound..<first + sequences.upperBound)
    }
  }

  /// The vectors of a sequence's timesteps from `first` on, each by itself.
  func states(from first: Int, batch: Int) -> View {
    View(start: start + first * batch * stride, stride: stride, width: width, isSequence: false)
  }
}

/// What is common to all layers in one pass.
struct Pass: @unchecked Sendable {
  // SAFETY: `lengths` is only read.
  var timesteps: Int
  /// N.
  var batch: Int
  /// Whether forward must leave what backward needs.
  var isTraining: Bool
  /// Whether regularisers draw random numbers, in training; else they are as in prediction.
  var isRandom = true
  /// Counts training steps; addresses random numbers.
  var step: UInt64
  var seed: UInt64
  /// Valid timesteps of every sequence; nil when all are T.
  var lengths: UnsafePointer<Int32>?
  /// Bytes that one layer may keep of its activations; see `Network.init`.
  var activationBudget: Int
  /// The part of the sequence that `backward` and `gradient` are about, last one first.
  var segment = 0

  /// Whether a layer of which one vector comes out, the last h or the pooled one, gives one for every
  /// timestep, of those up to it.
  var givesEveryState = false

  /// The valid timesteps of sequence n.
  func length(_ n: Int) -> Int { lengths.map { Int($0[n]) } ?? timesteps }
}

/// A layer with its weights' place, its buffers and its backward pass.
///
/// A pass is: `prepare` (one thread), `pack` tasks, then for each shard of sequences `forward` through
/// all layers and `backward` through all in reverse, then `gradient` tasks. Shards and tasks touch
/// disjoint memory. A layer of several segments goes back through them one at a time, with the
/// `gradient` tasks of a segment after its `backward`.
///
/// Why nodes are `@unchecked Sendable`: a node's work space belongs to one pass at a time, since a
/// chain of nodes either trains, alone, or is lent to one prediction; within it `prepare` alone changes
/// the node, before the tasks, and these write disjoint parts of the buffers. Weights and packed weights
/// are shared with its twins: passes that predict read them, and who writes them is alone, by the
/// network's lock. `SharedNetworkTests` runs every kind of node so, also under ThreadSanitizer.
protocol LayerNode<Scalar>: AnyObject, Sendable {
  associatedtype Scalar: ComputeScalar

  /// What comes out; valid from `prepare` on.
  var output: View<Scalar> { get }
  /// Where the next layer writes the gradient by the output.
  var outputGradient: View<Scalar> { get }
  /// Sizes buffers for a pass and takes the input and the receiver of its gradient, if wanted.
  func prepare(_ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int)

  /// Parts of the sequence whose activations are computed again one at a time; 1 when all are kept.
  var segments: Int { get }
  /// Independent parts of packing the weights.
  var packTasks: Int { get }
  /// Packs one part after the weights have changed.
  func pack(task: Int, isTraining: Bool)
  /// Sequences of the batch, from a multiple of this number on, that a shard of a training pass must not
  /// part: 1, or the same number for all layers that need more.
  var sequencesTogether: Int { get }
  /// Computes the output of some sequences.
  func forward(_ pass: Pass, sequences: Range<Int>, worker: Int)
  /// Weights that threads may divide among them when a prediction's only sequence is read; 0: none.
  var dividedWeights: Int { get }
  /// Computes one of `barrier.count` parts of the output of a batch of one sequence, while the others are
  /// computed; all is there when it returns.
  func forward(_ pass: Pass, part: Int, barrier: Barrier)
  /// Computes the gradient by the input of some sequences.
  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int)
  /// Independent parts of the weight gradient.
  var gradientTasks: Int { get }
  /// Computes one part of the weight gradient.
  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool)
  /// The layer as one that reads a timestep at a time, with the weights packed here; nil where it
  /// needs the whole sequence. No sequence is longer than `timesteps`.
  func makeStep(timesteps: Int) -> (any LayerStep<Scalar>)?
  /// The layer once more over the same weights and the same packed ones, with work space of its own,
  /// to predict with at the same time. Only the first one packs and trains.
  func makeTwin() -> any LayerNode<Scalar>
}

extension LayerNode {
  var segments: Int { 1 }
  var sequencesTogether: Int { 1 }
  var dividedWeights: Int { 0 }

  func forward(_ pass: Pass, part: Int, barrier: Barrier) {
    if part == 0 { forward(pass, sequences: 0..<1, worker: 0) }
    barrier.wait()
  }

  func makeStep(timesteps: Int) -> (any LayerStep<Scalar>)? { nil }
}

/// Where a node's weights and gradients are.
struct Arena<Scalar: ComputeScalar>: Sendable {
  let values: Buffer<Scalar>
  let gradients: Buffer<Scalar>
}
