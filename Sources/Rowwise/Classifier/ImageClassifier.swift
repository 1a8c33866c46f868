public import RowwiseCompute
public import RowwiseDatasetLoading
public import RowwiseImageDecoding
public import RowwiseKernelInterface
public import RowwiseLayers
public import RowwiseRowSequencing
public import RowwiseTraining
import RowwiseWorkers
import Synchronization

/// Preprocessing, network and class names together: pictures in, class probabilities out.
///
/// Any number of tasks may ask it at once; each call also uses all its threads where there is enough to
/// do. Who asks while it is trained gets the answers of the weights between two steps; only one task at
/// a time may train it (`TrainingError.alreadyTraining`).
public final class ImageClassifier: Sendable {
  /// How pictures become timesteps.
  public let preprocessing: Preprocessing
  /// In the order of the output layer's units.
  public let classNames: [String]
  /// The layers with their weights.
  public let network: Network<Float>
  /// How each picture is looked at where its class probabilities are asked for.
  public let views: PictureViews
  /// See `earlyExit`.
  let calibratedExit = Mutex<EarlyExit?>(nil)

  /// A new classifier with random weights.
  ///
  /// - Parameters:
  ///   - hiddenLayers: all layers but the output layer, which is added: dense with softmax, one
  ///     unit a class. What follows an LSTM decides whether it returns sequences, so that need not
  ///     be said.
  ///   - preprocessing: how pictures become timesteps.
  ///   - classNames: at least one, all different.
  ///   - seed: of the weights and of dropout.
  ///   - threads: nil: as many as the machine runs at once.
  ///   - instructionSet: the fastest to use; nil for the processor's best.
  ///   - precision: of the products of LSTM layers.
  ///   - activationBudget: bytes that an LSTM layer may keep of its activations in training; see
  ///     `Network`.
  /// - Throws: `LayerError` when the layers do not fit together.
  public init(
    hiddenLayers: [any Layer], preprocessing: Preprocessing, classNames: [String],
    seed: UInt64 = 0, threads: Int? = nil, instructionSet: InstructionSet? = nil,
    precision: Precision = .float32, activationBudget: Int = 1 << 30
  ) throws(LayerError) {
    precondition(!classNames.isEmpty, "a classifier needs class names")
    precondition(Set(classNames).count == classNames.count, "two classes have one name")
    let layers = Self.layers(
      hidden: hiddenLayers, classCount: classNames.count, columns: preprocessing.columns)
    self.preprocessing = preprocessing
    self.classNames = classNames
    views = .one
    network = try Network(
      layers, timesteps: preprocessing.timesteps, features: preprocessing.features, seed: seed,
      pool: WorkerPool(threads: threads ?? WorkerPool.availableThreads),
      kernels: Float.kernels(upTo: instructionSet), precision: precision,
      activationBudget: activationBudget)
  }

  /// Puts together what fits together: the network reads what the preprocessing gives and has a
  /// class for every name.
  package init(
    preprocessing: Preprocessing, classNames: [String], network: Network<Float>,
    views: PictureViews = .one
  ) {
    self.preprocessing = preprocessing
    self.classNames = classNames
    self.network = network
    self.views = views
  }

  /// The same classifier, reading pictures with other changes; it shares weights and threads with this one.
  ///
  /// - Parameter adaptation: replaces that of ``preprocessing``.
  /// - Precondition: where light and dark are exchanged automatically, the model knows what its training
  ///   pictures were like: `preprocessing.pictures` is not nil.
  public func adapted(to adaptation: PictureAdaptation) -> ImageClassifier {
    precondition(
      adaptation.inversion != .auto || preprocessing.pictures != nil,
      "the model does not know what its training pictures were like")
    var preprocessing = preprocessing
    preprocessing.adaptation = adaptation
    let adapted = ImageClassifier(
      preprocessing: preprocessing, classNames: classNames, network: network, views: views)
    adapted.earlyExit = earlyExit
    return adapted
  }

  /// The same classifier, which looks at each picture in several ways and answers with the mean of the
  /// class probabilities; it shares weights and threads with this one.
  ///
  /// Only `probabilities` and ``forEachPrediction(of:_:)`` look so; what explains an answer, embeds a picture
  /// or reads it row by row sees it as it is.
  ///
  /// - Parameter views: replaces ``views``. Mirrored ones are for classes that stay what they are in a
  ///   mirror: `Provenance.mirrorsPictures` tells whether training took them so.
  public func averaging(_ views: PictureViews) -> ImageClassifier {
    let averaging = ImageClassifier(
      preprocessing: preprocessing, classNames: classNames, network: network, views: views)
    averaging.earlyExit = earlyExit
    return averaging
  }

