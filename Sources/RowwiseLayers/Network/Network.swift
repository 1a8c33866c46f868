public import RowwiseCompute
public import RowwiseKernelInterface
public import RowwiseWorkers
import Synchronization

/// A stack of layers with its weights, ready to run: sequences in, class probabilities out.
///
/// Any number of tasks may predict with it at once, each in work space of its own over the same
/// weights; inside, it uses all threads of its pool. What changes weights or gradients waits until it
/// is alone, so who predicts during training gets the answers of the weights between two steps. For
/// one instruction set all results have the same bits for any number of threads and callers, and a
/// sequence's probabilities do not depend on what else is in the batch.
public final class Network<Scalar: ComputeScalar>: @unchecked Sendable {
  // SAFETY: everything below that changes does so between `access.beginWriting` and `endWriting`, and
  // is read between `beginReading` and `endReading`; work space of predictions is lent to one at a time.
  // `SharedNetworkTests` mixes all calls on several tasks, also under ThreadSanitizer.

  /// T and D of the input.
  public let timesteps: Int
  /// D.
  public let features: Int
  /// The layers.
  public let layers: [LayerSpecification]
  /// Every weight array, in order.
  public let parameters: [Parameter]
  /// Classes K: units of the last layer.
  public let classCount: Int
  /// The kernels in use.
  public let kernels: KernelSet<Scalar>
  /// The threads in use.
  public let pool: WorkerPool

  private let seed: UInt64
  /// Weights and gradients.
  let arena: Arena<Scalar>
  /// What the products of LSTM layers are formed in.
  public let precision: Precision
  /// Bytes that one layer may keep of its activations in training.
  public let activationBudget: Int
  /// The layers that pack the weights and train.
  let nodes: [any LayerNode<Scalar>]
  /// Layers that predict.
  let spaces: Spaces<Scalar>
  /// Readers predict or copy weights; writers train or change them.
  let access = ReadersWriterLock()
  /// Whether a training of many steps has claimed the network.
  let isInTraining = Atomic<Bool>(false)
  /// Every part of packing, and of the weight gradient, of all layers.
  private let packTasks: [(node: Int, task: Int)]
  private let gradientTasks: [(node: Int, task: Int)]
  /// See `LayerNode`.
  private let rowsTogether: Int
  /// Whether packed weights are those of the arena.
  var isPacked = false
  private var isPackedForTraining = false
  /// Where `gradients` leaves the gradient by x, [T, N, D], when asked to.
  private let inputGradients = Buffer<Scalar>()
  private var inputGradientCount = 0
  private let rowLosses = Buffer<Double>()
  private let rowHits = Buffer<Double>()

