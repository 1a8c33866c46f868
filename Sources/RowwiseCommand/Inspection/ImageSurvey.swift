import RowwiseImageDecoding
import RowwiseReports
import RowwiseDatasetLoading
import RowwiseWorkers
import RowwiseTexts
import Synchronization

/// What `inspect` finds in a whole tree of image files.
struct ImageSurvey: Sendable, Equatable {
  /// A file and what is wrong with it.
  struct Finding: Sendable, Equatable {
    var path: String
    var reason: String
  }

  /// Width and height.
  struct Size: Sendable, Hashable {
    var width: Int
    var height: Int

    var text: String { "\(width) × \(height)" }
  }

  /// Files that are pictures by their first bytes or by their names.
  var imageCount = 0
  /// Other files.
  var otherCount = 0
  /// Pictures that were read of each format, the most frequent first.
  var formats: [(name: String, count: Int)] = []
  /// The size that more than half of the pictures have; nil where there is none.
  var usualSize: Size?
  /// The least and the greatest width and height.
  var range: (least: Size, greatest: Size)?
  var unreadable: [Finding] = []
  /// Pictures that were read leniently, and some of them is missing.
  var damaged: [Finding] = []
  /// Pictures of another size than the usual one.
  var oddSized: [Finding] = []
  /// Files whose names end as those of another format, or as those of no picture.
  var mislabelled: [Finding] = []
  /// Files of several pictures, of which the first is read.
  var several: [Finding] = []
  /// Groups of files with the same bytes.
  var duplicates: [[String]] = []

  static func == (one: ImageSurvey, other: ImageSurvey) -> Bool {
    one.json.pretty == other.json.pretty
  }

  /// Reads every file.
  ///
  /// - Parameters:
  ///   - paths: files, in the order in which findings are told.
  ///   - progress: called now and then with files done and all files, from any thread.
  init(
    paths: [String], reading: DecodingOptions = DecodingOptions(), threads: Int,
    progress: @escaping @Sendable (_ done: Int, _ of: Int) -> Void
  ) {
    let done = Mutex(0)
    let found = WorkerPool.map(paths, threads: threads) { path in
      let contents = ImageContents(path: path, reading: reading)
      let count = done.withLock { count in
        count += 1
        return count
      }
      progress(count, paths.count)
      return contents
    }
    self.init(Array(zip(paths, found)).map { (path: $0, contents: $1) })
  }

  /// Draws conclusions.
  init(_ files: [(path: String, contents: ImageContents)]) {
    var counts: [String: Int] = [:]
    var groups: [ImageContents.Fingerprint: [String]] = [:]
    var sizes: [(path: String, size: Size)] = []
    for (path, contents) in files {
      guard PictureCandidate.isPicture(path, contents.guess) else {
        otherCount += 1
        continue
      }
      imageCount += 1
      if let key = contents.fingerprint { groups[key, default: []].append(path) }
      if let reason = NameEnding.contradiction(path, contents.guess) {
        mislabelled.append(Finding(path: path, reason: reason))
      }
      if let error = contents.error {
        unreadable.append(Finding(path: path, reason: error.descriptionWithoutSource))
      } else if let info = contents.info {
        if let damage = contents.damage { damaged.append(Finding(path: path, reason: damage)) }
        counts[info.format.rawValue, default: 0] += 1
        if info.pictureCount > 1 {
          several.append(Finding(path: path, reason: "\(info.pictureCount) pictures"))
        }
        sizes.append((path, Size(width: info.uprightWidth, height: info.uprightHeight)))
      }
    }
    formats = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    duplicates = groups.values.filter { $0.count > 1 }
    let order = Dictionary(
      files.enumerated().map { ($1.path, $0) }, uniquingKeysWith: { first, _ in first })
    duplicates.sort { (order[$0[0]] ?? 0) < (order[$1[0]] ?? 0) }
    judge(sizes)
  }

  private mutating func judge(_ sizes: [(path: String, size: Size)]) {
    guard let first = sizes.first?.size else { return }
    var (least, greatest) = (first, first)
    var counts: [Size: Int] = [:]
    for (_, size) in sizes {
      counts[size, default: 0] += 1
      least = Size(
        width: min(least.width, size.width), height: min(least.height, size.height))
      greatest = Size(
        width: max(greatest.width, size.width), height: max(greatest.height, size.height))
    }
    range = (least, greatest)
    guard let usual = counts.first(where: { 2 * $0.value > sizes.count })?.key else { return }
    usualSize = usual
    oddSized = sizes.filter { $0.size != usual }.map {
      Finding(path: $0.path, reason: $0.size.text)
    }
  }
}

/// What a name's ending says about a file's format.
enum NameEnding {
  private static let others = ["dib": "BMP", "gz": "gzip", "tgz": "gzip", "zip": "ZIP"]

  /// Formats that many files have whose names say something else by right.
  private static let containers: Set<String> = [
    "gzip", "ZIP", "PDF", "SVG", "XML (perhaps SVG)", "HTML",
  ]

  /// How a name's ending contradicts the file's first bytes; nil where it does not.
  static func contradiction(_ path: String, _ guess: FormatGuess) -> String? {
    let format: String
    switch guess {
    case .readable(let readable): format = readable.rawValue
    case .foreign(let foreign): format = foreign.rawValue
    case .damagedPNG, .unknown: return nil
    }
    let name = path.split(separator: "/").last ?? ""
    let ending = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
    let named =
      ImageFormat.nameEndings[ending]?.rawValue ?? ForeignFormat.nameEndings[ending]?.rawValue
      ?? others[ending]
    if named == format || (named == nil && containers.contains(format)) { return nil }
    return "a \(format) file" + (ending.isEmpty ? ", its name has no ending" : ", named .\(ending)")
  }
}
