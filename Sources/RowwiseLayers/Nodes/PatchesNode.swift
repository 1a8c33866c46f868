import RowwiseCompute
import RowwiseKernelInterface

/// A layer that sees every patch of a strip by itself.
///
/// A strip [N, C · D] whose rows have no gaps is [N · C, D]: to the layer, N · C sequences. What comes
/// out has no gaps between its rows either.
final class PatchesNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  private let inner: any LayerNode<Scalar>
  private let columns: Int
  /// Width of what is read, C · D.
  private let features: Int
  /// Width of a patch that comes out.
  private let width: Int
  /// The input and its gradient where rows have gaps.
  private let packedInput = Buffer<Scalar>()
  private let packedGradient = Buffer<Scalar>()
  private var input: View<Scalar>
  private var inputGradient: View<Scalar>?

  var output: View<Scalar> { strips(inner.output) }
  var outputGradient: View<Scalar> { strips(inner.outputGradient) }

  /// - Parameters:
  ///   - inner: gives vectors without gaps.
  ///   - columns: C.
  ///   - features: width of what is read, C · D.
  ///   - width: of a patch that comes out.
  init(_ inner: any LayerNode<Scalar>, columns: Int, features: Int, width: Int) {
    self.inner = inner
    self.columns = columns
    self.features = features
    self.width = width
    input = View(start: packedInput.start, stride: 0, width: 0, isSequence: false)
  }

  private func strips(_ patches: View<Scalar>) -> View<Scalar> {
    var strips = patches
    strips.width *= columns
    strips.stride *= columns
    return strips
  }

  /// The pass as the layer sees it.
  private func ofPatches(_ pass: Pass) -> Pass {
    var patches = pass
    patches.batch = pass.batch * columns
    return patches
  }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    precondition(pass.lengths == nil, "patches are those of pictures of one size")
    self.input = input
    self.inputGradient = inputGradient
    let vectors = input.vectors(pass)
    let patch = features / columns
    var patches = View(
      start: input.start, stride: patch, width: patch, isSequence: input.isSequence)
    if input.stride != features {
      packedInput.reserve(vectors * features)
      patches.start = packedInput.start
    }
    let gradient = inputGradient.map { gradient in
      var patches = patches
      patches.start = gradient.start
      if gradient.stride != features {
        packedGradient.reserve(vectors * features)
        patches.start = packedGradient.start
      }
      return patches
    }
    inner.prepare(ofPatches(pass), input: patches, inputGradient: gradient, workers: workers)
  }

  func makeStep(timesteps: Int) -> (any LayerStep<Scalar>)? {
    inner.makeStep(timesteps: timesteps).map {
      PatchesStep($0, columns: columns, patch: features / columns, width: width)
    }
  }

  func makeTwin() -> any LayerNode<Scalar> {
    PatchesNode(inner.makeTwin(), columns: columns, features: features, width: width)
  }

  var sequencesTogether: Int { inner.sequencesTogether }
  var packTasks: Int { inner.packTasks }
  func pack(task: Int, isTraining: Bool) { inner.pack(task: task, isTraining: isTraining) }

  func forward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    if input.stride != features {
      input.forEachStep(pass, sequences) { rows in
        for row in rows {
          (packedInput.start + row * features).update(
            from: input.start + row * input.stride, count: features)
        }
      }
    }
    inner.forward(ofPatches(pass), sequences: sequences.scaled(by: columns), worker: worker)
  }

  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    inner.backward(ofPatches(pass), sequences: sequences.scaled(by: columns), worker: worker)
    guard let dx = inputGradient, dx.stride != features else { return }
    input.forEachStep(pass, sequences) { rows in
      for row in rows {
        (dx.start + row * dx.stride).update(
          from: packedGradient.start + row * features, count: features)
      }
    }
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
