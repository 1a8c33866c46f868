/// Words that people know from other toolkits, and what the same thing is called here.
enum ForeignWord {
  private static let commands = [
    "fit": "train", "predict": "classify", "infer": "classify", "test": "evaluate",
    "val": "evaluate", "validate": "evaluate", "score": "evaluate", "summary": "inspect",
    "info": "inspect", "convert": "export", "tune": "search",
  ]

  /// Options by what other toolkits call them.
  private static let options: [(here: String, elsewhere: Set<String>)] = [
    ("learning-rate", ["lr", "lr0", "base-lr", "initial-lr", "eta"]),
    ("batch-size", ["batch", "bs", "batchsize", "train-batch-size"]),
    (
      "size",
      [
        "imgsz", "img-size", "image-size", "img", "input-size", "target-size", "resize",
        "crop-size",
      ]
    ),
    (
      "layers",
      ["model", "arch", "architecture", "net", "network", "units", "hidden-size", "num-layers"]
    ),
    ("threads", ["workers", "num-workers", "jobs", "n-jobs", "cores", "num-threads"]),
    (
      "output",
      ["project", "name", "save-dir", "out", "out-dir", "output-dir", "log-dir", "logdir"]
    ),
    ("report", ["save-dir", "output", "output-dir"]),
    ("patience", ["early-stopping", "early-stop"]),
    ("validation", ["val-data", "validation-data", "val-dir", "eval-data"]),
    ("validation-split", ["val-split", "validation-size", "test-size"]),
    ("epochs", ["epoch", "num-epochs", "n-epochs", "max-epochs"]),
    ("optimizer", ["opt", "optim"]),
    ("schedule", ["sched", "scheduler", "lr-scheduler", "lr-schedule"]),
    ("warm-up", ["warmup", "warmup-epochs", "warmup-steps"]),
    ("weight-decay", ["wd", "decay", "l2"]),
    ("label-smoothing", ["smoothing"]),
    ("clip-norm", ["clip", "clip-grad", "grad-clip", "clipnorm", "max-grad-norm"]),
    ("average-decay", ["ema", "model-ema", "ema-decay"]),
    ("augment", ["aug", "augmentation", "aa", "auto-augment", "hflip", "fliplr", "transforms"]),
    (
      "accumulate",
      ["grad-accum", "accumulation", "accumulate-grad-batches", "gradient-accumulation-steps"]
    ),
    ("precision", ["amp", "half", "fp16", "bf16", "mixed-precision", "dtype"]),
    ("seed", ["random-seed", "random-state", "manual-seed"]),
    ("class-weights", ["class-weight"]), ("standardize", ["normalize", "standardise"]),
    ("folds", ["cv", "kfold", "k-fold", "cross-validation", "n-splits"]),
    ("color", ["colour", "channels", "grayscale", "color-mode"]),
    ("resume", ["checkpoint", "ckpt", "resume-from", "restore"]),
    ("from", ["weights", "pretrained", "finetune", "init-from"]),
    ("top", ["topk", "top-k"]), ("part", ["split", "subset"]), ("quiet", ["silent"]),
  ]

  /// What stands on a command line without an option: its names elsewhere.
  private static let arguments: [(here: String, elsewhere: Set<String>)] = [
    ("MODEL", ["model", "weights", "checkpoint", "ckpt", "model-path"]),
    ("PATH", ["source", "input", "inputs", "image", "images", "data", "path", "test-data"]),
    ("DATA", ["data", "dataset", "data-path", "data-dir", "source", "input", "train-data"]),
  ]

  /// How a command line is written.
  private static let usages = [
    "train": "rowwise train DATA", "evaluate": "rowwise evaluate MODEL DATA",
    "classify": "rowwise classify MODEL PATH", "calibrate": "rowwise calibrate MODEL DATA",
    "inspect": "rowwise inspect PATH", "export": "rowwise export MODEL --output FILE",
    "compare": "rowwise compare MODEL MODEL --data DATA",
  ]