  /// Builds the layers and draws their first weights.
  ///
  /// - Parameters:
  ///   - layers: the stack; the last is `Dense` with softmax.
  ///   - timesteps: T, at least 1.
  ///   - features: D, at least 1.
  ///   - seed: of the first weights and of dropout; nil leaves all weights zero, for a network
  ///     whose weights come from a file.
  ///   - pool: threads to run on.
  ///   - kernels: nil for the fastest this processor has.
  ///   - precision: of the products of LSTM layers; other layers always use `Scalar`.
  ///   - activationBudget: bytes that one LSTM layer may keep of its activations in training. A layer
  ///     of H units, H′ with padding, over T timesteps and N sequences has T · N · 6 H′ numbers of
  ///     them: gates, h and c. Where that is too much, it keeps h and c at the start of k segments,
  ///     N · k · 2 H′ numbers, and one segment's activations at a time, ⌈T / k⌉ · N · 6 H′, which
  ///     costs a second forward pass: 4 products instead of 3. Sums over timesteps are then formed
  ///     in another order, so that weights differ by rounding from those of another budget.
  /// - Throws: `LayerError` when the layers do not fit together.
  public init(
    _ layers: [any Layer], timesteps: Int, features: Int, seed: UInt64?, pool: WorkerPool,
    kernels: KernelSet<Scalar>? = nil, precision: Precision = .float32,
    activationBudget: Int = 1 << 30
  ) throws(LayerError) {
    precondition(timesteps > 0 && features > 0, "input sizes must be positive")
    self.timesteps = timesteps
    self.features = features
    self.seed = seed ?? 0
    self.pool = pool
    self.precision = precision
    self.activationBudget = activationBudget
    let specifications = layers.map(\.specification)
    self.layers = specifications
    let kernels = kernels ?? Scalar.kernels(upTo: nil)
    self.kernels = kernels
    var builder = NetworkBuilder(timesteps: timesteps, features: features)
    try builder.plan(specifications)
    parameters = builder.parameters
    let size = parameters.last.map { $0.offset + $0.count } ?? 0
    arena = Arena(values: Buffer(size), gradients: Buffer(size))
    classCount = parameters.last?.count ?? 0
    nodes = NetworkBuilder.nodes(
      specifications, timesteps: timesteps, features: features, parameters: parameters,
      precision: precision, kernels: kernels, arena: arena)
    spaces = Spaces(twinsOf: nodes)
    rowsTogether = nodes.map(\.rowsTogether).max() ?? 1
    packTasks = nodes.enumerated().flatMap { index, node in
      (0..<node.packTasks).map { (index, $0) }
    }
    gradientTasks = nodes.enumerated().flatMap { index, node in
      (0..<node.gradientTasks).map { (index, $0) }
    }
    guard let seed else { return }
    for (index, (parameter, initializer)) in zip(parameters, builder.initializers).enumerated() {
      let columns = parameter.shape.last ?? 1
      let values = initializer.values(
        rows: parameter.count / columns, columns: columns, seed: seed, stream: UInt64(index))
      for (i, value) in values.enumerated() {
        arena.values.start[parameter.offset + i] = Scalar(value)
      }
    }
  }

  /// The weight arrays that a stack of layers has, without making any.
  public static func parameters(
    of layers: [LayerSpecification], timesteps: Int, features: Int
  ) throws(LayerError) -> [Parameter] {
    var builder = NetworkBuilder(timesteps: timesteps, features: features)
    try builder.plan(layers)
    return builder.parameters
  }

  // MARK: Passes

  /// Sums over a batch.
  public struct BatchResult: Sendable, Equatable {
    /// Σ of the sequences' losses, nats.
    public var lossSum: Double
    /// Sequences whose most probable class is their label.
    public var correct: Int
    /// Sequences.
    public var count: Int
  }

  /// Loss of a batch and its mean's gradient by every weight, which stay until the next call: those who
  /// compute gradients with one network take turns.
  ///
  /// - Parameters:
  ///   - batch: sequences and labels, each 0 ..< K.
  ///   - loss: what the loss is.
  ///   - meanOver: sequences that the mean is taken over, where several batches make up a step;
  ///     nil for those of this one.
  ///   - step: counts training steps; addresses dropout's random numbers.
  ///   - accumulates: add to the gradients that are there.
  ///   - wantsInputGradient: also leave the gradient by x for `inputGradient`.
  public func gradients(
    _ batch: SequenceBatch<Scalar>, loss: LossSettings = LossSettings(), meanOver: Int? = nil,
    step: UInt64 = 0, accumulates: Bool = false, wantsInputGradient: Bool = false
  ) -> BatchResult {
    access.beginWriting()
    defer { access.endWriting() }
    let pass = makePass(batch, isTraining: true, step: step)
    prepare(nodes, pass, batch, inputGradient: inputGradientView(batch, wantsInputGradient))
    pack(isTraining: true)
    rowLosses.reserve(batch.count)
    rowHits.reserve(batch.count)
    let shards = Self.shards(
      of: batch.count, threads: pool.threads, multiple: rowsTogether)
    let isWhole = !isSegmented
    pool.run(tasks: shards) { [nodes, rowsTogether] shard, worker in
      let rows = (0..<pass.batch).part(shard, of: shards, multiple: rowsTogether)
      for node in nodes { node.forward(pass, rows: rows, worker: worker) }
      if loss.isPlain, !batch.isMixed {
        self.differentiateLoss(batch, rows, meanOver: meanOver ?? batch.count)
      } else {
        self.differentiate(loss, batch, rows, meanOver: meanOver ?? batch.count)
      }
      guard isWhole else { return }
      for node in nodes.reversed() { node.backward(pass, rows: rows, worker: worker) }
    }
    if isWhole {
      pool.run(tasks: gradientTasks.count) { [nodes, gradientTasks] index, worker in
        nodes[gradientTasks[index].node].gradient(
          pass, task: gradientTasks[index].task, worker: worker, accumulates: accumulates)
      }
    } else {
      backwardBySegments(pass, shards: shards, accumulates: accumulates)
    }
    var result = BatchResult(lossSum: 0, correct: 0, count: batch.count)
    for n in 0..<batch.count {
      result.lossSum += rowLosses.start[n]
      result.correct += Int(rowHits.start[n])
    }
    return result
  }

