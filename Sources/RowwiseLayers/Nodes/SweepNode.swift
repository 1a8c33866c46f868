import RowwiseCompute
import RowwiseKernelInterface

/// Readings down the columns of patches and across their rows; see `Sweep`.
///
/// To the reading down, N strips of C patches are N · C sequences. Between the readings [T, N, C] vectors
/// become [C, N, T].
final class SweepNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  private let down: any LayerNode<Scalar>
  private let across: any LayerNode<Scalar>
  private var read: StripsOfPatches<Scalar>
  /// Width of what each reading gives, of a patch.
  private let width: Int
  /// What the reading down gives, [C, N, T], and its gradient.
  private let turned = Buffer<Scalar>()
  private let turnedGradient = Buffer<Scalar>()
  private var views = NodeViews<Scalar>()

  private var columns: Int { read.columns }
  var output: View<Scalar> { views.output }
  var outputGradient: View<Scalar> { views.outputGradient }

  /// - Parameters:
  ///   - columns: C.
  ///   - features: width of what is read, C · D.
  ///   - width: of a patch that comes out.
  init(
    columns: Int, features: Int, width: Int, down: any LayerNode<Scalar>,
    across: any LayerNode<Scalar>
  ) {
    read = StripsOfPatches(columns: columns, features: features)
    self.width = width
    self.down = down
    self.across = across
  }

  /// The pass as the reading down sees it. Activations are kept whole: their parts would have to be
  /// computed again through both readings.
  private func downwards(_ pass: Pass) -> Pass {
    var down = pass
    down.batch = pass.batch * columns
    down.activationBudget = .max
    return down
  }

  /// The pass as the reading across sees it.
  private func crosswise(_ pass: Pass) -> Pass {
    var across = pass
    across.batch = pass.batch * pass.timesteps
    across.timesteps = columns
    across.activationBudget = .max
    return across
  }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    precondition(pass.lengths == nil, "a sweep reads pictures of one size")
    let patches = read.prepare(pass, input: input, inputGradient: inputGradient)
    down.prepare(
      downwards(pass), input: patches.input, inputGradient: patches.gradient, workers: workers)
    let strips = pass.timesteps * pass.batch
    views.prepare(
      pass, input: input, inputGradient: inputGradient, vectors: strips, width: columns * width,
      isSequence: true)
    let count = strips * columns * width
    turned.reserve(count)
    if pass.isTraining { turnedGradient.reserve(count) }
    var between = View(start: turned.start, stride: width, width: width, isSequence: true)
    let states = between
    between.start = turnedGradient.start
    across.prepare(
      crosswise(pass), input: states, inputGradient: pass.isTraining ? between : nil,
      workers: workers)
  }

  func makeTwin() -> any LayerNode<Scalar> {
    SweepNode(
      columns: columns, features: read.features, width: width, down: down.makeTwin(),
      across: across.makeTwin())
  }

  var sequencesTogether: Int { max(down.sequencesTogether, across.sequencesTogether) }

  var packTasks: Int { down.packTasks + across.packTasks }

  func pack(task: Int, isTraining: Bool) {
    if task < down.packTasks {
      down.pack(task: task, isTraining: isTraining)
    } else {
      across.pack(task: task - down.packTasks, isTraining: isTraining)
    }
  }

  func forward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    read.pack(pass, sequences)
    down.forward(downwards(pass), sequences: sequences.scaled(by: columns), worker: worker)
    turn(pass, sequences, down.output, to: turned.start)
    across.forward(crosswise(pass), sequences: sequences.scaled(by: pass.timesteps), worker: worker)
    turnBack(pass, sequences, across.output, to: output.start)
  }

  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    let patches = View(
      start: outputGradient.start, stride: width, width: width, isSequence: true)
    turn(pass, sequences, patches, to: across.outputGradient.start)
    across.backward(
      crosswise(pass), sequences: sequences.scaled(by: pass.timesteps), worker: worker)
    let between = View(
      start: turnedGradient.start, stride: width, width: width, isSequence: true)
    turnBack(pass, sequences, between, to: down.outputGradient.start)
    down.backward(downwards(pass), sequences: sequences.scaled(by: columns), worker: worker)
    read.unpackGradient(pass, sequences)
  }

  var gradientTasks: Int { down.gradientTasks + across.gradientTasks }

  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool) {
    if task < down.gradientTasks {
      down.gradient(downwards(pass), task: task, worker: worker, accumulates: accumulates)
    } else {
      across.gradient(
        crosswise(pass), task: task - down.gradientTasks, worker: worker, accumulates: accumulates)
    }
  }

  /// From [T, N, C] vectors to [C, N, T].
  private func turn(
    _ pass: Pass, _ sequences: Range<Int>, _ source: View<Scalar>,
    to target: UnsafeMutablePointer<Scalar>
  ) {
    forEachPatch(pass, sequences) { strips, turned in
      (target + turned * width).update(from: source.start + strips * source.stride, count: width)
    }
  }

  /// From [C, N, T] vectors to [T, N, C].
  private func turnBack(
    _ pass: Pass, _ sequences: Range<Int>, _ source: View<Scalar>,
    to target: UnsafeMutablePointer<Scalar>
  ) {
    forEachPatch(pass, sequences) { strips, turned in
      (target + strips * width).update(from: source.start + turned * source.stride, count: width)
    }
  }

  /// Calls `body` with every patch's number in [T, N, C] and in [C, N, T].
  private func forEachPatch(
    _ pass: Pass, _ sequences: Range<Int>, _ body: (_ strips: Int, _ turned: Int) -> Void
  ) {
    let (steps, batch) = (pass.timesteps, pass.batch)
    for n in sequences {
      for t in 0..<steps {
        for c in 0..<columns { body((t * batch + n) * columns + c, (c * batch + n) * steps + t) }
      }
    }
  }
}
