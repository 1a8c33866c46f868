import RowwiseCompute
import RowwiseKernelInterface
import RowwiseWorkers

/// Two recurrent layers over the same input, one in each direction, their outputs side by side.
final class BidirectionalNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  private let forwards: any LayerNode<Scalar>
  private let backwards: any LayerNode<Scalar>
  private let kernels: KernelSet<Scalar>
  private let units: Int
  private let features: Int
  private let returnSequences: Bool
  private let joined = Buffer<Scalar>()
  private let joinedGradient = Buffer<Scalar>()
  /// Gradient by x from the layer that goes backwards.
  private let secondGradient = Buffer<Scalar>()
  private var inputGradient: View<Scalar>?
  private(set) var output: View<Scalar>
  private(set) var outputGradient: View<Scalar>

  /// - Parameter units: of each direction.
  init(
    units: Int, returnSequences: Bool, features: Int, kernels: KernelSet<Scalar>,
    forwards: any LayerNode<Scalar>, backwards: any LayerNode<Scalar>
  ) {
    self.kernels = kernels
    self.forwards = forwards
    self.backwards = backwards
    self.features = features
    self.units = units
    self.returnSequences = returnSequences
    output = View(start: joined.start, stride: 0, width: 0, isSequence: false)
    outputGradient = output
  }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    let sequences = pass.batch * (returnSequences ? pass.timesteps : 1)
    joined.reserve(sequences * 2 * units)
    output = View(
      start: joined.start, stride: 2 * units, width: 2 * units, isSequence: returnSequences)
    self.inputGradient = inputGradient
    var second: View<Scalar>?
    if pass.isTraining {
      joinedGradient.reserve(sequences * 2 * units)
      outputGradient = output
      outputGradient.start = joinedGradient.start
      if inputGradient != nil {
        secondGradient.reserve(pass.timesteps * pass.batch * features)
        second = View(
          start: secondGradient.start, stride: features, width: features, isSequence: true)
      }
    }
    forwards.prepare(pass, input: input, inputGradient: inputGradient, workers: workers)
    backwards.prepare(pass, input: input, inputGradient: second, workers: workers)
  }

  func makeTwin() -> any LayerNode<Scalar> {
    BidirectionalNode(
      units: units, returnSequences: returnSequences, features: features, kernels: kernels,
      forwards: forwards.makeTwin(), backwards: backwards.makeTwin())
  }

  var sequencesTogether: Int { max(forwards.sequencesTogether, backwards.sequencesTogether) }

  var packTasks: Int { forwards.packTasks + backwards.packTasks }

  func pack(task: Int, isTraining: Bool) {
    if task < forwards.packTasks {
      forwards.pack(task: task, isTraining: isTraining)
    } else {
      backwards.pack(task: task - forwards.packTasks, isTraining: isTraining)
    }
  }

  func forward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    forwards.forward(pass, sequences: sequences, worker: worker)
    backwards.forward(pass, sequences: sequences, worker: worker)
    join(pass, sequences)
  }

  var dividedWeights: Int { forwards.dividedWeights + backwards.dividedWeights }

  /// For two threads a direction each, for more all of them for one direction after the other.
  func forward(_ pass: Pass, part: Int, barrier: Barrier) {
    if barrier.count > 2 {
      forwards.forward(pass, part: part, barrier: barrier)
      backwards.forward(pass, part: part, barrier: barrier)
    } else {
      (part == 0 ? forwards : backwards).forward(pass, sequences: 0..<1, worker: part)
      barrier.wait()
    }
    if part == 0 { join(pass, 0..<1) }
    barrier.wait()
  }

  /// Puts what both sides make of some sequences side by side.
  private func join(_ pass: Pass, _ sequences: Range<Int>) {
    forEachVector(pass, sequences) { n, t, turned in
      let target = output.start + (t * pass.batch + n) * output.stride
      target.update(from: vector(forwards.output, pass, t, n), count: units)
      (target + units).update(from: vector(backwards.output, pass, turned, n), count: units)
    }
  }

  /// Both sides read the same sequence and cut it in the same segments, each in its own order.
  var segments: Int { forwards.segments }

  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    if pass.segment == segments - 1 {
      forEachVector(pass, sequences) { n, t, turned in
        let source = outputGradient.start + (t * pass.batch + n) * outputGradient.stride
        vector(forwards.outputGradient, pass, t, n).update(from: source, count: units)
        vector(backwards.outputGradient, pass, turned, n).update(from: source + units, count: units)
      }
    }
    forwards.backward(pass, sequences: sequences, worker: worker)
    backwards.backward(pass, sequences: sequences, worker: worker)
    guard pass.segment == 0, let dx = inputGradient else { return }
    for t in 0..<pass.timesteps {
      kernels.cells.add(
        RowsCall(
          rows: sequences, width: features,
          x: UnsafePointer(secondGradient.start + t * pass.batch * features), xStride: features,
          y: dx.start + t * pass.batch * dx.stride, yStride: dx.stride),
        nil)
    }
  }

  var gradientTasks: Int { forwards.gradientTasks + backwards.gradientTasks }

  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool) {
    if task < forwards.gradientTasks {
      forwards.gradient(pass, task: task, worker: worker, accumulates: accumulates)
    } else {
      backwards.gradient(
        pass, task: task - forwards.gradientTasks, worker: worker, accumulates: accumulates)
    }
  }

  private func vector(
    _ view: View<Scalar>, _ pass: Pass, _ t: Int, _ n: Int
  ) -> UnsafeMutablePointer<Scalar> {
    view.start + (t * pass.batch + n) * view.stride
  }

  /// Calls `body` with n, t and the backwards layer's step that read timestep t. After a sequence's end
  /// both layers carry their last state on, so there t itself will do.
  private func forEachVector(
    _ pass: Pass, _ sequences: Range<Int>, _ body: (_ n: Int, _ t: Int, _ turned: Int) -> Void
  ) {
    for n in sequences {
      guard returnSequences else {
        body(n, 0, 0)
        continue
      }
      let length = pass.length(n)
      for t in 0..<pass.timesteps { body(n, t, t < length ? length - 1 - t : t) }
    }
  }
}
