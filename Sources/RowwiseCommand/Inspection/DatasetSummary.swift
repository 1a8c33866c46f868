import RowwiseDatasetLoading
import RowwiseRowSequencing
import RowwiseTexts

/// What `inspect` says about a data set.
struct DatasetSummary: Sendable, Equatable {
  /// One part's figures.
  struct Part: Sendable, Equatable {
    var part: DatasetPart
    /// Samples of each class.
    var classCounts: [Int]
    var fingerprint: String

    /// Samples in all.
    var count: Int { classCounts.reduce(0, +) }
  }

  /// Samples of a part that are of one colour.
  struct Constants: Sendable, Equatable {
    var part: DatasetPart
    /// In their order.
    var samples: [Repeats.Sample]
  }

  /// Samples of a part that have the same pixels.
  struct Repeats: Sendable, Equatable {
    /// One of them.
    struct Sample: Sendable, Equatable {
      /// From 0, in the part.
      var index: Int
      var name: String
      var className: String
    }

    var part: DatasetPart
    /// In their order.
    var samples: [Sample]

    /// Whether they are of more than one class.
    var isContradiction: Bool { Set(samples.map(\.className)).count > 1 }
  }

  var path: String
  var kind: DatasetLayout.Kind
  /// Size and channels that models read unless told otherwise.
  var width: Int
  var height: Int
  var color: ColorMode
  var classNames: [String]
  var parts: [Part]
  /// What was left out or is odd, in rows of text.
  var problems: [String]
  /// Images left out because they cannot be read.
  var badImageCount: Int
  /// Samples with the same pixels; nil where that was not looked for, since samples are not held in memory.
  var repeats: [Repeats]?
  /// Samples of one colour, likewise.
  var constants: [Constants]?
  /// What was found in a folder's files; nil for other data sets.
  var survey: ImageSurvey?

  /// Loads every part.
  ///
  /// - Throws: `DatasetError`; `PreprocessingError` where a size makes no sense.
  init(_ layout: DatasetLayout, options: DatasetOptions) throws {
    path = layout.path
    kind = layout.kind
    let preprocessing = try layout.preprocessing(options)
    width = preprocessing.width
    height = preprocessing.height
    color = preprocessing.color
    classNames = []
    parts = []
    problems = []
    badImageCount = 0
    // Parts may lie in one folder, or lack the same.
    var told: Set<DatasetReport.Finding> = []
    func tell(_ report: DatasetReport) {
      for finding in report.findings() where told.insert(finding).inserted {
        problems += finding.lines
      }
    }
    tell(layout.report)
    for part in layout.parts {
      let dataset = try layout.load(part, options: options)
      // Classes that a part has beyond those of others come last.
      if dataset.classNames.count > classNames.count { classNames = dataset.classNames }
      parts.append(
        Part(
          part: part, classCounts: dataset.classCounts,
          fingerprint: dataset.fingerprint.description))
      tell(dataset.report)
      badImageCount += dataset.report.badImages.count
      if let found = try dataset.repeats(threads: options.threads) {
        problems += Self.rows(of: found, dataset, part)
        repeats = (repeats ?? []) + Self.groups(of: found, dataset, part)
      }
      if let found = try dataset.constants(threads: options.threads) {
        let samples = found.map { Self.sample($0, of: dataset) }
        if !samples.isEmpty {
          problems.append(
            "\(part.rawValue): \(Self.count(of: samples.count)) \(samples.count == 1 ? "is" : "are") all of one "
              + "colour, as read at \(dataset.width) × \(dataset.height)")
          problems += Self.shortened(samples.map(\.name))
        }
        constants = (constants ?? []) + [Constants(part: part, samples: samples)]
      }
    }
    for index in parts.indices {
      let missing = classNames.count - parts[index].classCounts.count
      parts[index].classCounts += [Int](repeating: 0, count: missing)
    }
    do {
      if let part = layout.trainingPart { try layout.checkClassFolders(of: part) }
    } catch {
      problems.append("not to be trained on as it is: \(error)")
    }
  }

  /// Rows about samples with the pixels of another, the first ten named.
  private static func rows(
    of repeats: SampleRepeats, _ dataset: ImageDataset, _ part: DatasetPart
  ) -> [String] {
    var rows: [String] = []
    func add(_ pairs: [SampleRepeats.Pair], _ what: String, showsLabels: Bool) {
      guard !pairs.isEmpty else { return }
      func name(_ index: Int) -> String {
        let name = dataset.sampleName(at: index)
        return showsLabels
          ? "\(name) (\(dataset.classNames[Int(dataset.labels[index])]))" : name
      }
      rows.append(
        "\(part.rawValue): \(Self.count(of: pairs.count)) \(pairs.count == 1 ? "has" : "have") the pixels of "
          + "a sample of \(what), as read at \(dataset.width) × \(dataset.height)")
      rows += shortened(pairs.map { "\(name($0.sample)) = \(name($0.first))" })
    }
    add(repeats.contradictions, "another class", showsLabels: true)
    add(repeats.duplicates, "the same class", showsLabels: false)
    return rows
  }

