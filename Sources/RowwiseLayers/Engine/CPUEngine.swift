import RowwiseCompute
import RowwiseKernelInterface
import RowwiseWorkers

/// The engine on the processor's cores: a chain of nodes over packed weights, batches divided in shards
/// of sequences among the threads of a pool.
final class CPUEngine<Scalar: ComputeScalar>: Engine, @unchecked Sendable {
  // SAFETY: everything below that changes does so between `access.beginWriting` and `endWriting`, and
  // is read between `beginReading` and `endReading`; work space of predictions is lent to one at a time.
  // `SharedNetworkTests` mixes all calls on several tasks, also under ThreadSanitizer.

  let kernels: KernelSet<Scalar>
  let pool: WorkerPool
  let classCount: Int
  private let timesteps: Int
  private let features: Int
  private let seed: UInt64
  private let activationBudget: Int
  private let plans: [LayerPlan]
  private let arena: Arena<Scalar>
  /// The layers that pack the weights and train.
  private let nodes: [any LayerNode<Scalar>]
  /// Layers that predict.
  let spaces: Spaces<Scalar>
  /// Readers predict or copy weights; writers train or change them.
  private let access = ReadersWriterLock()
  /// Every part of packing, and of the weight gradient, of all layers.
  private let packTasks: [(node: Int, task: Int)]
  private let gradientTasks: [(node: Int, task: Int)]
  /// See `LayerNode`.
  private let sequencesTogether: Int
  /// Whether packed weights are those of the arena.
  private var isPacked = false
  private var isPackedForTraining = false
  /// Where `gradients` leaves the gradient by x, [T, N, D], when asked to.
  private let inputGradients = Buffer<Scalar>()
  private var inputGradientCount = 0
  private let losses = Buffer<Double>()
  private let hits = Buffer<Double>()

  /// All weights are zero.
  ///
  /// - Parameters: as `Network.init`'s.
  init(
    _ builder: NetworkBuilder, timesteps: Int, features: Int, seed: UInt64, pool: WorkerPool,
    kernels: KernelSet<Scalar>, precision: Precision, activationBudget: Int
  ) {
    self.timesteps = timesteps
    self.features = features
    self.seed = seed
    self.pool = pool
    self.kernels = kernels
    self.activationBudget = activationBudget
    plans = builder.plans
    classCount = builder.parameters.last?.count ?? 0
    let size = builder.parameters.last.map { $0.offset + $0.count } ?? 0
    let arena = Arena<Scalar>(values: Buffer(size), gradients: Buffer(size))
    self.arena = arena
    let maker = NodeMaker(precision: precision, kernels: kernels, arena: arena)
    let nodes = builder.plans.map(maker.node)
    self.nodes = nodes
    spaces = Spaces(twinsOf: nodes)
    sequencesTogether = nodes.map(\.sequencesTogether).max() ?? 1
    packTasks = nodes.enumerated().flatMap { index, node in
      (0..<node.packTasks).map { (index, $0) }
    }
    gradientTasks = nodes.enumerated().flatMap { index, node in
      (0..<node.gradientTasks).map { (index, $0) }
    }
  }

  // MARK: Weights

  var weightCount: Int { arena.values.count }

  /// Gives the arena to be read.
  func withArena<Result>(_ body: (Arena<Scalar>) -> Result) -> Result {
    access.beginReading()
    defer { access.endReading() }
    return body(arena)
  }

  /// Gives the arena to be changed.
  func changeArena<Result>(_ body: (Arena<Scalar>) -> Result) -> Result {
    access.beginWriting()
    defer {
      isPacked = false
      access.endWriting()
    }
    return body(arena)
  }

  func withWeights<Result>(_ body: (UnsafeBufferPointer<Scalar>) -> Result) -> Result {
    withArena { body(UnsafeBufferPointer(start: $0.values.start, count: $0.values.count)) }
  }

  func changeWeights<Result>(_ body: (UnsafeMutableBufferPointer<Scalar>) -> Result) -> Result {
    changeArena { body(UnsafeMutableBufferPointer(start: $0.values.start, count: $0.values.count)) }
  }

  func withGradients<Result>(_ body: (UnsafeBufferPointer<Scalar>) -> Result) -> Result {
    withArena { body(UnsafeBufferPointer(start: $0.gradients.start, count: $0.gradients.count)) }
  }

  func changeGradients<Result>(_ body: (UnsafeMutableBufferPointer<Scalar>) -> Result) -> Result {
    access.beginWriting()
    defer { access.endWriting() }
    return body(
      UnsafeMutableBufferPointer(start: arena.gradients.start, count: arena.gradients.count))
  }

  func makeMoments(_ parameters: [Parameter]) -> any EngineMoments<Scalar> {
    CPUMoments(self, parameters)
  }

  func makeAverage() -> any EngineAverage<Scalar> { CPUAverage(self) }

  // MARK: Training

