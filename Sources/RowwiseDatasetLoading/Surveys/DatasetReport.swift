import RowwiseImageDecoding
import RowwiseTexts

/// What is odd about a data set, without making it useless.
public struct DatasetReport: Sendable, Equatable {
  /// An image file that was left out, or read in part.
  public struct BadImage: Sendable, Equatable {
    /// The file.
    public let path: String
    /// Why it cannot be read, or what is missing.
    public let reason: String
    /// The format that is not read; nil where that is not why.
    package var format: ForeignFormat?
  }

  /// Images left out, in the data set's order.
  public internal(set) var badImages: [BadImage] = []
  /// Damaged images that were read leniently, in the data set's order.
  public internal(set) var damagedImages: [BadImage] = []
  /// Classes without a readable image, in the order of the classes.
  public internal(set) var emptyClasses: [String] = []
  /// Files that are no images by their name, hidden ones not counted.
  public internal(set) var ignoredFiles = 0
  /// The first few of them.
  public internal(set) var ignoredExamples: [String] = []
  /// Folders beside `train`, `test` and the like that belong to no part.
  public internal(set) var ignoredFolders: [String] = []
  /// Images beside class folders, in no class.
  public internal(set) var looseImages = 0
  /// The first few of them.
  public internal(set) var looseExamples: [String] = []
  /// Which part the report is about; nil where it is about all.
  public internal(set) var part: DatasetPart?
  /// What else there is to say.
  public internal(set) var notes: [Finding] = []

  /// Nothing odd.
  public init() {}

  /// Whether there is anything to report.
  public var isEmpty: Bool {
    var report = self
    report.part = nil
    return report == DatasetReport()
  }

  mutating func note(_ text: String, isLoss: Bool) {
    notes.append(Finding(lines: [text], isLoss: isLoss))
  }

  mutating func addLoose(_ path: String) {
    looseImages += 1
    if looseExamples.count < 5 { looseExamples.append(path) }
  }

  mutating func ignore(file path: String) {
    ignoredFiles += 1
    if ignoredExamples.count < 5 { ignoredExamples.append(path) }
  }

  mutating func add(_ other: DatasetReport) {
    badImages += other.badImages
    damagedImages += other.damagedImages
    emptyClasses += other.emptyClasses
    ignoredFiles += other.ignoredFiles
    ignoredExamples = Array((ignoredExamples + other.ignoredExamples).prefix(5))
    ignoredFolders += other.ignoredFolders
    looseImages += other.looseImages
    looseExamples = Array((looseExamples + other.looseExamples).prefix(5))
    notes += other.notes
  }

  /// One thing that is odd.
  public struct Finding: Sendable, Hashable {
    /// A sentence, then a row for each of the images that it is about.
    public let lines: [String]
    /// Whether it tells of pictures that are not read, or not all of them.
    public let isLoss: Bool
  }

  /// A sentence for each finding, and a row for each image of it.
  ///
  /// - Parameter mostImages: images of a kind to name one by one; the rest is counted.
  public func lines(mostImages: Int = 10) -> [String] {
    findings(mostImages: mostImages).flatMap(\.lines)
  }

  /// Everything that is odd.
  ///
  /// - Parameter mostImages: images of a kind to name one by one; the rest is counted.
  public func findings(mostImages: Int = 10) -> [Finding] {
    var findings: [Finding] = []
    func name(_ images: [BadImage], _ what: String) {
      guard !images.isEmpty else { return }
      var lines = ["\(images.count == 1 ? "1 image was" : "\(images.count) images were") \(what):"]
      lines += images.prefix(mostImages).map { "  \($0.path): \($0.reason)" }
      if images.count > mostImages { lines.append("  and \(images.count - mostImages) more") }
      findings.append(Finding(lines: lines, isLoss: true))
    }
    func add(_ text: String, isLoss: Bool) {
      findings.append(Finding(lines: [text], isLoss: isLoss))
    }
    let are = badImages.count == 1 ? "it" : "they"
    name(badImages, "left out because \(are) cannot be read")
    name(damagedImages, "read in part")
    if !emptyClasses.isEmpty {
      let place = part.map { $0 == .whole ? "" : " in \($0)" } ?? ""
      add("classes without images\(place): \(NameList.text(emptyClasses))", isLoss: false)
    }
    if ignoredFiles > 0 {
      let more = ignoredFiles > ignoredExamples.count ? ", …" : ""
      add(
        "files that are no picture by their name, ignored: \(ignoredFiles) "
          + "(\(ignoredExamples.joined(separator: ", "))\(more))", isLoss: false)
    }
    if looseImages > 0 {
      let more = looseImages > looseExamples.count ? ", …" : ""
      add(
        "images beside the class folders, in no class and left out: \(looseImages) "
          + "(\(looseExamples.joined(separator: ", "))\(more))", isLoss: true)
    }
    if !ignoredFolders.isEmpty {
      add(
        "folders beside train and test, ignored: \(NameList.text(ignoredFolders))", isLoss: true)
    }
    return findings + notes
  }
}