  /// Whether any layer keeps its activations by segments. Not by `contains(where:)`, which allocates
  /// for every element of an array of existentials.
  private var isSegmented: Bool {
    for node in nodes where node.segments > 1 { return true }
    return false
  }

  /// Goes back layer by layer and segment by segment, since a segment's activations make room for
  /// the one before it.
  private func backwardBySegments(_ pass: Pass, shards: Int, accumulates: Bool) {
    for node in nodes.reversed() {
      for segment in (0..<node.segments).reversed() {
        var part = pass
        part.segment = segment
        let accumulates = accumulates || segment < node.segments - 1
        pool.run(tasks: shards) { [part, rowsTogether] shard, worker in
          let rows = (0..<pass.batch).part(shard, of: shards, multiple: rowsTogether)
          node.backward(part, rows: rows, worker: worker)
        }
        pool.run(tasks: node.gradientTasks) { [part] task, worker in
          node.gradient(part, task: task, worker: worker, accumulates: accumulates)
        }
      }
    }
  }

  /// ∂loss/∂x, [T, N, D] of the last batch given to `gradients` with `wantsInputGradient`.
  public var inputGradient: [Scalar] {
    access.beginReading()
    defer { access.endReading() }
    return Array(UnsafeBufferPointer(start: inputGradients.start, count: inputGradientCount))
  }

  /// Softmax and cross-entropy of some rows: logits become probabilities, and (p − 1{label}) / N
  /// goes to the last layer's gradient.
  private func differentiateLoss(
    _ batch: SequenceBatch<Scalar>, _ rows: Range<Int>, meanOver: Int
  ) {
    let last = nodes[nodes.count - 1]
    let (output, gradient) = (last.output, last.outputGradient)
    let scale = 1 / Scalar(meanOver)
    for n in rows {
      let logits = output.start + n * output.stride
      let d = gradient.start + n * gradient.stride
      let label = Int(batch.labels[n])
      precondition(0 <= label && label < classCount, "label \(label) of \(classCount) classes")
      var best = 0
      for k in 1..<max(classCount, 1) where logits[k] > logits[best] { best = k }
      let logit = Double(logits[label])
      rowLosses.start[n] = kernels.softmax(logits, classCount) - logit
      rowHits.start[n] = best == label ? 1 : 0
      for k in 0..<classCount { d[k] = logits[k] * scale }
      d[label] -= scale
    }
  }

