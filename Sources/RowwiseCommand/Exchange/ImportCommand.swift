import ArgumentParser
import Rowwise
import RowwiseEvaluation
import RowwiseFiles
import RowwiseLayers
import RowwiseONNXExchange
import RowwiseRowSequencing
import RowwiseSafetensors
import RowwiseTexts
import RowwiseWeightExchange

/// `rowwise import`.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a model file of an ONNX model, or of weights from PyTorch or Keras.",
    discussion: """
      FILE.onnx: as PyTorch, Keras (tf2onnx) and rowwise export write recurrent and dense layers. \
      Numbers that it keeps in a file beside it (FILE.onnx.data) are read from there, from its own \
      folder only. What is not understood is named, and nothing is guessed.

      FILE.safetensors holds weights only, so --layers says which layers they are of, and --from \
      whose they are. From PyTorch:
        safetensors.torch.save_file(model.state_dict(), "weights.safetensors")
      From Keras (.weights.h5 and .keras files are loaded first, with load_weights or load_model):
        weights = {f"{i}/{w.path}": w.numpy() for i, w in enumerate(model.weights)}
        safetensors.numpy.save_file(weights, "weights.safetensors")

      Preprocessing and class names are only in models that rowwise exported; give them for others.

      Examples:
        rowwise import digits.onnx --output digits.safetensors
        rowwise import torch.onnx --output model.safetensors --size 28x28 \\
          --mean 0.286 --standard-deviation 0.353
        rowwise import weights.safetensors --from pytorch \\
          --layers lstm:128,lstm:128 --output model.safetensors --size 28x28
      """)

  @Argument(help: "The ONNX or safetensors file.", completion: .file())
  var file: String

  @Option(
    name: .shortAndLong,
    help: "The model file to write; it is replaced where there is one.", completion: .file())
  var output: String

  @Option(help: "Whose weights a safetensors file holds: pytorch or keras.")
  var from: Toolkit?

  @Option(
    help: ArgumentHelp(
      "For weights: \(LayersText.help)", valueName: "layers"),
    transform: { try LayersText($0) })
  var layers: LayersText?

  @Option(
    help: """
      For PyTorch: the modules' names from the input on, with commas between them, where their \
      numbers do not tell the order.
      """)
  var modules: String?

  @OptionGroup var images: ImportedImageOptions
  @OptionGroup var limits: MemoryOptions
  @OptionGroup var consoleOptions: ConsoleOptions

  func validate() throws {
    guard output.hasSuffix(".safetensors") else {
      throw ValidationError("--output must end in .safetensors: a model file is written")
    }
    if from == nil, layers != nil || modules != nil {
      throw ValidationError("--layers and --modules go with --from pytorch or --from keras")
    }
    if from != nil, layers == nil {
      throw ValidationError(
        "--from needs --layers: a file of weights does not say what they are of")
    }
    if modules != nil, from != .pytorch {
      throw ValidationError("--modules goes with --from pytorch only")
    }
  }

  func run() throws {
    let console = consoleOptions.console
    try OutputFile.check(output)
    if let other = ForeignModelFile(path: file) {
      throw CommandError.unusableInput(path: file, reason: other.advice(file))
    }
    try MemoryPlan(importing: file).check(allowed: limits.memory)
    do {
      if let from, let layers {
        try importWeights(from, layers, console)
      } else {
        try importONNX(console)
      }
    } catch let error as ONNXExchangeError {
      if case .unreadable = error { throw error }
      throw CommandError.unusableInput(path: file, reason: error.description)
    } catch let error as WeightExchangeError {
      if case .unreadable = error { throw error }
      throw CommandError.unusableInput(path: file, reason: error.description)
    } catch let error as PreprocessingError {
      throw CommandError.unusableInput(path: file, reason: error.description)
    }
  }

  // MARK: ONNX

  private func importONNX(_ console: Console) throws {
    guard !file.hasSuffix(".safetensors"), !SafetensorsFile.begins(path: file) else {
      if (try? ImageEnsemble.load(path: file, threads: 1, pictureMemory: nil)) != nil {
        throw CommandError.unusableInput(
          path: file, reason: "a model file of rowwise already; it is used as it is")
      }
      throw CommandError.unusableInput(
        path: file,
        reason: "weights only; say whose they are with --from pytorch or --from keras")
    }
    let model = try readONNX()
    let preprocessing =
      try model.preprocessing
      ?? images.preprocessing(
        of: .timestep(model.weights.features), timesteps: model.timesteps, path: file)
    if model.preprocessing != nil, images.isGiven {
      throw CommandError.unusableInput(
        path: file,
        reason: "rowwise exported it with its preprocessing; leave the options about images away")
    }
    var provenance = model.provenance ?? Provenance()
    if model.provenance == nil { provenance.importedFrom = file }
    let classifier = try ImageClassifier(
      weights: model.weights, preprocessing: preprocessing,
      classNames: try images.classNames(count: model.weights.classCount)
        ?? model.classNames ?? ImportedImageOptions.numbers(model.weights.classCount),
      threads: 1)
    for note in model.notes { console.caution("\(file): \(note)") }
    try save(classifier, provenance, console)
  }

  /// Reads the file and what it keeps beside it.
  private func readONNX() throws -> ONNXImport {
    do {
      return try ONNXImport(path: file) { byteCount in
        try MemoryPlan(importing: file, byteCount: byteCount).check(allowed: limits.memory)
      }
    } catch let error as FileError where error.path != file && error.isNotFound {
      throw CommandFailure(
        message: "\(error); numbers of \(file) are in it: put both into one folder, or save the "
          + "model as one file", status: .inputNotFound)
    }
  }

  // MARK: Weights

  private func importWeights(
    _ toolkit: Toolkit, _ layers: LayersText, _ console: Console
  ) throws {
    let tensors: SafetensorsFile
    do {
      tensors = try SafetensorsFile(path: file)
    } catch .file(let error) {
      throw error
    } catch {
      throw WeightExchangeError.unreadable(path: file, error)
    }
    switch toolkit {
    case .pytorch:
      let order = modules?.split(separator: ",").map { String($0) }
      try fill(layers, from: PyTorchWeights(tensors, order: order), console)
    case .keras:
      try fill(layers, from: KerasWeights(tensors), console)
    }
  }

  /// Builds the layers and fills them.
  private func fill(
    _ layers: LayersText, from source: any ForeignWeights, _ console: Console
  ) throws {
    let classCount = source.classCount
    let specifications = ImageClassifier.layers(
      hidden: layers.stack(peephole: .none), classCount: classCount, columns: 1)
    let preprocessing = try images.preprocessing(
      of: source.inputWidth(of: specifications), timesteps: nil, path: file)
    let names = try images.classNames(count: classCount) ?? ImportedImageOptions.numbers(classCount)
    let filled = try source.weights(
      for: specifications, timesteps: preprocessing.timesteps, features: preprocessing.features)
    let classifier = try ImageClassifier(
      weights: filled.weights, preprocessing: preprocessing, classNames: names, threads: 1)
    for source in filled.sources {
      console.log("layer \(source.layer): weights from \(TerminalText.printable(source.name))")
    }
    var provenance = Provenance()
    provenance.importedFrom = file
    try save(classifier, provenance, console)
  }

  private func save(
    _ classifier: ImageClassifier, _ provenance: Provenance, _ console: Console
  ) throws {
    try classifier.save(toPath: output, provenance: provenance)
    console.log(
      "\(TerminalText.printable(output)): \(classifier.network.layers.count) layers, "
        + "\(NumberText.grouped(classifier.network.parameterCount)) weights, "
        + "\(classifier.classNames.count) classes")
  }
}

extension Toolkit: ExpressibleByArgument {}
