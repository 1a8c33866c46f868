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
  let timesteps: Int
  let features: Int
  private let seed: UInt64
  private let activationBudget: Int
  let plans: [LayerPlan]
  /// Timesteps of what each layer reads.
  let nodeTimesteps: [Int]
  private let arena: Arena<Scalar>
  /// The layers that pack the weights and train.
  let nodes: [any LayerNode<Scalar>]
  /// Layers that predict.
  let spaces: Spaces<Scalar>
  /// Readers predict or copy weights; writers train or change them.
  private let access = ReadersWriterLock()
  /// Every part of packing, and of the weight gradient, of all layers.
  private let packTasks: [(node: Int, task: Int)]
  private let gradientTasks: [(node: Int, task: Int)]
  /// See `LayerNode`.
  let sequencesTogether: Int
  /// Whether packed weights are those of the arena.
  private var isPacked = false
  private var isPackedForTraining = false
  /// Where `gradients` leaves the gradient by x, [T, N, D], when asked to.
  private let inputGradients = Buffer<Scalar>()
  private var inputGradientCount = 0
  let losses = Buffer<Double>()
  let hits = Buffer<Double>()

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
    nodeTimesteps = builder.plans.map(\.timesteps)
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

  /// Runs `body` while nobody else predicts, trains or changes weights.
  func alone<Result>(_ body: () -> Result) -> Result {
    access.beginWriting()
    defer { access.endWriting() }
    return body()
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
    alone {
      body(UnsafeMutableBufferPointer(start: arena.gradients.start, count: arena.gradients.count))
    }
  }

  func makeMoments(_ parameters: [Parameter]) -> any EngineMoments<Scalar> {
    CPUMoments(self, parameters)
  }

  func makeAverage() -> any EngineAverage<Scalar> { CPUAverage(self) }

  // MARK: Training

  func gradients(_ batch: SequenceBatch<Scalar>, _ request: GradientRequest) -> BatchResult {
    access.beginWriting()
    defer { access.endWriting() }
    let early = request.loss.early?.weights(timesteps: timesteps) ?? []
    precondition(
      early.isEmpty || !batch.hasLengths, "the early loss is for sequences of one length")
    let passes = passes(makePass(batch, isTraining: true, step: request.step), early)
    prepare(
      nodes, passes, batch, inputGradient: inputGradientView(batch, request.wantsInputGradient))
    pack(isTraining: true)
    losses.reserve(batch.count)
    hits.reserve(batch.count)
    let shards = Self.shards(
      of: batch.count, threads: pool.threads, multiple: sequencesTogether)
    let isWhole = !isSegmented
    pool.run(tasks: shards) { [nodes, sequencesTogether] shard, worker in
      let sequences = (0..<batch.count).part(shard, of: shards, multiple: sequencesTogether)
      for index in nodes.indices {
        passes.forEach(index, sequences) {
          nodes[index].forward(passes.pass(of: index), sequences: $0, worker: worker)
        }
      }
      if early.isEmpty {
        self.differentiate(request, batch, sequences)
      } else {
        self.differentiateEarly(request, batch, sequences, passes, early)
      }
      guard isWhole else { return }
      for index in nodes.indices.reversed() {
        passes.forEach(index, sequences) {
          nodes[index].backward(passes.pass(of: index), sequences: $0, worker: worker)
        }
      }
    }
    if isWhole {
      pool.run(tasks: gradientTasks.count) { [nodes, gradientTasks] index, worker in
        let (node, task) = gradientTasks[index]
        nodes[node].gradient(
          passes.pass(of: node), task: task, worker: worker, accumulates: request.accumulates)
      }
    } else {
      backwardBySegments(
        passes, count: batch.count, shards: shards, accumulates: request.accumulates)
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
  private func backwardBySegments(
    _ passes: NodePasses, count: Int, shards: Int, accumulates: Bool
  ) {
    for index in nodes.indices.reversed() {
      let node = nodes[index]
      for segment in (0..<node.segments).reversed() {
        var part = passes.pass(of: index)
        part.segment = segment
        let accumulates = accumulates || segment < node.segments - 1
        pool.run(tasks: shards) { [part, sequencesTogether] shard, worker in
          passes.forEach(
            index, (0..<count).part(shard, of: shards, multiple: sequencesTogether)
          ) {
            node.backward(part, sequences: $0, worker: worker)
          }
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
      let own = SequenceLoss(loss, batch, n, classCount: classCount)
      hits.start[n] = own.hits(logits, count: classCount) ? 1 : 0
      losses.start[n] =
        isPlain
        ? SequenceLoss.differentiatePlain(
          logits, d, count: classCount, label: Int(batch.labels[n]),
          scale: 1 / Scalar(request.meanOver), kernels: kernels)
        : own.differentiate(
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
  func makePass(_ batch: SequenceBatch<Scalar>, isTraining: Bool, step: UInt64 = 0) -> Pass {
    Pass(
      timesteps: timesteps, batch: batch.count, isTraining: isTraining, step: step, seed: seed,
      lengths: batch.hasLengths ? UnsafePointer(batch.lengths) : nil,
      activationBudget: activationBudget)
  }

  /// Connects a chain of layers for a pass.
  func prepare(
    _ nodes: [any LayerNode<Scalar>], _ passes: NodePasses, _ batch: SequenceBatch<Scalar>,
    inputGradient: View<Scalar>? = nil
  ) {
    var input = View(
      start: batch.inputs.start, stride: features, width: features, isSequence: true)
    var gradient = inputGradient
    // Not by `enumerated()`, which allocates for every element of an array of existentials.
    for index in nodes.indices {
      let node = nodes[index]
      let pass = passes.pass(of: index)
      if index == passes.headStart {
        input = input.states(from: passes.timesteps.lowerBound, batch: batch.count)
        gradient = gradient?.states(from: passes.timesteps.lowerBound, batch: batch.count)
      }
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

  /// Class probabilities, row after row of the last layer's output.
  ///
  /// - Parameters:
  ///   - passes: of the nodes; nil: one for all.
  ///   - softmax: false leaves logits.
  func predict(
    _ batch: SequenceBatch<Scalar>, on nodes: [any LayerNode<Scalar>],
    passes: NodePasses? = nil, softmax: Bool = true
  ) -> UnsafeBufferPointer<Scalar> {
    beginPredicting()
    defer { endPredicting() }
    let passes =
      passes ?? NodePasses(makePass(batch, isTraining: false), nodeTimesteps: nodeTimesteps)
    prepare(nodes, passes, batch)
    let last = nodes.count - 1
    let output = nodes[last].output
    let isDivided = batch.count == 1 && predictDivided(nodes, passes)
    let shards = Self.shards(of: batch.count, threads: pool.threads, multiple: 1)
    pool.run(tasks: shards) { [kernels, classCount] shard, worker in
      let sequences = (0..<batch.count).part(shard, of: shards, multiple: 1)
      for index in nodes.indices where !isDivided {
        passes.forEach(index, sequences) {
          nodes[index].forward(passes.pass(of: index), sequences: $0, worker: worker)
        }
      }
      guard softmax else { return }
      passes.forEach(last, sequences) {
        for n in $0 { _ = kernels.softmax(output.start + n * output.stride, classCount) }
      }
    }
    return UnsafeBufferPointer(start: output.start, count: passes.pass(of: last).batch * classCount)
  }

  /// Weights of a thread's part of a timestep below which threads would wait longer for each other than they
  /// compute.
  private static var leastDividedWeights: Int { 1 << 17 }

  /// Computes the output for a single sequence by all threads together where layers are large enough, or
  /// nothing.
  ///
  /// The sums are those of one thread, so that the bits are, too.
  private func predictDivided(_ nodes: [any LayerNode<Scalar>], _ passes: NodePasses) -> Bool {
    guard pool.threads > 1, passes.headStart == .max else { return false }
    var weights = 0
    for index in nodes.indices { weights = max(weights, nodes[index].dividedWeights) }
    let parts = min(pool.threads, weights / Self.leastDividedWeights)
    guard parts > 1 else { return false }
    let barrier = Barrier(count: parts)
    return pool.runTogether(parts: parts) { part in
      for index in nodes.indices {
        nodes[index].forward(passes.pass(of: index), part: part, barrier: barrier)
      }
    }
  }

  func firstBadLayer(_ batch: SequenceBatch<Scalar>) -> Int? {
    let nodes = spaces.take()
    defer { spaces.give(nodes) }
    _ = predict(batch, on: nodes)
    return nodes.indices.first { index in
      let output = nodes[index].output
      // What comes out has as many timesteps as the next layer reads.
      let steps = output.isSequence ? nodeTimesteps[min(index + 1, nodes.count - 1)] : 1
      let vectors = batch.count * steps
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
  func pack(isTraining: Bool) {
    guard !isPacked || (isTraining && !isPackedForTraining) else { return }
    pool.run(tasks: packTasks.count) { [nodes, packTasks] index, _ in
      nodes[packTasks[index].node].pack(task: packTasks[index].task, isTraining: isTraining)
    }
    isPacked = true
    isPackedForTraining = isTraining
  }
}
