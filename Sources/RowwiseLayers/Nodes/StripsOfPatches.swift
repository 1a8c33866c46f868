import RowwiseCompute
import RowwiseKernelInterface

/// Strips as a layer of patches sees them: [N, C · D] whose rows have no gaps is [N · C, D]. Where rows have
/// gaps, they are copied.
struct StripsOfPatches<Scalar: ComputeScalar> {
  let columns: Int
  /// Width of a strip, C · D.
  let features: Int
  private let packedInput = Buffer<Scalar>()
  private let packedGradient = Buffer<Scalar>()
  private var input: View<Scalar>
  private var gradient: View<Scalar>?

  init(columns: Int, features: Int) {
    self.columns = columns
    self.features = features
    input = View(start: packedInput.start, stride: 0, width: 0, isSequence: false)
  }

  /// Numbers of a patch, D.
  var patch: Int { features / columns }

  /// Takes strips and their gradient.
  ///
  /// - Returns: the same as patches.
  mutating func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?
  ) -> (input: View<Scalar>, gradient: View<Scalar>?) {
    self.input = input
    gradient = inputGradient
    let count = input.vectors(pass) * features
    func patches(_ strips: View<Scalar>, _ packed: Buffer<Scalar>) -> View<Scalar> {
      if strips.stride != features { packed.reserve(count) }
      return View(
        start: strips.stride == features ? strips.start : packed.start, stride: patch,
        width: patch, isSequence: input.isSequence)
    }
    return (patches(input, packedInput), inputGradient.map { patches($0, packedGradient) })
  }

  /// Brings the strips of some sequences to where patches are read.
  func pack(_ pass: Pass, _ sequences: Range<Int>) {
    guard input.stride != features else { return }
    input.forEachStep(pass, sequences) { rows in
      for row in rows {
        (packedInput.start + row * features).update(
          from: input.start + row * input.stride, count: features)
      }
    }
  }

  /// Brings the gradient by patches of some sequences to where that by strips is wanted.
  func unpackGradient(_ pass: Pass, _ sequences: Range<Int>) {
    guard let gradient, gradient.stride != features else { return }
    input.forEachStep(pass, sequences) { rows in
      for row in rows {
        (gradient.start + row * gradient.stride).update(
          from: packedGradient.start + row * features, count: features)
      }
    }
  }
}
