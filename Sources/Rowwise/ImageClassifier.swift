public import Compute
public import DatasetLoading
public import ImageDecoding
public import KernelInterface
public import Layers
public import RowSequencing
public import Training

/// Preprocessing, network and class names together: pictures in, class probabilities out.
///
/// One thread at a time may call it; inside it uses all its threads.
public final class ImageClassifier: Sendable {
  /// How pictures become timesteps.
  public let preprocessing: Preprocessing
  /// In the order of the output layer's units.
  public let classNames: [String]
  /// The layers with their weights.
  public let network: Network<Float>

  /// A new classifier with random weights.
  ///
  /// - Parameters:
  ///   - hiddenLayers: all layers but the output layer, which is added: dense with softmax, one
  ///     unit a class. What follows an LSTM decides whether it returns sequences, so that need not
  ///     be said.
  ///   - preprocessing: how pictures become timesteps.
  ///   - classNames: at least one.
  ///   - seed: of the weights and of dropout.
  ///   - threads: nil: as many as the machine runs at once.
  ///   - instructionSet: the fastest to use; nil for the processor's best.
  /// - Throws: `LayerError` when the layers do not fit together.
  public init(
    hiddenLayers: [any Layer], preprocessing: Preprocessing, classNames: [String],
    seed: UInt64 = 0, threads: Int? = nil, instructionSet: InstructionSet? = nil
  ) throws(LayerError) {
    precondition(!classNames.isEmpty, "a classifier needs class names")
    let layers = Self.layers(hidden: hiddenLayers, classCount: classNames.count)
    self.preprocessing = preprocessing
    self.classNames = classNames
    network = try Network(
      layers, timesteps: preprocessing.timesteps, features: preprocessing.features, seed: seed,
      pool: WorkerPool(threads: threads ?? WorkerPool.availableThreads),
      kernels: Float.kernels(upTo: instructionSet))
  }

  /// Puts together what fits together: the network reads what the preprocessing gives and has a
  /// class for every name.
  package init(preprocessing: Preprocessing, classNames: [String], network: Network<Float>) {
    self.preprocessing = preprocessing
    self.classNames = classNames
    self.network = network
  }

  /// All layers of a classifier: the hidden ones, with sequences where the next one reads them, and
  /// the output layer.
  package static func layers(hidden: [any Layer], classCount: Int) -> [LayerSpecification] {
    connected(hidden.map(\.specification)) + [.dense(Dense(classCount, activation: .softmax))]
  }

  /// The number of weights that a classifier would have, without making one.
  ///
  /// - Throws: `LayerError` when the layers do not fit together.
  public static func parameterCount(
    hiddenLayers: [any Layer], preprocessing: Preprocessing, classCount: Int
  ) throws(LayerError) -> Int {
    try Network<Float>.parameters(
      of: layers(hidden: hiddenLayers, classCount: classCount), timesteps: preprocessing.timesteps,
      features: preprocessing.features
    ).reduce(0) { $0 + $1.count }
  }

  /// Every recurrent layer that another one or `Flatten` follows returns sequences; the last one
  /// before dense layers does not.
  private static func connected(_ layers: [LayerSpecification]) -> [LayerSpecification] {
    func isRecurrent(_ layer: LayerSpecification) -> Bool {
      switch layer {
      case .lstm, .bidirectional, .recurrent: true
      case .dense, .dropout, .flatten: false
      }
    }
    // What makes a vector of a sequence: the last recurrent layer, unless another one is there.
    let last = layers.contains(.flatten) ? nil : layers.lastIndex(where: isRecurrent)
    return layers.enumerated().map { index, layer in
      switch layer {
      case .lstm(var lstm):
        lstm.returnSequences = index != last
        return .lstm(lstm)
      case .bidirectional(var pair):
        pair.layer.returnSequences = index != last
        return .bidirectional(pair)
      case .recurrent(var recurrent):
        recurrent.returnSequences = index != last
        return .recurrent(recurrent)
      case .dense, .dropout, .flatten:
        return layer
      }
    }
  }

  /// Trains on a data set.
  ///
  /// - Parameters:
  ///   - dataset: of the preprocessing's size and channels; its classes are this classifier's.
  ///   - validation: scored after every epoch.
  ///   - options: how to train.
  ///   - callbacks: told what happens.
  /// - Throws: `TrainingError`; `DatasetError` when a picture can no longer be read.
  public func fit(
    _ dataset: ImageDataset, validation: ImageDataset? = nil,
    options: TrainingOptions = TrainingOptions(),
    callbacks: TrainingCallbacks = TrainingCallbacks()
  ) throws -> History {
    let trainer = try Trainer(network, options: options)
    let source = DatasetSource(dataset, preprocessing: preprocessing)
    guard let validation else { return try trainer.fit(source, callbacks: callbacks) }
    return try trainer.fit(
      source, validation: DatasetSource(validation, preprocessing: preprocessing),
      callbacks: callbacks)
  }

  /// Calls `body` with every sample of a data set in order: index, label, probabilities.
  public func forEachPrediction(
    of dataset: ImageDataset,
    _ body: (_ index: Int, _ label: Int, _ probabilities: [Float]) throws -> Void
  ) throws {
    try Scorer(network).forEach(
      DatasetSource(dataset, preprocessing: preprocessing), body)
  }

  /// Class probabilities of pictures already in the model's size, [height × width × channels] bytes
  /// each, in order.
  public func probabilities(ofModelPixels pictures: [[UInt8]]) -> [[Float]] {
    guard !pictures.isEmpty else { return [] }
    let batch = SequenceBatch<Float>(
      timesteps: network.timesteps, features: network.features, capacity: pictures.count)
    let writer = SequenceWriter(preprocessing)
    let rowSize = network.features
    let size = network.timesteps * pictures.count * rowSize
    let memory = UnsafeMutableBufferPointer(start: batch.inputs.start, count: size)
    for (n, pixels) in pictures.enumerated() {
      var sequence = UnsafeMutableBufferPointer(rebasing: memory[(n * rowSize)...]).mutableSpan
      writer.write(pixels.span, into: &sequence, timestepStride: pictures.count * rowSize)
    }
    let all = Array(network.predict(batch))
    return pictures.indices.map { n in
      Array(all[n * classNames.count..<(n + 1) * classNames.count])
    }
  }

  /// Class probabilities of a decoded picture of any size.
  public func probabilities(of image: DecodedImage) -> [Float] {
    probabilities(ofModelPixels: [preprocessing.modelPixels(of: image)])[0]
  }
}
