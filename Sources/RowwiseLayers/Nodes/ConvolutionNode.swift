import RowwiseCompute
import RowwiseKernelInterface

/// 3 × 3 convolution, relu and the largest of 2 × 2; see `Convolution`.
///
/// The numbers around each place are brought side by side, [T, N, C · 9 · D], so that the convolution is a
/// dense layer that sees each place by itself.
final class ConvolutionNode<Scalar: ComputeScalar>: LayerNode, @unchecked Sendable {
  // SAFETY: see `LayerNode`.

  /// relu(x W + b) of each place, without gaps between the vectors.
  private let product: any LayerNode<Scalar>
  private let neighbors: Neighborhoods
  private let units: Int
  /// What lies around each place, and its gradient.
  private let around = Buffer<Scalar>()
  private let aroundGradient = Buffer<Scalar>()
  private var views = NodeViews<Scalar>()

  var output: View<Scalar> { views.output }
  var outputGradient: View<Scalar> { views.outputGradient }

  /// - Parameters:
  ///   - product: reads 9 · D numbers a place and gives `units`.
  ///   - columns: places side by side in what is read.
  ///   - features: width of what is read.
  init(_ product: any LayerNode<Scalar>, columns: Int, features: Int, units: Int) {
    self.product = product
    neighbors = Neighborhoods(columns: columns, patch: features / columns)
    self.units = units
  }

  func prepare(
    _ pass: Pass, input: View<Scalar>, inputGradient: View<Scalar>?, workers: Int
  ) {
    precondition(pass.lengths == nil, "convolutions read pictures of one size")
    views.prepare(
      pass, input: input, inputGradient: inputGradient,
      vectors: Convolution.pooled(pass.timesteps) * pass.batch,
      width: Convolution.pooled(neighbors.columns) * units, isSequence: true)
    let count = input.vectors(pass) * neighbors.width
    around.reserve(count)
    // The first layer's input wants no gradient: a product less.
    if inputGradient != nil { aroundGradient.reserve(count) }
    product.prepare(
      pass, input: aroundView,
      inputGradient: inputGradient == nil ? nil : aroundGradientView, workers: workers)
  }

  private var aroundView: View<Scalar> {
    View(
      start: around.start, stride: neighbors.width, width: neighbors.width, isSequence: true)
  }

  private var aroundGradientView: View<Scalar> {
    var view = aroundView
    view.start = aroundGradient.start
    return view
  }

  func makeTwin() -> any LayerNode<Scalar> {
    ConvolutionNode(
      product.makeTwin(), columns: neighbors.columns,
      features: neighbors.columns * neighbors.patch, units: units)
  }

  var sequencesTogether: Int { product.sequencesTogether }
  var packTasks: Int { product.packTasks }
  func pack(task: Int, isTraining: Bool) { product.pack(task: task, isTraining: isTraining) }

  func forward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    neighbors.gather(pass, sequences, views.input, to: around.start)
    product.forward(pass, sequences: sequences, worker: worker)
    pool(pass, sequences)
  }

  func backward(_ pass: Pass, sequences: Range<Int>, worker: Int) {
    unpool(pass, sequences)
    product.backward(pass, sequences: sequences, worker: worker)
    guard let dx = views.inputGradient else { return }
    neighbors.scatter(pass, sequences, aroundGradient.start, to: dx)
  }

  var gradientTasks: Int { product.gradientTasks }

  func gradient(_ pass: Pass, task: Int, worker: Int, accumulates: Bool) {
    product.gradient(pass, task: task, worker: worker, accumulates: accumulates)
  }

  /// Calls `body` with every pooled place: the number of its first number, and those of the places that it is
  /// made of, row after row; at an odd edge some of them are nil.
  @inline(__always)
  private func forEachPooled(
    _ pass: Pass, _ sequences: Range<Int>,
    _ body: (_ pooled: Int, _ first: Int, _ right: Int?, _ below: Int?, _ diagonal: Int?) -> Void
  ) {
    let columns = neighbors.columns
    let (width, pooledWidth) = (columns * units, output.stride)
    // From a strip to the same sequence's next one.
    let next = pass.batch * width
    for t in 0..<Convolution.pooled(pass.timesteps) {
      let hasBelow = 2 * t + 1 < pass.timesteps
      for n in sequences {
        let strip = (2 * t * pass.batch + n) * width
        let pooled = (t * pass.batch + n) * pooledWidth
        for column in 0..<Convolution.pooled(columns) {
          let first = strip + 2 * column * units
          let hasRight = 2 * column + 1 < columns
          body(
            pooled + column * units, first, hasRight ? first + units : nil,
            hasBelow ? first + next : nil, hasRight && hasBelow ? first + next + units : nil)
        }
      }
    }
  }

  // Known to be of Float where it is: the compiler does not see it from a node's uses.
  @specialized(where Scalar == Float)
  private func pool(_ pass: Pass, _ sequences: Range<Int>) {
    let (x, y) = (product.output.start, output.start)
    forEachPooled(pass, sequences) { pooled, first, right, below, diagonal in
      let (y, first) = (y + pooled, x + first)
      // A place that is not there is the first once more.
      let right = right.map { x + $0 } ?? first
      let below = below.map { x + $0 } ?? first
      let diagonal = diagonal.map { x + $0 } ?? first
      for i in 0..<units {
        let upper = right[i] > first[i] ? right[i] : first[i]
        let lower = diagonal[i] > below[i] ? diagonal[i] : below[i]
        y[i] = lower > upper ? lower : upper
      }
    }
  }

  /// Gives the gradient to the first of the largest, and zeros to the others.
  @specialized(where Scalar == Float)
  private func unpool(_ pass: Pass, _ sequences: Range<Int>) {
    let (x, dx) = (product.output.start, product.outputGradient.start)
    let (y, dy) = (output.start, outputGradient.start)
    forEachPooled(pass, sequences) { pooled, first, right, below, diagonal in
      let (y, dy) = (y + pooled, dy + pooled)
      // What is given is taken from dy, which nothing reads again.
      @inline(__always) func give(_ place: Int?) {
        guard let place else { return }
        let (x, dx) = (x + place, dx + place)
        for i in 0..<units {
          let isLargest = x[i] == y[i]
          dx[i] = isLargest ? dy[i] : 0
          dy[i] = isLargest ? 0 : dy[i]
        }
      }
      give(first)
      give(right)
      give(below)
      give(diagonal)
    }
  }
}
