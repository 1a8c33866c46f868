import ArgumentParser
import Rowwise
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseTexts

/// Options about the machine.
struct EngineOptions: ParsableArguments, Sendable {
  @OptionGroup var workers: ThreadOptions

  @OptionGroup var limits: MemoryOptions

  @Option(
    help: ArgumentHelp(
      "The fastest instruction set to use, for tests and benchmarks.", visibility: .hidden),
    transform: { try instructionSet($0) })
  var instructionSet: InstructionSet?

  @Option(
    help: """
      What the products of LSTM layers are formed in: float32, or bfloat16, which rounds the \
      factors to 8 significant bits, is faster where the processor has instructions for it, and \
      reads single images faster everywhere; or int8, whole numbers of 8 bits, for classifying \
      only: two to three times as fast where the processor has AVX512_VNNI. All but \(RecurrentText.plainLSTMs) \
      always use float32; where there are no others, bfloat16 and int8 are refused.
      """)
  var precision = Precision.float32

  /// Reads `--instruction-set`.
  private static func instructionSet(_ name: String) throws -> InstructionSet {
    guard let set = InstructionSet(rawValue: name) else {
      let known = InstructionSet.allCases.map(\.rawValue)
      throw ValidationError(
        "expected \(known.joined(separator: ", "))" + NearestWord.question(name, among: known))
    }
    return set
  }

  /// MiB that training may take; nil for what is free.
  var memory: Int? {
    get { limits.memory }
    set { limits.memory = newValue }
  }

  /// Threads asked for, or as many as the machine runs at once.
  var threadCount: Int { workers.count }

  /// Loads a model to use as these options say.
  ///
  /// - Parameters:
  ///   - threads: nil: as the options say.
  ///   - reading: what one picture may take; nil for a model that was made here.
  /// - Throws: `FileError`, `ModelFileError`; `ValidationError` where the precision has no effect.
  func load(
    _ path: String, threads: Int? = nil, _ reading: ReadingOptions? = nil
  ) throws -> (classifier: ImageClassifier, provenance: Provenance) {
    let model = try ImageClassifier.load(
      path: path, threads: threads ?? threadCount, instructionSet: instructionSet,
      precision: precision, pictureMemory: reading?.decoding.limits.maximumMemory)
    try checkPrecision(of: [(path, model.classifier)])
    return model
  }

  /// Loads models that answer together, one or several a file.
  ///
  /// - Parameters:
  ///   - paths: of their files.
  ///   - threads, reading: as above.
  ///   - checks: whether to check that the precision has an effect.
  /// - Throws: as above; `CommandError.unusableInput` where one names other classes.
  func loadTogether(
    _ paths: [String], threads: Int? = nil, _ reading: ReadingOptions, checks: Bool = true
  ) throws -> ImageEnsemble {
    let loading = ModelLoading(
      threads: threads ?? threadCount, instructionSet: instructionSet, precision: precision,
      pictureMemory: reading.decoding.limits.maximumMemory)
    let models = try paths.flatMap { path in
      try ImageEnsemble.members(ofFile: path, loading).map { (path: path, model: $0) }
    }
    if checks {
      try checkPrecision(of: models.map { (path: $0.path, classifier: $0.model.classifier) })
    }
    do throws(EnsembleError) {
      return try ImageEnsemble(models.map { $0.model })
    } catch {
      throw CommandError.differentClasses(error, of: models.map { $0.path })
    }
  }

  /// Refuses a precision in which nothing is trained and nothing has gradients.
  ///
  /// - Parameter what: what needs them.
  /// - Throws: `ValidationError`.
  func checkTrains(_ what: String) throws {
    guard !precision.trains else { return }
    throw ValidationError(
      "--precision \(precision.rawValue) is for classifying; \(what) needs float32 or bfloat16")
  }

  /// Checks that the precision has an effect on one of the models.
  ///
  /// - Throws: `ValidationError`.
  func checkPrecision(of models: [(path: String, classifier: ImageClassifier)]) throws {
    guard precision != .float32,
      models.allSatisfy({ $0.classifier.network.layersInPrecision.isEmpty })
    else { return }
    let paths = models.map(\.path).joined(separator: ", ")
    throw ValidationError(
      "--precision \(precision.rawValue) is for \(RecurrentText.plainLSTMs); \(paths) has none: "
        + "leave it out")
  }
}

extension Precision: ExpressibleByArgument {}
