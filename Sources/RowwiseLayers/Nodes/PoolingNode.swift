import RowwiseCompute
import RowwiseKernelInterface

/// One vector of all timesteps; see `PoolingKind`.
final class PoolingNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  private let kind: PoolingKind
  private let width: Int
  private let kernels: KernelSet<Scalar>
  private let arena: Arena<Scalar>
  private let queryOffset: Int?
  /// α of every sequence, [N, T]; each sequence's gradient by q, [N, D].
  private let weights = Buffer<Scalar>()
  private let queryGradients = Buffer<Scalar>()
  private var views = NodeViews<Scalar>()

  private var input: View<Scalar> { views.input }
  private var inputGradient: View<Scalar>? { views.inputGradient }
  var output: View<Scalar> { views.output }
  var outputGradient: View<Scalar> { views.outputGradient }

  init(
    _ kind: PoolingKind, width: Int, kernels: KernelSet<Scalar>, arena: Arena<Scalar>,
    queryOffset: Int?
  ) {
    self.kind = kind
    self.width = width
    self.kernels = kernels
    self.arena = arena
    self.queryOffset = queryOffset
  }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    views.prepare(
      pass, input: input, inputGradient: inputGradient,
      vectors: pass.batch * (pass.givesEveryState ? pass.timesteps : 1), width: input.width,
      isSequence: pass.givesEveryState)
    guard queryOffset != nil else { return }
    weights.reserve(pass.batch * pass.timesteps)
    if pass.isTraining { queryGradients.reserve(pass.batch * input.width) }
  }

  func makeStep(timesteps: Int) -> (any LayerStep<Scalar>)? {
    PoolingStep(
      kind, kernels: kernels, query: queryOffset.map { UnsafePointer(arena.values.start + $0) },
      width: width, timesteps: timesteps)
  }

  func makeTwin() -> any LayerNode<Scalar> {
    PoolingNode(kind, width: width, kernels: kernels, arena: arena, queryOffset: queryOffset)
  }

  var packTasks: Int { 0 }
  func pack(task: Int, isTraining: Bool) {}

  func forward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    guard pass.givesEveryState else { return kernels.cells.pool(call(pass, sequences)) }
    for t in 0..<pass.timesteps {
      var call = call(pass, sequences)
      call.timesteps = t + 1
      call.y += t * pass.batch * output.stride
      kernels.cells.pool(call)
    }
  }

  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    kernels.cells.poolBackward(
      call(pass, sequences),
      PoolingGradients(
        dy: UnsafePointer(outputGradient.start), dx: inputGradient?.start,
        dxStride: inputGradient?.stride ?? 0,
        query: queryOffset == nil ? nil : queryGradients.start))
  }

  var gradientTasks: Int { queryOffset == nil ? 0 : 1 }

  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool) {
    guard let queryOffset else { return }
    let receiver = arena.gradients.start + queryOffset
    if !accumulates { receiver.clear(input.width) }
    kernels.cells.sum(
      RowsCall(
        rows: 0..<pass.batch, width: input.width, x: UnsafePointer(queryGradients.start),
        xStride: input.width, y: receiver, yStride: input.width))
  }

  private func call(_ pass: Pass, _ sequences: Range<Int>) -> PoolingCall<Scalar> {
    PoolingCall(
      kind: kind, timesteps: pass.timesteps, batch: pass.batch, width: input.width, rows: sequences,
      lengths: pass.lengths, x: UnsafePointer(input.start), xStride: input.stride,
      y: output.start, yStride: output.stride,
      attention: queryOffset.map {
        (UnsafePointer(arena.values.start + $0), weights.start)
      })
  }
}
