import RowwiseCompute
import RowwiseKernelInterface

/// Layers one after the other, as one layer.
final class ChainNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  private let nodes: [any LayerNode<Scalar>]
  private let last: any LayerNode<Scalar>

  var output: View<Scalar> { last.output }
  var outputGradient: View<Scalar> { last.outputGradient }

  /// - Parameters:
  ///   - nodes: all but the last, each of one segment.
  ///   - last: the last.
  init(_ nodes: [any LayerNode<Scalar>], _ last: any LayerNode<Scalar>) {
    self.nodes = nodes + [last]
    self.last = last
  }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    var (input, gradient) = (input, inputGradient)
    for index in nodes.indices {
      let node = nodes[index]
      node.prepare(pass, input: input, inputGradient: gradient, workers: workers)
      input = node.output
      gradient = pass.isTraining ? node.outputGradient : nil
    }
  }

  func makeStep(timesteps: Int) -> (any LayerStep<Scalar>)? {
    let steps = nodes.compactMap { $0.makeStep(timesteps: timesteps) }
    return steps.count == nodes.count ? ChainStep(steps) : nil
  }

  func makeTwin() -> any LayerNode<Scalar> {
    ChainNode(nodes.dropLast().map { $0.makeTwin() }, last.makeTwin())
  }

  var sequencesTogether: Int { nodes.map(\.sequencesTogether).max() ?? 1 }

  var packTasks: Int { count { $0.packTasks } }

  func pack(task: Int, isTraining: Bool) {
    let (node, own) = find(task) { $0.packTasks }
    node.pack(task: own, isTraining: isTraining)
  }

  func forward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    for index in nodes.indices {
      nodes[index].forward(pass, sequences: sequences, worker: worker)
    }
  }

  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    for index in nodes.indices.reversed() {
      nodes[index].backward(pass, sequences: sequences, worker: worker)
    }
  }

  var gradientTasks: Int { count { $0.gradientTasks } }

  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool) {
    let (node, own) = find(task) { $0.gradientTasks }
    node.gradient(pass, task: own, worker: worker, accumulates: accumulates)
  }

  // Not by functions of sequences, which allocate for every element of an array of existentials.
  private func count(_ tasks: (any LayerNode<Scalar>) -> Int) -> Int {
    var sum = 0
    for index in nodes.indices { sum += tasks(nodes[index]) }
    return sum
  }

  /// Whose task number `task` of all is, and which of its own.
  private func find(
    _ task: Int, _ tasks: (any LayerNode<Scalar>) -> Int
  ) -> (any LayerNode<Scalar>, Int) {
    var task = task
    for index in nodes.indices {
      let own = tasks(nodes[index])
      if task < own { return (nodes[index], task) }
      task -= own
    }
    preconditionFailure("a task too many")
  }
}

/// Layers that read one timestep at a time, one after the other.
final class ChainStep<Scalar: ComputeScalar>: LayerStep {
  private let steps: [any LayerStep<Scalar>]

  init(_ steps: [any LayerStep<Scalar>]) { self.steps = steps }

  func reset() {
    for step in steps { step.reset() }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func read(_ x: UnsafePointer<Scalar>) -> UnsafePointer<Scalar> {
    var x = x
    for index in steps.indices { x = steps[index].read(x) }
    return x
  }
}