  func gradients(_ batch: SequenceBatch<Scalar>, _ request: GradientRequest) -> BatchResult {
    access.beginWriting()
    defer { access.endWriting() }
    let pass = makePass(batch, isTraining: true, step: request.step)
    prepare(nodes, pass, batch, inputGradient: inputGradientView(batch, request.wantsInputGradient))
    pack(isTraining: true)
    losses.reserve(batch.count)
    hits.reserve(batch.count)
    let shards = Self.shards(
      of: batch.count, threads: pool.threads, multiple: sequencesTogether)
    let isWhole = !isSegmented
    pool.run(tasks: shards) { [nodes, sequencesTogether] shard, worker in
      let sequences = (0..<pass.batch).part(shard, of: shards, multiple: sequencesTogether)
      for node in nodes { node.forward(pass, sequences: sequences, worker: worker) }
      self.differentiate(request, batch, sequences)
      guard isWhole else { return }
      for node in nodes.reversed() { node.backward(pass, sequences: sequences, worker: worker) }
    }
    if isWhole {
      pool.run(tasks: gradientTasks.count) { [nodes, gradientTasks] index, worker in
        nodes[gradientTasks[index].node].gradient(
          pass, task: gradientTasks[index].task, worker: worker, accumulates: request.accumulates)
      }
    } else {
      backwardBySegments(pass, shards: shards, accumulates: request.accumulates)
    }
    var result = BatchResult(lossSum: 0, correct: 0, count: batch.count)
    for n in 0..<batch.count {
      result.lossSum += losses.start[n]
      result.correct += Int(hits.start[n])
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
        pool.run(tasks: shards) { [part, sequencesTogether] shard, worker in
          let sequences = (0..<pass.batch).part(shard, of: shards, multiple: sequencesTogether)
          node.backward(part, sequences: sequences, worker: worker)
        }
        pool.run(tasks: node.gradientTasks) { [part] task, worker in
          node.gradient(part, task: task, worker: worker, accumulates: accumulates)
        }
      }
    }
  }

  var inputGradient: [Scalar] {
    access.beginReading()
    defer { access.endReading() }
    return Array(UnsafeBufferPointer(start: inputGradients.start, count: inputGradientCount))
  }

  /// The loss of some sequences and its gradient, at the last layer, whose logits become probabilities.
  private func differentiate(
    _ request: GradientRequest, _ batch: SequenceBatch<Scalar>, _ sequences: Range<Int>
  ) {
    let loss = request.loss
    precondition(
      loss.classWeights.map { $0.count == classCount } ?? true, "one weight for each class")
    let last = nodes[nodes.count - 1]
    let (output, gradient) = (last.output, last.outputGradient)
    let isPlain = loss.isPlain && !batch.isMixed
    for n in sequences {
      let logits = output.start + n * output.stride
      let d = gradient.start + n * gradient.stride
      let label = Int(batch.labels[n])
      let second = batch.isMixed ? Int(batch.secondLabels[n]) : label
      let share = batch.isMixed ? Double(batch.labelShares[n]) : 1
      precondition(
        0 <= label && label < classCount && 0 <= second && second < classCount,
        "labels \(label) and \(second) of \(classCount) classes")
      var best = 0
      for k in 1..<max(classCount, 1) where logits[k] > logits[best] { best = k }
      hits.start[n] = best == (share >= 0.5 ? label : second) ? 1 : 0
      losses.start[n] =
        isPlain
        ? SequenceLoss.differentiatePlain(
          logits, d, count: classCount, label: label, scale: 1 / Scalar(request.meanOver),
          kernels: kernels)
        : SequenceLoss(loss, label: label, second: second, share: share).differentiate(
          logits, d, count: classCount, scale: 1 / Double(request.meanOver), kernels: kernels)
    }
  }

  /// As many parts for every thread, and so many that threads of different speed end together; each
  /// as large as what the kernels take through all timesteps at once, where the batch allows it. None
  /// is empty where they begin at multiples of `multiple`.
  static func shards(of count: Int, threads: Int, multiple: Int) -> Int {
    let block = KernelBlocking.rows
    let perThread = max(1, (count + block * threads - 1) / (block * threads))
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

  /// What all layers must know of a pass.
  private func makePass(_ batch: SequenceBatch<Scalar>, isTraining: Bool, step: UInt64 = 0) -> Pass
  {
    Pass(
      timesteps: timesteps, batch: batch.count, isTraining: isTraining, step: step, seed: seed,
      lengths: batch.hasLengths ? UnsafePointer(batch.lengths) : nil,
      activationBudget: activationBudget)
  }

  /// Connects a chain of layers for a pass.
  private func prepare(
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

  // MARK: Predicting

  func withProbabilities<Result, Failure: Error>(
    of batch: SequenceBatch<Scalar>,
    _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let nodes = spaces.take()
    defer { spaces.give(nodes) }
    return try body(predict(batch, on: nodes))
  }

  private func predict(
    _ batch: SequenceBatch<Scalar>, on nodes: [any LayerNode<Scalar>]
  ) -> UnsafeBufferPointer<Scalar> {
    beginPredicting()
    defer { endPredicting() }
    let pass = makePass(batch, isTraining: false)
    prepare(nodes, pass, batch)
    let output = nodes[nodes.count - 1].output
    let shards = Self.shards(of: batch.count, threads: pool.threads, multiple: 1)
    pool.run(tasks: shards) { [kernels, classCount] shard, worker in
      let sequences = (0..<pass.batch).part(shard, of: shards, multiple: 1)
      for node in nodes { node.forward(pass, sequences: sequences, worker: worker) }
      for n in sequences { _ = kernels.softmax(output.start + n * output.stride, classCount) }
    }
    return UnsafeBufferPointer(start: output.start, count: batch.count * classCount)
  }

  func firstBadLayer(_ batch: SequenceBatch<Scalar>) -> Int? {
    let nodes = spaces.take()
    defer { spaces.give(nodes) }
    _ = predict(batch, on: nodes)
    return nodes.firstIndex { node in
      let output = node.output
      let vectors = batch.count * (output.isSequence ? timesteps : 1)
      return (0..<vectors).contains { index in
        let start = output.start + index * output.stride
        return !(0..<output.width).allSatisfy { start[$0].isFinite }
      }
    }.map { $0 + 1 }
  }

  func makeReader() throws(LayerError) -> any EngineReader<Scalar> {
    try CPUReader(self, nodes: nodes, plans: plans)
  }

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
