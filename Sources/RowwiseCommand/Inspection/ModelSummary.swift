import Rowwise
import RowwiseEvaluation
import RowwiseLayers
import RowwiseTexts

/// What `inspect` says about a model.
struct ModelSummary {
  private let path: String
  private let classifier: ImageClassifier
  private let provenance: Provenance

  /// - Throws: `ModelFileError`, `FileError`.
  init(path: String) throws {
    self.path = path
    (classifier, provenance) = try ImageClassifier.load(
      path: path, threads: 1, pictureMemory: nil)
  }

  /// Rows of name and value, then a table of the weights.
  ///
  /// - Parameter columns: how wide a row may be.
  func table(columns: Int = Console.defaultColumns) -> String {
    let preprocessing = classifier.preprocessing
    var rows = [
      ("model", TerminalText.printable(path)),
      (
        "images",
        "\(preprocessing.width) × \(preprocessing.height) \(preprocessing.color.rawValue), "
          + "read by \(preprocessing.readingOrder)"
      ),
      ("sequence", "\(preprocessing.timesteps) timesteps of \(preprocessing.features) features"),
      (
        "classes",
        "\(classifier.classNames.count): "
          + classifier.classNames.map { TerminalText.printable($0) }.joined(separator: ", ")
      ),
    ]
    if let mean = preprocessing.mean, let deviation = preprocessing.standardDeviation {
      rows.append(("standardized", "mean \(mean), standard deviation \(deviation)"))
    }
    for (index, layer) in classifier.network.layers.enumerated() {
      rows.append(("layer \(index + 1)", Self.text(layer)))
    }
    rows.append(("parameters", NumberText.grouped(classifier.network.parameterCount)))
    rows += training
    return SummaryTable.text(rows, columns: columns) + "\n" + weights(columns)
  }

  private var training: [(String, String)] {
    var rows = [("trained by", "rowwise \(provenance.toolkitVersion)")]
    func add(_ name: String, _ value: String?) {
      if let value { rows.append((name, TerminalText.printable(value))) }
    }
    add("imported from", provenance.importedFrom)
    add("started from", provenance.startedFrom)
    add("trained on", provenance.trainingSamples.map { "\(NumberText.grouped($0)) images" })
    add("data", provenance.dataFingerprint)
    add("epochs", provenance.epochs.map { "\($0)" })
    add("batch size", provenance.batchSize.map { "\($0)" })
    add("optimizer", provenance.optimizer)
    add("learning rate", provenance.learningRate.map { "\($0)" })
    add("temperature", provenance.temperature.map { NumberText.fixed($0, decimals: 4) })
    add("seed", provenance.seed.map { "\($0)" })
    add("instruction set", provenance.instructionSet)
    add("validation accuracy", provenance.validationAccuracy.map { NumberText.percent($0) })
    add("validation loss", provenance.validationLoss.map { NumberText.fixed($0, decimals: 4) })
    return rows
  }

  private func weights(_ columns: Int) -> String {
    SummaryTable.text(
      classifier.network.parameters.map { parameter in
        (parameter.name, parameter.shape.map(String.init).joined(separator: " × "))
      }, columns: columns)
  }

  /// A layer in a few words.
  static func text(_ layer: LayerSpecification) -> String {
    switch layer {
    case .dense(let dense): "dense, \(dense.units) units, \(dense.activation.rawValue)"
    case .dropout(let dropout): "dropout, rate \(dropout.rate)"
    case .recurrent(let layer): text(layer)
    case .flatten: "flatten"
    case .pooling(let pooling): "pooling, \(pooling.kind.rawValue)"
    case .residual(let inner): "\(text(inner)), residual"
    case .sweep(let sweep): "sweep, \(sweep.units) units, \(sweep.columns ?? 1) columns"
    case .merge(let merge): "merge, \(merge.factor) × \(merge.factor) patches"
    }
  }

  private static func text(_ layer: Recurrent) -> String {
    let direction =
      switch layer.direction {
      case .forwards: ""
      case .backwards: ", backwards"
      case .both: ", bidirectional"
      }
    var text = "\(RecurrentText.text(layer.cell))\(direction), \(layer.units) units"
    if layer.cell == .coupled { text += ", coupled gates" }
    if layer.cell == .layerNormalized { text += ", layer normalisation" }
    if layer.peephole != .none { text += ", peephole \(layer.peephole.rawValue)" }
    if layer.zoneoutHidden > 0 || layer.zoneoutCell > 0 {
      text += ", zoneout \(layer.zoneoutHidden) of h, \(layer.zoneoutCell) of c"
    }
    if layer.recurrentDropout > 0 { text += ", recurrent dropout \(layer.recurrentDropout)" }
    if layer.learnsInitialState { text += ", learned first state" }
    return text
  }

  /// One object.
  var json: JSONValue {
    let preprocessing = classifier.preprocessing
    func optional<Value>(_ value: Value?, _ json: (Value) -> JSONValue) -> JSONValue {
      value.map(json) ?? .null
    }
    return .object([
      .init("kind", .string("model")), .init("path", .string(path)),
      .init("width", .int(preprocessing.width)), .init("height", .int(preprocessing.height)),
      .init("color", .string(preprocessing.color.rawValue)),
      .init("reading_order", .string(preprocessing.readingOrder.description)),
      .init("timesteps", .int(preprocessing.timesteps)),
      .init("features", .int(preprocessing.features)),
      .init("classes", .array(classifier.classNames.map { .string($0) })),
      .init("layers", .array(classifier.network.layers.map { .string(Self.text($0)) })),
      .init("parameters", .int(classifier.network.parameterCount)),
      .init("toolkit_version", .string(provenance.toolkitVersion)),
      .init("data_fingerprint", optional(provenance.dataFingerprint) { .string($0) }),
      .init("training_samples", optional(provenance.trainingSamples) { .int($0) }),
      .init("epochs", optional(provenance.epochs) { .int($0) }),
      .init("batch_size", optional(provenance.batchSize) { .int($0) }),
      .init("optimizer", optional(provenance.optimizer) { .string($0) }),
      .init("learning_rate", optional(provenance.learningRate) { .double($0) }),
      .init("started_from", optional(provenance.startedFrom) { .string($0) }),
      .init("seed", optional(provenance.seed) { .string(String($0)) }),
      .init("instruction_set", optional(provenance.instructionSet) { .string($0) }),
      .init("temperature", optional(provenance.temperature) { .double($0) }),
      .init("validation_accuracy", optional(provenance.validationAccuracy) { .double($0) }),
      .init("validation_loss", optional(provenance.validationLoss) { .double($0) }),
    ])
  }
}