  /// The same for every variation of the loss.
  private func differentiate(
    _ loss: LossSettings, _ batch: SequenceBatch<Scalar>, _ rows: Range<Int>, meanOver: Int
  ) {
    precondition(
      loss.classWeights.map { $0.count == classCount } ?? true, "one weight for each class")
    let last = nodes[nodes.count - 1]
    let (output, gradient) = (last.output, last.outputGradient)
    for n in rows {
      let logits = output.start + n * output.stride
      let label = Int(batch.labels[n])
      let second = batch.isMixed ? Int(batch.secondLabels[n]) : label
      let share = batch.isMixed ? Double(batch.labelShares[n]) : 1
      precondition(
        (0..<classCount).contains(label) && (0..<classCount).contains(second),
        "labels \(label) and \(second) of \(classCount) classes")
      let row = LossRow(loss, label: label, second: second, share: share)
      var best = 0
      for k in 1..<max(classCount, 1) where logits[k] > logits[best] { best = k }
      rowHits.start[n] = best == (share >= 0.5 ? label : second) ? 1 : 0
      rowLosses.start[n] = row.differentiate(
        logits, gradient.start + n * gradient.stride, count: classCount,
        scale: 1 / Double(meanOver), kernels: kernels)
    }
  }

  /// As many parts for every thread, and so many that threads of different speed end together; each
  /// as large as what the kernels take through all timesteps at once, where the batch allows it. None
  /// is empty where they begin at multiples of `multiple`.
  static func shards(of count: Int, threads: Int, multiple: Int) -> Int {
    let rows = 48
    let perThread = max(1, (count + rows * threads - 1) / (rows * threads))
    return min((count + multiple - 1) / multiple, perThread * threads)
  }

  private func inputGradientView(
    _ batch: SequenceBatch<Scalar>, _ isWanted: Bool
  ) -> View<Scalar>? {
    guard isWanted else { return nil }
    inputGradientCount = timesteps * batch.count * features
    inputGradients.reserve(inputGradientCount)
    return View(
      start: inputGradients.start, stride: features, width: features, isSequence: true)
  }

  /// Checks a batch; what all layers must know of it.
  func makePass(_ batch: SequenceBatch<Scalar>, isTraining: Bool, step: UInt64 = 0) -> Pass {
    precondition(
      batch.timesteps == timesteps && batch.features == features,
      "the network reads \(timesteps) × \(features), not \(batch.timesteps) × \(batch.features)")
    return Pass(
      timesteps: timesteps, batch: batch.count, isTraining: isTraining, step: step, seed: seed,
      lengths: batch.hasLengths ? UnsafePointer(batch.lengths) : nil,
      activationBudget: activationBudget)
  }

  /// Connects a chain of layers for a pass.
  func prepare(
    _ nodes: [any LayerNode<Scalar>], _ pass: Pass, _ batch: SequenceBatch<Scalar>,
    inputGradient: View<Scalar>? = nil
  ) {
    var input = View(
      start: batch.inputs.start, stride: features, width: features, isSequence: true)
    var gradient = inputGradient
    for node in nodes {
      node.prepare(pass, input: input, inputGradient: gradient, workers: pool.threads)
      input = node.output
      // Only what lies below a layer with weights needs its gradient.
      gradient =
        pass.isTraining && (gradient != nil || node.gradientTasks > 0) ? node.outputGradient : nil
    }
  }

  // MARK: Reading weights

  /// Waits until the weights may be read, with the packed ones up to date.
  func beginPredicting() {
    access.beginReading()
    if isPacked { return }
    access.endReading()
    access.beginWriting()
    pack(isTraining: false)
    access.endWriting(reads: true)
  }

  /// Leaves, as every `beginPredicting` must.
  func endPredicting() { access.endReading() }

  /// Packs the weights if they have changed; to be called by a writer.
  private func pack(isTraining: Bool) {
    guard !isPacked || (isTraining && !isPackedForTraining) else { return }
    pool.run(tasks: packTasks.count) { [nodes, packTasks] index, _ in
      nodes[packTasks[index].node].pack(task: packTasks[index].task, isTraining: isTraining)
    }
    isPacked = true
    isPackedForTraining = isTraining
  }
}