  /// All layers of a classifier: the hidden ones, with sequences where the next one reads them, and
  /// the output layer.
  ///
  /// - Parameter columns: patches side by side in a timestep, for sweeps.
  package static func layers(
    hidden: [any Layer], classCount: Int, columns: Int
  ) -> [LayerSpecification] {
    connected(hidden.map(\.specification)).reading(columns: columns)
      + [.dense(Dense(classCount, activation: .softmax))]
  }

  /// The number of weights that a classifier would have, without making one.
  ///
  /// - Throws: `LayerError` when the layers do not fit together.
  public static func parameterCount(
    hiddenLayers: [any Layer], preprocessing: Preprocessing, classCount: Int
  ) throws(LayerError) -> Int {
    try Network<Float>.parameters(
      of: layers(
        hidden: hiddenLayers, classCount: classCount, columns: preprocessing.columns),
      timesteps: preprocessing.timesteps, features: preprocessing.features
    ).reduce(0) { $0 + $1.count }
  }

  /// What a classifier would need of the machine, without making one.
  ///
  /// - Throws: `LayerError` when the layers do not fit together.
  package static func workSpace(
    hiddenLayers: [any Layer], preprocessing: Preprocessing, classCount: Int,
    everyTimestep: Bool = false
  ) throws(LayerError) -> WorkSpace {
    try WorkSpace(
      of: layers(
        hidden: hiddenLayers, classCount: classCount, columns: preprocessing.columns),
      timesteps: preprocessing.timesteps,
      features: preprocessing.features, everyTimestep: everyTimestep)
  }

  /// Every recurrent layer returns sequences but the last one below the dense layers, unless a layer
  /// of its own makes a vector of them: then all do. A residual layer always does, and pooling takes
  /// its last timestep. What follows the last sweep, merging or convolution before a dense layer sees
  /// patch by patch.
  private static func connected(_ layers: [LayerSpecification]) -> [LayerSpecification] {
    let hasPooling = layers.contains { layer in
      switch layer {
      case .flatten, .pooling: true
      default: false
      }
    }
    let last = hasPooling ? nil : layers.lastIndex { $0.isRecurrent || $0.readsStrips }
    let lastOfPatches = last.flatMap { last -> Int? in
      guard layers[last].readsStrips else { return nil }
      let dense = layers[last...].firstIndex { $0.isDense } ?? layers.endIndex
      return layers[..<dense].lastIndex { $0.isNorm || $0.readsStrips }
    }
    return layers.enumerated().flatMap { index, layer -> [LayerSpecification] in
      // Every patch has seen all others: none counts for more.
      if index == lastOfPatches { return [layer, .flatten] }
      if index == last, case .residual = layer {
        return [layer.returningSequences(true), .pooling(Pooling(.last))]
      }
      return [layer.returningSequences(index != last)]
    }
  }

  /// Trains on a data set.
  ///
  /// - Parameters:
  ///   - dataset: of the preprocessing's size and channels; its classes are this classifier's.
  ///   - validation: scored after every epoch.
  ///   - teacher: classifiers of the same classes that read pictures alike, whose probabilities are learned
  ///     from beside the labels, where `options.loss.distillation` says how.
  ///   - options: how to train, and how the training pictures are changed at random.
  ///   - callbacks: told what happens.
  ///   - checkpoint: where an earlier run of the same options and data had come to; training goes on
  ///     from there.
  /// - Throws: `TrainingError`; `DatasetError` when a picture can no longer be read; `EnsembleError` where
  ///   the teacher has other classes.
  public func fit(
    _ dataset: ImageDataset, validation: ImageDataset? = nil, teacher: ImageEnsemble? = nil,
    options: TrainingOptions = TrainingOptions(),
    callbacks: TrainingCallbacks = TrainingCallbacks(), from checkpoint: TrainingCheckpoint? = nil
  ) throws -> History {
    let trainer = try Trainer(network, options: options)
    let source = DatasetSource(
      dataset, preprocessing: preprocessing, augmentation: options.augmentation, seed: options.seed)
    let teacher = try teacher.map { try ImageTeacher($0, of: self, dataset, options) }
    guard let validation else {
      return try trainer.fit(source, teacher: teacher, callbacks: callbacks, from: checkpoint)
    }
    return try trainer.fit(
      source, validation: DatasetSource(validation, preprocessing: preprocessing),
      teacher: teacher, callbacks: callbacks, from: checkpoint)
  }

