import ArgumentParser
import Rowwise
import RowwiseDatasetLoading
import RowwiseONNXExchange
import RowwiseSafetensors
import RowwiseTexts
import RowwiseWeightExchange

/// `rowwise export`.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a model as ONNX, for PyTorch or Keras, or with smaller weights.",
    discussion: """
      MODEL is a model file or a run folder. What is written follows from the ending of --output, or \
      from --to:
        onnx      an ONNX model for any runtime: batch and number of timesteps are free, the output \
      is probabilities; operator set \(ONNXExport.operatorSet)
        pytorch   a safetensors file for load_state_dict, and Python that loads it
        keras     a safetensors file for set_weights, and Python that loads it
        rowwise   a model file for this program

      With --weights int8 or bfloat16 the file has a quarter or half of the size; with --data the \
      command measures what that costs.

      Examples:
        rowwise export runs/digits-1 --output digits.onnx
        rowwise export runs/digits-1 --output digits.onnx --preprocessing
        rowwise export runs/digits-1 --output small.onnx --weights int8 --data digits
        rowwise export runs/digits-1 --output digits.safetensors --to pytorch
      """)

  /// What is written.
  enum Target: String, CaseIterable, ExpressibleByArgument {
    case onnx, pytorch, keras, rowwise
  }

  @Argument(help: "The model file or run folder.", completion: .file())
  var model: String

  @Option(
    name: .shortAndLong,
    help: "The file to write; it is replaced where there is one.", completion: .file())
  var output: String

  @Option(help: "What to write. (default: onnx for FILE.onnx, rowwise for FILE.safetensors)")
  var to: Target?

  @Option(help: "How to store weight matrices.")
  var weights = WeightStorage.float32

  @Flag(
    help: """
      Put the preprocessing into the ONNX model: it then takes pictures of any size, uint8 [batch, \
      height, width, channels], instead of timesteps.
      """)
  var preprocessing = false

  @Option(
    help: "Data to measure accuracy on before and after: a path or a name.", completion: .file())
  var data: String?

  @Option(help: "The part of the data: train, validation, test or whole. (default: test)")
  var part: DatasetPart?

  @OptionGroup(title: "Images") var reading: ReadingOptions
  @OptionGroup(title: "Images") var list: ListOptions
  @OptionGroup var engine: EngineOptions
  @OptionGroup var consoleOptions: ConsoleOptions

  func validate() throws {
    if to == nil, !output.hasSuffix(".onnx"), !output.hasSuffix(".safetensors") {
      throw ValidationError(
        "--output must end in .onnx or .safetensors, or --to must say what to write")
    }
    if preprocessing, target != .onnx {
      throw ValidationError("--preprocessing goes with ONNX models only")
    }
    if weights != .float32, target == .pytorch || target == .keras {
      throw ValidationError("--weights goes with ONNX and model files only")
    }
    if output.hasSuffix(".onnx"), target != .onnx {
      throw ValidationError("--to \(target.rawValue) writes safetensors; --output ends in .onnx")
    }
    if data != nil, weights == .float32 {
      throw ValidationError(
        "--data measures what --weights \(WeightStorage.bfloat16.rawValue) or "
          + "\(WeightStorage.int8.rawValue) costs; float32 weights are written as they are")
    }
    if data == nil {
      for (option, isGiven) in [
        ("--part", part != nil), ("--lenient", reading.lenient), ("--columns", list.columns != nil),
        ("--precision", engine.precision != .float32),
      ] where isGiven {
        let advice = option == "--precision" ? "; --weights says how weights are stored" : ""
        throw ValidationError("\(option) goes with --data only\(advice)")
      }
    }
  }

  private var target: Target { to ?? (output.hasSuffix(".onnx") ? .onnx : .rowwise) }

  func run() throws {
    let console = consoleOptions.console
    defer { console.clearProgress() }
    try OutputFile.check(output)
    let (classifier, provenance) = try engine.load(try ModelPath.resolve(model), reading)
    var hasBadImages = false
    if let data {
      let dataset = try DataForModel.load(
        data, part: part, for: classifier, list, reading, engine, console)
      let cost = try StorageCost(classifier, storage: weights, on: dataset, console)
      console.clearProgress()
      try console.write(cost.table(columns: console.outputColumns))
      hasBadImages = !dataset.report.badImages.isEmpty
    }
    try write(classifier, provenance, console)
    if hasBadImages { throw EndedWith(status: .someInputsFailed) }
  }

  private func write(
    _ classifier: ImageClassifier, _ provenance: Provenance, _ console: Console
  ) throws {
    let path = TerminalText.printable(output)
    switch target {
    case .onnx:
      let export = try ONNXExport(
        classifier, provenance: provenance, includesPreprocessing: preprocessing,
        storage: weights)
      try export.write(toPath: output)
      console.log(
        "\(path): ONNX model, operator set \(ONNXExport.operatorSet), "
          + "\(NumberText.grouped(export.bytes.count)) bytes")
    case .rowwise:
      try classifier.save(toPath: output, provenance: provenance, storage: weights)
      console.log("\(path): model file, weights as \(weights.rawValue)")
    case .pytorch, .keras:
      let values = NetworkWeights(of: classifier.network)
      let tensors: [SafetensorsFile.Tensor]
      do {
        tensors =
          target == .keras
          ? try KerasWeights.tensors(of: values) : try PyTorchWeights.tensors(of: values)
      } catch let error as WeightExchangeError {
        throw CommandError.unusableInput(path: model, reason: error.description)
      }
      try SafetensorsFile(tensors: tensors).write(toPath: output)
      let snippet = PythonSnippet(values, file: output)
      try console.write(target == .keras ? snippet.keras : snippet.pyTorch)
      console.log("\(path): weights for \(target == .keras ? "Keras" : "PyTorch")")
    }
  }
}

extension WeightStorage: ExpressibleByArgument {}