  /// Samples with the same pixels together, by the first of each.
  private static func groups(
    of repeats: SampleRepeats, _ dataset: ImageDataset, _ part: DatasetPart
  ) -> [Repeats] {
    let pairs = repeats.duplicates + repeats.contradictions
    return Dictionary(grouping: pairs, by: \.first).sorted { $0.key < $1.key }.map { first, pairs in
      Repeats(
        part: part,
        samples: ([first] + pairs.map(\.sample).sorted()).map { sample($0, of: dataset) })
    }
  }

  private static func sample(_ index: Int, of dataset: ImageDataset) -> Repeats.Sample {
    Repeats.Sample(
      index: index, name: dataset.sampleName(at: index),
      className: dataset.classNames[Int(dataset.labels[index])])
  }

  /// Rows about samples, the first ten of them.
  private static func shortened(_ rows: [String]) -> [String] {
    rows.prefix(10).map { "  \($0)" }
      + (rows.count > 10 ? ["  and \(NumberText.grouped(rows.count - 10)) more"] : [])
  }

  private static func count(of samples: Int) -> String {
    "\(NumberText.grouped(samples)) \(samples == 1 ? "sample" : "samples")"
  }

  /// The whole in rows, then a table with a row for each class.
  ///
  /// - Parameters:
  ///   - columns: how wide a row may be.
  ///   - maximumClasses: further classes are only counted.
  func table(columns: Int = Console.defaultColumns, maximumClasses: Int = 50) -> String {
    var rows = [
      ("data set", "\(TerminalText.printable(path)) (\(kind.rawValue))"),
      ("images", "\(width) × \(height), \(color.rawValue)"),
      ("classes", NumberText.grouped(classNames.count)),
    ]
    for part in parts {
      rows.append((part.part.rawValue, "\(samples(part.count)), \(part.fingerprint)"))
    }
    rows.append(("balance", balance))
    let head = SummaryTable.text(rows, columns: columns)
    let tail = problems.flatMap {
      TerminalText.folded(TerminalText.printable($0), to: columns, indent: 4)
    }.map { $0 + "\n" }.joined()
    // Those of the data set are told of already; there may be others in the folder.
    let files =
      survey.map {
        "\n" + $0.table(columns: columns, namesUnreadable: $0.unreadable.count > badImageCount)
      } ?? ""
    return head + "\n" + classTable(maximumClasses) + (tail.isEmpty ? "" : "\n" + tail) + files
  }

  private func samples(_ count: Int) -> String { Self.count(of: count) }

  /// Samples of the smallest and the largest class over all parts.
  private var balance: String {
    let totals = classNames.indices.map { label in
      parts.reduce(0) { $0 + $1.classCounts[label] }
    }
    guard let least = totals.min(), let most = totals.max() else { return "no samples" }
    return least == most
      ? "\(samples(least)) in every class"
      : "\(NumberText.grouped(least)) to \(samples(most)) a class"
  }

  private func classTable(_ maximumClasses: Int) -> String {
    let shown = classNames.prefix(maximumClasses)
    var columns = [["class"] + shown.map { TerminalText.printable($0) }]
    for part in parts {
      let counts = part.classCounts.prefix(maximumClasses).map { NumberText.grouped($0) }
      columns.append([part.part.rawValue] + counts)
    }
    let widths = columns.map { $0.map { TerminalText.width($0) }.max() ?? 0 }
    let rows = (0...shown.count).map { row in
      let name = TerminalText.left(columns[0][row], widths[0])
      let counts = columns.indices.dropFirst().map { index in
        TerminalText.right(columns[index][row], widths[index])
      }
      return ([name] + counts).joined(separator: "  ") + "\n"
    }
    let hidden = classNames.count - shown.count
    return rows.joined() + (hidden > 0 ? "and \(hidden) more classes\n" : "")
  }

  /// One object.
  var json: JSONValue {
    let parts = parts.map { part in
      JSONValue.Member(
        part.part.rawValue,
        .object([
          .init("samples", .int(part.count)), .init("fingerprint", .string(part.fingerprint)),
          .init("class_counts", .array(part.classCounts.map { .int($0) })),
        ]))
    }
    return .object([
      .init("kind", .string("data set")), .init("path", .string(path)),
      .init("layout", .string(kind.rawValue)), .init("width", .int(width)),
      .init("height", .int(height)), .init("color", .string(color.rawValue)),
      .init("classes", .array(classNames.map { .string($0) })), .init("parts", .object(parts)),
      .init("unreadable_images", .int(badImageCount)),
      .init("problems", .array(problems.map { .string($0) })),
      .init("repeats", repeats.map { .array($0.map(\.json)) } ?? .null),
      .init("constant", constants.map { .array($0.flatMap(\.json)) } ?? .null),
      .init("files", survey?.json ?? .null),
    ])
  }
}