  /// What is to be said of options that nothing here stands for.
  private static let answers: [(text: String, elsewhere: Set<String>)] = [
    (
      "Rowwise computes on the CPU; leave it out (--threads N says how many cores)",
      ["device", "devices", "gpu", "gpus", "ngpu", "cuda", "no-cuda", "accelerator", "use-cpu"]
    ),
    (
      "the model says which size it reads; leave it out",
      ["imgsz", "img-size", "image-size", "img", "input-size", "target-size", "resize"]
    ),
    (
      "the number of images a batch changes no result and is chosen by itself; leave it out",
      ["batch", "batch-size", "bs"]
    ),
    ("Rowwise brings no trained models; leave it out", ["pretrained", "weights", "finetune"]),
    (
      "classes follow from the data; leave it out",
      ["classes", "num-classes", "nc", "class-names", "n-classes"]
    ),
    (
      "the loss is cross-entropy, which --label-smoothing and --focal-gamma change; leave it out",
      ["loss", "criterion"]
    ),
    ("images are shuffled in every epoch, as --seed says; leave it out", ["shuffle"]),
    (
      "a run folder has the models, a table of the epochs and their curves anyway; leave it out",
      ["save", "save-period", "plots", "save-best-only"]
    ),
    ("all metrics are there anyway; leave it out", ["metrics"]),
    ("all is said unless --quiet is given; leave it out", ["verbose", "verbosity"]),
    (
      "every picture gets its likeliest classes, with probabilities; --top N says how many",
      ["conf", "confidence", "threshold", "min-confidence"]
    ),
  ]

  /// The command that another toolkit calls `word`.
  static func command(_ word: String) -> String? { commands[word.lowercased()] }

  /// What to say of an option that other toolkits have.
  ///
  /// - Parameters:
  ///   - option: with its two dashes.
  ///   - command: whose option it should be.
  ///   - known: that command's options, with their dashes.
  /// - Returns: a sentence; nil where the option is not known from elsewhere.
  static func answer(to option: String, of command: String, among known: [String]) -> String? {
    guard option.hasPrefix("--") else { return nil }
    let word = option.dropFirst(2).lowercased().map { $0 == "_" ? "-" : String($0) }.joined()
    if let name = named(word, among: known.map { String($0.dropFirst(2)) }) {
      return "\(option) is called --\(name) here"
    }
    if let usage = usages[command],
      arguments.contains(where: { usage.contains($0.here) && $0.elsewhere.contains(word) })
    {
      return "\(option) is no option here: \(usage)"
    }
    return answers.first { $0.elsewhere.contains(word) }.map { "\(option): \($0.text)" }
  }

  /// The option that begins so.
  ///
  /// - Parameter known: the options of a command; two dashes are in front of each.
  static func option(_ option: String, among known: [String]) -> String? {
    guard option.hasPrefix("--") else { return nil }
    return beginning(String(option.dropFirst(2)), among: known.map { String($0.dropFirst(2)) })
      .map { "--\($0)" }
  }

  /// The key of configuration files that another toolkit calls so, or that begins so.
  static func key(_ key: String, among known: [String]) -> String? {
    func replace(_ character: Character, by other: Character, in text: String) -> String {
      String(text.map { $0 == character ? other : $0 })
    }
    let word = replace("_", by: "-", in: key)
    let names = known.map { replace("_", by: "-", in: $0) }
    return (named(word.lowercased(), among: names) ?? beginning(word, among: names))
      .map { replace("-", by: "_", in: $0) }
  }

  /// An option that is given as some toolkits have it, `epochs=3`, as it is written here; nil where
  /// it is no such.
  static func assignment(_ argument: String, among known: [String]) -> String? {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let names = known.map { String($0.dropFirst(2)) }
    let word = parts[0].lowercased().map { $0 == "_" ? "-" : String($0) }.joined()
    guard let name = names.contains(word) ? word : named(word, among: names) else { return nil }
    return "--\(name) \(parts[1])"
  }

  private static func named(_ word: String, among known: [String]) -> String? {
    options.first { $0.elsewhere.contains(word) && known.contains($0.here) }?.here
  }

  private static func beginning(_ word: String, among known: [String]) -> String? {
    // Of a letter or two the beginning says too little.
    guard word.count > 2 else { return nil }
    return known.filter { $0.hasPrefix(word) }.min { $0.count < $1.count }
  }
}
