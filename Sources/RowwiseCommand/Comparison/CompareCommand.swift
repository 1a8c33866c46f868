import ArgumentParser
import Rowwise
import RowwiseDatasetLoading
import RowwiseEvaluation
import RowwiseFiles
import RowwiseTexts

/// `rowwise compare`.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare models on the same images, or kinds of networks on your data.",
    discussion: """
      With MODELS (model files or run folders, or several that answer together: A,B,C) and --data: figures and cost side by side, and every \
      two against each other by McNemar's exact test and the paired bootstrap. Of the data the test \
      part is taken, else the validation part, else all of it.

      With --baselines: trains an LSTM, a GRU, a SimpleRNN, a fully connected network and a small \
      convolutional one (CNN: 3 by 3 convolutions, max pooling and a dense layer) with about as many \
      weights each by the automatic recipe of train for rows: the same images, changes of them, \
      epochs and learning rates for all. Beside them, on the same standardised pixels, logistic \
      regression and nearest neighbours tell whether a network is needed at all. It says which fits \
      the data, unless a network had not converged: then it names it and draws no verdict. \
      Everything is chosen by the validation images; the table shows the test images.

      Examples:
        rowwise compare runs/digits-1 runs/digits-2 --data digits
        rowwise compare old.safetensors new.safetensors --data pictures/ \\
          --report comparison
        rowwise compare --baselines fashion-mnist --report baselines
      """)

  /// How the comparison is written to standard output.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case table, json
  }

  @Argument(
    help: "Model files or run folders; the first is what others are compared with.",
    completion: .file())
  var models: [String] = []

  @Option(help: "The data set to compare models on: a path or a name.", completion: .file())
  var data: String?

  @Option(help: "The part of the data: train, validation, test or whole. (default: see above)")
  var part: DatasetPart?

  @Option(
    help: ArgumentHelp("The data set to train kinds of networks on.", valueName: "data"),
    completion: .file())
  var baselines: String?

  @Option(
    help: """
      A folder for report.html and comparison.json, and with --baselines the trained models: new, \
      empty, or one that an earlier comparison has filled.
      """, completion: .directory)
  var report: String?

  @Option(help: "How to write the comparison to standard output.")
  var format = Format.table

  @OptionGroup(title: "Kinds of networks") var budget: BaselineOptions
  @OptionGroup(title: "Images") var reading: ReadingOptions
  @OptionGroup(title: "Images") var list: ListOptions
  @OptionGroup(title: "Machine") var engine: EngineOptions
  @OptionGroup(title: "Messages") var consoleOptions: ConsoleOptions

  func validate() throws {
    if baselines != nil {
      try engine.checkTrains("training the baselines")
      if !models.isEmpty || data != nil || part != nil {
        throw ValidationError("--baselines trains its own models: name no MODELS, --data or --part")
      }
    } else {
      guard models.count > 1 else {
        throw ValidationError("name at least two MODELS, or --baselines DATA")
      }
      guard data != nil else { throw ValidationError("--data is missing: the data to compare on") }
      if budget.isSet {
        throw ValidationError("--epochs, --parameters and the like go with --baselines only")
      }
    }
  }

  func run() throws {
    let console = consoleOptions.console
    defer { console.clearProgress() }
    let folder = try report.map { path throws(CommandError) in
      try RunFolder(creating: path, replacing: ComparisonFiles.names)
    }
    let result: (comparison: ModelComparison, hasBadImages: Bool)
    do {
      result =
        if let baselines {
          try BaselineRun(baselines, budget, list, reading, engine, folder: folder, console).run()
        } else {
          try compareModels(console)
        }
    } catch {
      folder?.discard()
      throw error
    }
    console.clearProgress()
    if let folder {
      try AtomicFile.write(result.comparison.json, toPath: folder.file(ComparisonFiles.jsonName))
      try AtomicFile.write(result.comparison.page(), toPath: folder.file(ComparisonFiles.pageName))
      console.log("report: \(TerminalText.printable(folder.path))")
    }
    switch format {
    case .table:
      try console.write(result.comparison.table(width: console.outputColumns))
    case .json: try console.write(result.comparison.json)
    }
    if result.hasBadImages { throw EndedWith(status: .someInputsFailed) }
  }

  private func compareModels(
    _ console: Console
  ) throws -> (comparison: ModelComparison, hasBadImages: Bool) {
    let warnings = DataWarnings(console)
    let layout = try DataForModel.locate(data ?? "", list, warnings)
    let names = Self.names(models)
    var compared: [ComparedModel] = []
    var first: ImageDataset?
    let loaded = try loadModels()
    for ((paths, ensemble), name) in zip(loaded, names) {
      let data = try DataForEnsemble(layout, for: ensemble) { classifier in
        try DataForModel.load(
          layout, part ?? layout.evaluationPart ?? .test, for: classifier, reading, engine,
          warnings)
      }
      if first == nil { first = data.first }
      var model = try ModelTrial(
        name: name, model: PredictingEnsemble(data: data), dataset: data.first
      ).run(console)
      if ensemble.members.count == 1 {
        model.history = try HistoryFile.validationAccuracy(besides: paths[0])
      }
      compared.append(model)
    }
    var comparison = try ModelComparison(compared, data: layout.path)
    comparison.dataFingerprint = first?.fingerprint.description ?? ""
    return (comparison, first?.report.badImages.isEmpty == false)
  }

  /// All models, before any is asked.
  private func loadModels() throws -> [(paths: [String], ensemble: ImageEnsemble)] {
    let loaded = try models.map { argument in
      let paths = try ModelPath.resolveAll(argument)
      return (paths: paths, ensemble: try engine.loadTogether(paths, reading, checks: false))
    }
    try engine.checkPrecision(
      of: loaded.flatMap { paths, ensemble in
        ensemble.members.map { member in
          (path: paths.joined(separator: ","), classifier: member.classifier)
        }
      })
    let names = loaded[0].ensemble.classNames
    return try loaded.map { paths, ensemble in
      do throws(EnsembleError) {
        return (paths, try ensemble.ordered(as: names))
      } catch {
        throw CommandError.unusableInput(
          path: paths.joined(separator: ","),
          reason:
            "compared with \(loaded[0].paths.joined(separator: ",")), it \(error.difference); only "
            + "models of the same classes, in any order, can be compared on the same images: evaluate them "
            + "one by one, or train one anew with the other's classes")
      }
    }
  }

  /// The models' names: the arguments, numbered where two are the same.
  private static func names(_ arguments: [String]) -> [String] {
    arguments.enumerated().map { index, argument in
      arguments.count { $0 == argument } == 1 ? argument : "\(argument) (\(index + 1))"
    }
  }
}

/// The files of a comparison.
enum ComparisonFiles {
  static let jsonName = "comparison.json"
  static let pageName = "report.html"

  /// What a comparison writes and may replace.
  static var names: Set<String> {
    Set(BaselineFamily.allCases.map(\.fileName))
      .union([LogisticRegression.fileName, jsonName, pageName])
  }
}
