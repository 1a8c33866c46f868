import RowwiseCompute
import RowwiseKernelInterface

/// What runs a planned network: whole passes over weights that only it can reach.
///
/// `CPUEngine` is one. A second, on another device or spread over processes, has to offer the same, and
/// nothing above this protocol would know: networks, trainers, checkpoints and exchange see weights,
/// gradients and averages as flat views [P], in which the arrays of `Parameter` have their offsets and
/// what lies between them is zero.
///
/// Predicting is for any number of tasks at once. Everything that changes weights or gradients waits
/// until it is alone.
///
/// The gradients of a batch are a sum over its sequences in a fixed order, whatever the threads. Whoever
/// divides a batch among engines makes each part a batch of its own with the same `meanOver`, takes
/// each part's gradients by `withGradients`, and adds them in the order of the parts: so the bits do not
/// depend on who computed which.
package protocol Engine<Scalar>: AnyObject, Sendable {
  associatedtype Scalar: ComputeScalar

  /// P, the numbers of a flat view.
  var weightCount: Int { get }
  /// Gives the weights to be read. `body` must call nothing of the engine; so with all that follow.
  func withWeights<Result>(_ body: (UnsafeBufferPointer<Scalar>) -> Result) -> Result
  /// Gives the weights to be changed.
  func changeWeights<Result>(_ body: (UnsafeMutableBufferPointer<Scalar>) -> Result) -> Result
  /// Gives the gradients of the last batch to be read.
  func withGradients<Result>(_ body: (UnsafeBufferPointer<Scalar>) -> Result) -> Result
  /// Gives the gradients to be changed, before an optimizer uses them.
  func changeGradients<Result>(_ body: (UnsafeMutableBufferPointer<Scalar>) -> Result) -> Result

  /// Computes the loss of a batch and its gradient by every weight, and by x where that is asked for.
  func gradients(_ batch: SequenceBatch<Scalar>, _ request: GradientRequest) -> BatchResult
  /// ∂loss/∂x, [T, N, D], of the last batch for which it was asked.
  var inputGradient: [Scalar] { get }
  /// Calls `body` with the class probabilities of a batch, sequence n at n · K.
  func withProbabilities<Result, Failure: Error>(
    of batch: SequenceBatch<Scalar>,
    _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result
  /// Calls `body` with the class probabilities of a batch after every timestep, as if each were the last:
  /// those of sequence n after timestep t, from 0, at (t · N + n) · K. The layers must be such as can
  /// read step by step, and the sequences of one length.
  func withEveryProbability<Result, Failure: Error>(
    of batch: SequenceBatch<Scalar>,
    _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result
  /// Calls `body` with the logits of a batch, sequence n at n · K.
  func withLogits<Result, Failure: Error>(
    of batch: SequenceBatch<Scalar>,
    _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result
  /// What the output layer reads of every sequence of a batch, row after row.
  func embeddings(of batch: SequenceBatch<Scalar>) -> [Scalar]
  /// The log-odds of a class for every sequence and their gradient by x; nothing is dropped out, and the
  /// gradients of the last batch stay.
  func outputGradients(
    _ batch: SequenceBatch<Scalar>, of classes: [Int]
  ) -> OutputGradients<Scalar>
  /// The first layer, from 1, of whose outputs for a batch some are not finite; nil where all are.
  func firstBadLayer(_ batch: SequenceBatch<Scalar>) -> Int?
  /// A reader of single timesteps.
  ///
  /// - Throws: `LayerError.notStepwise`.
  func makeReader() throws(LayerError) -> any EngineReader<Scalar>

  /// An optimizer's two running averages of every weight, zero at first.
  ///
  /// - Parameter parameters: the arrays, which tell where weight decay applies.
  func makeMoments(_ parameters: [Parameter]) -> any EngineMoments<Scalar>
  /// A second set of weights that begins as a copy of the weights.
  func makeAverage() -> any EngineAverage<Scalar>
}

/// What is wanted of a batch.
package struct GradientRequest: Sendable {
  /// What the loss is.
  package var loss: LossSettings
  /// Sequences that the mean is taken over.
  package var meanOver: Int
  /// Counts training steps; addresses dropout's random numbers.
  package var step: UInt64
  /// Whether to add to the gradients that are there.
  package var accumulates: Bool
  /// Whether the gradient by x is wanted, too.
  package var wantsInputGradient: Bool
}

/// Reads one sequence timestep by timestep.
package protocol EngineReader<Scalar>: AnyObject {
  associatedtype Scalar: ComputeScalar
  /// Forgets the sequence.
  func reset()
  /// Reads the next timestep, D numbers.
  func step(_ timestep: UnsafePointer<Scalar>)
  /// The classes' probabilities after the timesteps read so far, K numbers, valid until the next call.
  func probabilities() -> UnsafeBufferPointer<Scalar>
}

/// One step of an optimizer.
package struct OptimizerStep<Scalar: ComputeScalar>: Sendable {
  /// For arrays without weight decay.
  package var plain: OptimizerRule<Scalar>
  /// For those with it.
  package var decaying: OptimizerRule<Scalar>
  /// Gradients are cut to ± this, before the norm is taken; nil for no limit.
  package var clipValue: Double?
  /// The gradients' global norm is scaled down to this; nil for no limit (Pascanu et al. 2013).
  package var clipNorm: Double?

  /// Gathers a step.
  package init(
    plain: OptimizerRule<Scalar>, decaying: OptimizerRule<Scalar>, clipValue: Double?,
    clipNorm: Double?
  ) {
    self.plain = plain
    self.decaying = decaying
    self.clipValue = clipValue
    self.clipNorm = clipNorm
  }
}

/// The running averages of an optimizer, where the weights are.
package protocol EngineMoments<Scalar>: AnyObject {
  associatedtype Scalar: ComputeScalar
  /// The first average, flat.
  var first: [Scalar] { get set }
  /// The second average, flat.
  var second: [Scalar] { get set }
  /// Moves the weights against their gradients.
  ///
  /// - Returns: the gradients' global norm before clipping, or nil without a limit of it.
  func apply(_ step: OptimizerStep<Scalar>) -> Double?
}

/// A moving average of the weights, where the weights are.
package protocol EngineAverage<Scalar>: AnyObject {
  associatedtype Scalar: ComputeScalar
  /// The average, flat.
  var values: [Scalar] { get set }
  /// a ← w + d (a − w).
  func blend(keeping d: Scalar)
  /// Exchanges the weights and their average.
  func exchange()
}
