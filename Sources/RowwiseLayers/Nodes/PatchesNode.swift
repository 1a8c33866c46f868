import RowwiseCompute
import RowwiseKernelInterface

/// A layer that sees every patch of a strip by itself.
///
/// To the layer, N strips of C patches are N · C sequences. What comes out has no gaps between its rows.
final class PatchesNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  private let inner: any LayerNode<Scalar>
  private var read: StripsOfPatches<Scalar>
  /// Width of a patch that comes out.
  private let width: Int

  var output: View<Scalar> { strips(inner.output) }
  var outputGradient: View<Scalar> { strips(inner.outputGradient) }

  /// - Parameters:
  ///   - inner: gives vectors without gaps.
  ///   - columns: C.
  ///   - features: width of what is read, C · D.
  ///   - width: of a patch that comes out.
  init(_ inner: any LayerNode<Scalar>, columns: Int, features: Int, width: Int) {
    self.inner = inner
    read = StripsOfPatches(columns: columns, features: features)
    self.width = width
  }

  private func strips(_ patches: View<Scalar>) -> View<Scalar> {
    var strips = patches
    strips.width *= read.columns
    strips.stride *= read.columns
    return strips
  }

  /// The pass as the layer sees it.
  private func ofPatches(_ pass: Pass) -> Pass {
    var patches = pass
    patches.batch = pass.batch * read.columns
    return patches
  }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    precondition(pass.lengths == nil, "patches are those of pictures of one size")
    let patches = read.prepare(pass, input: input, inputGradient: inputGradient)
    inner.prepare(
      ofPatches(pass), input: patches.input, inputGradient: patches.gradient, workers: workers)
  }

  func makeStep(timesteps: Int) -> (any LayerStep<Scalar>)? {
    inner.makeStep(timesteps: timesteps).map {
      PatchesStep($0, columns: read.columns, patch: read.patch, width: width)
    }
  }

  func makeTwin() -> any LayerNode<Scalar> {
    PatchesNode(
      inner.makeTwin(), columns: read.columns, features: read.features, width: width)
  }

  var sequencesTogether: Int { inner.sequencesTogether }
  var packTasks: Int { inner.packTasks }
  func pack(task: Int, isTraining: Bool) { inner.pack(task: task, isTraining: isTraining) }

  func forward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    read.pack(pass, sequences)
    inner.forward(ofPatches(pass), sequences: sequences.scaled(by: read.columns), worker: worker)
  }

  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    inner.backward(ofPatches(pass), sequences: sequences.scaled(by: read.columns), worker: worker)
    read.unpackGradient(pass, sequences)
  }

  var gradientTasks: Int { inner.gradientTasks }

  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool) {
    inner.gradient(ofPatches(pass), task: task, worker: worker, accumulates: accumulates)
  }
}

/// A layer that sees every patch of one strip by itself and remembers none.
final class PatchesStep<Scalar: ComputeScalar>: LayerStep {
  private let inner: any LayerStep<Scalar>
  private let columns: Int
  private let patch: Int
  private let width: Int
  private let input: Buffer<Scalar>
  private let output: Buffer<Scalar>

  /// - Parameters:
  ///   - patch: numbers of a patch that is read.
  ///   - width: numbers of one that comes out.
  init(_ inner: any LayerStep<Scalar>, columns: Int, patch: Int, width: Int) {
    self.inner = inner
    self.columns = columns
    self.patch = patch
    self.width = width
    input = Buffer(columns * patch)
    output = Buffer(columns * width)
  }

  func reset() { inner.reset() }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func read(_ x: UnsafePointer<Scalar>) -> UnsafePointer<Scalar> {
    input.start.update(from: x, count: input.count)
    for column in 0..<columns {
      let y = inner.read(UnsafePointer(input.start + column * patch))
      (output.start + column * width).update(from: y, count: width)
    }
    return UnsafePointer(output.start)
  }
}
