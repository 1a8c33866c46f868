import Rowwise
import RowwiseEvaluation
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTexts

/// What `inspect` says about a model.
struct ModelSummary {
  let path: String
  private let classifier: ImageClassifier
  private let provenance: Provenance

  /// - Parameter path: of its file.
  init(_ member: ImageEnsemble.Member, path: String) {
    self.path = path
    (classifier, provenance) = (member.classifier, member.provenance)
  }

  /// Rows of name and value, then a table of the weights.
  ///
  /// - Parameters:
  ///   - columns: how wide a row may be.
  ///   - title: what is said of the model's name.
  func table(columns: Int = Console.defaultColumns, title: String? = nil) -> String {
    let preprocessing = classifier.preprocessing
    var rows = [
      ("model", title ?? TerminalText.printable(path)),
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
    if !preprocessing.adaptation.isNone {
      rows.append(("images made ready", preprocessing.adaptation.text))
    }
    if let pictures = preprocessing.pictures { rows += Self.rows(pictures) }
    for (index, layer) in classifier.network.layers.enumerated() {
      rows.append(("layer \(index + 1)", Self.text(layer)))
    }
    rows.append(("parameters", NumberText.grouped(classifier.network.parameterCount)))
    rows += training
    return SummaryTable.text(rows, columns: columns) + "\n" + weights(columns)
  }

  /// What the training images were like.
  private static func rows(_ pictures: PictureStatistics) -> [(String, String)] {
    func text(_ mean: [Double], _ spread: [Double]) -> String {
      zip(mean, spread).map {
        "\(NumberText.fixed($0, decimals: 3)) ± \(NumberText.fixed($1, decimals: 3))"
      }.joined(separator: ", ")
    }
    func text(_ range: ClosedRange<Double>) -> String {
      "\(NumberText.fixed(range.lowerBound, decimals: 2)) to "
        + NumberText.fixed(range.upperBound, decimals: 2)
    }
    let limits = pictures.limits
    return [
      (
        "training images",
        "\(pictures.width) × \(pictures.height) in the median of \(NumberText.grouped(pictures.count)), "
          + "\(NumberText.percent(pictures.constantShare, decimals: 1)) of one colour"
      ),
      (
        "brightness",
        text(pictures.mean, pictures.meanSpread) + ", ordinary \(text(limits.brightness))"
      ),
      (
        "contrast",
        text(pictures.deviation, pictures.deviationSpread)
          + ", ordinary \(text(limits.contrast))"
      ),
      (
        "border",
        text([pictures.border], [pictures.borderSpread])
          + ", ordinary \(text(limits.border))"
      ),
      ("width to height", "ordinary \(text(limits.shape))"),
    ]
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
    add("augmentation", provenance.augmentation)
    add("temperature", provenance.temperature.map { NumberText.fixed($0, decimals: 4) })
    add("seed", provenance.seed.map { "\($0)" })
    add("split seed", provenance.splitSeed.map { "\($0)" })
    add("instruction set", provenance.instructionSet)
    add("validation accuracy", provenance.validationAccuracy.map { NumberText.percent($0) })
    add("validation loss", provenance.validationLoss.map { NumberText.fixed($0, decimals: 4) })
    return rows
  }

  private static func json(_ pictures: PictureStatistics) -> JSONValue {
    func list(_ values: [Double]) -> JSONValue { .array(values.map { .double($0) }) }
    func pair(_ range: ClosedRange<Double>) -> JSONValue {
      list([range.lowerBound, range.upperBound])
    }
    return .object([
      .init("count", .int(pictures.count)), .init("width", .int(pictures.width)),
      .init("height", .int(pictures.height)), .init("mean", list(pictures.mean)),
      .init("mean_spread", list(pictures.meanSpread)),
      .init("deviation", list(pictures.deviation)),
      .init("deviation_spread", list(pictures.deviationSpread)),
      .init("border", .double(pictures.border)),
      .init("border_spread", .double(pictures.borderSpread)),
      .init("constant_share", .double(pictures.constantShare)),
      .init("brightness", pair(pictures.limits.brightness)),
      .init("contrast", pair(pictures.limits.contrast)),
      .init("border_limits", pair(pictures.limits.border)),
      .init("polarity", pair(pictures.limits.polarity)),
      .init("skewness", pair(pictures.limits.skewness)),
      .init("shape", pair(pictures.limits.shape)),
    ])
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
    case .dense(let dense):
      "dense, \(dense.units) units, \(dense.activation.rawValue)" + text(patches: dense.columns)
    case .dropout(let dropout): "dropout, rate \(dropout.rate)"
    case .recurrent(let layer): text(layer)
    case .flatten: "flatten"
    case .pooling(let pooling): "pooling, \(pooling.kind.rawValue)"
    case .residual(let inner): "\(text(inner)), residual"
    case .sweep(let sweep):
      "sweep, \(sweep.units) units, \(sweep.columns ?? 1) columns"
        + (sweep.isResidual ? ", residual" : "")
    case .merge(let merge): "merge, \(merge.factor) × \(merge.factor) patches"
    case .norm(let norm): "layer normalisation" + text(patches: norm.columns)
    case .mlp(let mlp): "mlp, ratio \(mlp.ratio)" + text(patches: mlp.columns)
    case .convolution(let convolution):
      "convolution, 3 × 3, \(convolution.units) units, 2 × 2 pooling"
    }
  }

  /// Of a layer that sees each of some patches by itself.
  private static func text(patches columns: Int?) -> String {
    columns.map { ", each of \($0) patches" } ?? ""
  }

  private static func text(_ layer: Recurrent) -> String {
    let direction =
      switch layer.direction {
      case .forwards: ""
      case .backwards: ", backwards"
      case .both: ", bidirectional"
      }
    let traits = layer.cell.traits
    var text = "\(traits.name)\(direction), \(layer.units) units"
    if let remark = traits.remark { text += ", \(remark)" }
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
      .init("invert", .string(preprocessing.adaptation.inversion.rawValue)),
      .init(
        "background", optional(preprocessing.adaptation.background) { .string($0.description) }),
      .init("fit", .string(preprocessing.adaptation.fit.rawValue)),
      .init("trim", .bool(preprocessing.adaptation.trims)),
      .init("range", .string(preprocessing.adaptation.range.rawValue)),
      .init("training_images", optional(preprocessing.pictures, Self.json)),
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
      .init("augmentation", optional(provenance.augmentation) { .string($0) }),
      .init("started_from", optional(provenance.startedFrom) { .string($0) }),
      .init("seed", optional(provenance.seed) { .string(String($0)) }),
      .init("split_seed", optional(provenance.splitSeed) { .string(String($0)) }),
      .init("instruction_set", optional(provenance.instructionSet) { .string($0) }),
      .init("temperature", optional(provenance.temperature) { .double($0) }),
      .init("validation_accuracy", optional(provenance.validationAccuracy) { .double($0) }),
      .init("validation_loss", optional(provenance.validationLoss) { .double($0) }),
    ])
  }
}