  /// Calls `body` with every sample of a data set in order: index, label, probabilities.
  public func forEachPrediction(
    of dataset: ImageDataset,
    _ body: (_ index: Int, _ label: Int, _ probabilities: [Float]) throws -> Void
  ) throws {
    guard views.count > 1 else {
      return try Scorer(network).forEach(
        DatasetSource(dataset, preprocessing: preprocessing), body)
    }
    var mean = ProbabilityMean(classCount: classNames.count)
    let source = ViewsSource(dataset, preprocessing: preprocessing, views: views)
    try Scorer(network).forEach(source) { index, label, probabilities in
      mean.add(probabilities)
      if mean.count == views.count { try body(index / views.count, label, mean.take()) }
    }
  }

  /// Class probabilities of pictures already in the model's size, [height × width × channels] bytes
  /// each, in order.
  public func probabilities(ofModelPixels pictures: [[UInt8]]) -> [[Float]] {
    guard !pictures.isEmpty else { return [] }
    let classes = classNames.count
    return network.withProbabilities(of: batch(ofModelPixels: pictures, views)) { all in
      guard views.count > 1 else {
        return pictures.indices.map { n in Array(all[n * classes..<(n + 1) * classes]) }
      }
      var mean = ProbabilityMean(classCount: classes)
      return pictures.indices.map { n in
        for row in n * views.count..<(n + 1) * views.count {
          mean.add(all[row * classes..<(row + 1) * classes])
        }
        return mean.take()
      }
    }
  }

  /// What the output layer reads of pictures already in the model's size, in order: pictures that the
  /// network finds alike have vectors of similar direction.
  public func embeddings(ofModelPixels pictures: [[UInt8]]) -> [[Float]] {
    guard !pictures.isEmpty else { return [] }
    let width = network.embeddingWidth
    let all = network.embeddings(of: batch(ofModelPixels: pictures, .one))
    return pictures.indices.map { Array(all[$0 * width..<($0 + 1) * width]) }
  }

  /// - Parameter pictures: at least one.
  private func batch(
    ofModelPixels pictures: [[UInt8]], _ views: PictureViews
  ) -> SequenceBatch<Float> {
    let batch = SequenceBatch<Float>(
      timesteps: network.timesteps, features: network.features,
      capacity: pictures.count * views.count)
    let writer = SequenceWriter(preprocessing)
    var view = [UInt8](repeating: 0, count: preprocessing.byteCount)
    for (n, pixels) in pictures.enumerated() {
      batch.write(pixels, at: n * views.count, by: writer)
      for number in 1..<views.count {
        var span = view.mutableSpan
        views.write(number, of: pixels.span, preprocessing, into: &span)
        batch.write(view, at: n * views.count + number, by: writer)
      }
    }
    return batch
  }

  /// Class probabilities of a decoded picture of any size.
  public func probabilities(of image: DecodedImage) -> [Float] {
    probabilities(ofModelPixels: [preprocessing.modelPixels(of: image)])[0]
  }
}

extension LayerSpecification {
  /// The same, with `returnSequences` set where it is a recurrent layer.
  fileprivate func returningSequences(_ returnSequences: Bool) -> LayerSpecification {
    switch self {
    case .recurrent(var recurrent):
      recurrent.returnSequences = returnSequences
      return .recurrent(recurrent)
    case .residual(let inner): return .residual(inner.returningSequences(returnSequences))
    case .dense, .dropout, .flatten, .pooling, .sweep, .merge, .norm, .mlp, .convolution:
      return self
    }
  }

  /// Whether it reads patches side by side.
  fileprivate var readsStrips: Bool { [self].readColumns }

  fileprivate var isDense: Bool { if case .dense = self { true } else { false } }

  /// Whether it is normalisation, or begins with it.
  fileprivate var isNorm: Bool {
    switch self {
    case .norm, .mlp: true
    default: false
    }
  }
}
