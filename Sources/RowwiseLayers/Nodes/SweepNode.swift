import RowwiseCompute
import RowwiseKernelInterface

/// Readings down the columns of patches and across their rows; see `Sweep`.
///
/// A strip [N, C · D] whose rows have no gaps is [N · C, D]: to the reading down, N · C sequences. Between
/// the readings [T, N, C] vectors become [C, N, T].
final class SweepNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  private let down: any LayerNode<Scalar>
  private let across: any LayerNode<Scalar>
  private let columns: Int
  private let features: Int
  /// Width of what each reading gives, of a patch.
  private let width: Int
  /// The input and its gradient where rows have gaps.
  private let packedInput = Buffer<Scalar>()
  private let packedGradient = Buffer<Scalar>()
  /// What the reading down gives, [C, N, T], and its gradient.
  private let turned = Buffer<Scalar>()
  private let turnedGradient = Buffer<Scalar>()
  private let result = Buffer<Scalar>()
  private let resultGradient = Buffer<Scalar>()
  private var input: View<Scalar>
  private var inputGradient: View<Scalar>?
  private(set) var output: View<Scalar>
  private(set) var outputGradient: View<Scalar>

  /// - Parameters:
  ///   - columns: C.
  ///   - features: width of what is read, C · D.
  ///   - width: of a patch that comes out.
  init(
    columns: Int, features: Int, width: Int, down: any LayerNode<Scalar>,
    across: any LayerNode<Scalar>
  ) {
    self.columns = columns
    self.features = features
    self.width = width
    self.down = down
    self.across = across
    input = View(start: result.start, stride: 0, width: 0, isSequence: false)
    output = input
    outputGradient = input
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
    self.input = input
    self.inputGradient = inputGradient
    let patch = features / columns
    let strips = pass.timesteps * pass.batch
    var patches = View(start: input.start, stride: patch, width: patch, isSequence: true)
    if input.stride != features {
      packedInput.reserve(strips * features)
      patches.start = packedInput.start
    }
    let gradient = inputGradient.map { gradient in
      var patches = patches
      patches.start = gradient.start
      if gradient.stride != features {
        packedGradient.reserve(strips * features)
        patches.start = packedGradient.start
      }
      return patches
    }
    down.prepare(downwards(pass), input: patches, inputGradient: gradient, workers: workers)
    let count = strips * columns * width
    turned.reserve(count)
    result.reserve(count)
    var between = View(start: turned.start, stride: width, width: width, isSequence: true)
    output = View(
      start: result.start, stride: columns * width, width: columns * width, isSequence: true)
    if pass.isTraining {
      turnedGradient.reserve(count)
      resultGradient.reserve(count)
      outputGradient = output
      outputGradient.start = resultGradient.start
    }
    let read = between
    between.start = turnedGradient.start
    across.prepare(
      crosswise(pass), input: read, inputGradient: pass.isTraining ? between : nil,
      workers: workers)
  }

  func makeTwin() -> any LayerNode<Scalar> {
    SweepNode(
      columns: columns, features: features, width: width, down: down.makeTwin(),
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
    if input.stride != features {
      forEachStrip(pass, sequences) { strip in
        (packedInput.start + strip * features).update(
          from: input.start + strip * input.stride, count: features)
      }
    }
    down.forward(downwards(pass), sequences: sequences.scaled(by: columns), worker: worker)
    turn(pass, sequences, down.output, to: turned.start)
    across.forward(crosswise(pass), sequences: sequences.scaled(by: pass.timesteps), worker: worker)
    turnBack(pass, sequences, across.output, to: result.start)
  }

  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    let patches = View(
      start: resultGradient.start, stride: width, width: width, isSequence: true)
    turn(pass, sequences, patches, to: across.outputGradient.start)
    across.backward(
      crosswise(pass), sequences: sequences.scaled(by: pass.timesteps), worker: worker)
    let between = View(
      start: turnedGradient.start, stride: width, width: width, isSequence: true)
    turnBack(pass, sequences, between, to: down.outputGradient.start)
    down.backward(downwards(pass), sequences: sequences.scaled(by: columns), worker: worker)
    guard let dx = inputGradient, dx.stride != features else { return }
    forEachStrip(pass, sequences) { strip in
      (dx.start + strip * dx.stride).update(
        from: packedGradient.start + strip * features, count: features)
    }
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

  /// Calls `body` with the number of each strip of some sequences.
  private func forEachStrip(_ pass: Pass, _ sequences: Range<Int>, _ body: (Int) -> Void) {
    for t in 0..<pass.timesteps {
      for n in sequences { body(t * pass.batch + n) }
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
