import RowwiseDatasetLoading
import RowwiseRowSequencing
import TestSupport
import Testing

@Suite struct DatasetLoaderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func namesAreLookedForInOrder() throws {
    for place in ["first", "second"] {
      for label in ["a", "b"] { try folder.picture("\(place)/things/\(label)/1.png") }
    }
    let folders = [folder.path("none"), folder.path("first"), folder.path("second")]
    let layout = try DatasetLoader.locate("things", searching: folders)
    #expect(layout.path == folder.path("first/things"))
  }

  @Test func whatIsNowhereIsNotFound() {
    let named = DatasetError.notFound(path: "rowwise-none", searched: ["/a", "/b"])
    #expect(throws: named) {
      try DatasetLoader.locate("rowwise-none", searching: ["/a", "/b"])
    }
    #expect(named.isMissingInput && named.description.contains("/a, /b"))
    // A path is no name.
    #expect(throws: DatasetError.notFound(path: "./none", searched: [])) {
      try DatasetLoader.locate("./none", searching: ["/a"])
    }
    #expect(throws: DatasetError.notFound(path: "", searched: [])) {
      try DatasetLoader.locate("", searching: ["/a"])
    }
  }

  @Test func filesOfOtherKindsAreRefused() throws {
    let picture = try folder.picture("1.png")
    let text = try folder.write(text: "hello", to: "notes.txt")
    for (path, reason) in [(picture, "a single picture"), (text, "a file of unknown kind")] {
      #expect(throws: DatasetError.unrecognized(path: path, reason: reason)) {
        try DatasetLoader.locate(path)
      }
    }
    #expect(
      throws: DatasetError.unrecognized(
        path: "/dev/null", reason: "neither a file nor a folder")
    ) { try DatasetLoader.locate("/dev/null") }
  }

  @Test func missingPartsAreNamed() throws {
    for label in ["a", "b"] { try folder.picture("\(label)/1.png") }
    #expect(
      throws: DatasetError.missingPart(path: folder.path, part: .test, available: [.whole])
    ) { try DatasetLoader.locate(folder.path).load(.test) }
  }

  @Test func labelsFollowAModelsClasses() throws {
    for (i, label) in ["a", "b", "c"].enumerated() {
      try folder.picture("\(label)/1.png", value: UInt8(i))
    }
    var options = DatasetOptions()
    options.classNames = ["c", "x", "b", "a"]
    let whole = try #require(try DatasetLoader.open(folder.path, options: options).whole)
    #expect(whole.classNames == ["c", "x", "b", "a"])
    #expect(whole.labels == [3, 2, 0])
    options.classNames = ["a", "c"]
    #expect(
      throws: DatasetError.unknownClasses(
        path: folder.path, names: ["b"], expected: ["a", "c"])
    ) { try DatasetLoader.open(folder.path, options: options) }
  }

  @Test func numbersFollowAModelsClassesByPosition() throws {
    try folder.write(idx([2, 1, 1], [5, 6]), to: "images-idx3-ubyte")
    try folder.write(idx([2], [0, 1]), to: "labels-idx1-ubyte")
    var options = DatasetOptions()
    options.classNames = ["Shirt", "Bag"]
    #expect(try DatasetLoader.open(folder.path, options: options).whole?.labels == [0, 1])
    // But by name where the model knows these names.
    options.classNames = ["1", "0"]
    #expect(try DatasetLoader.open(folder.path, options: options).whole?.labels == [1, 0])
    options.classNames = ["Shirt"]
    #expect(throws: DatasetError.self) {
      try DatasetLoader.open(folder.path, options: options)
    }
  }

  @Test func sizesOutOfRangeAreRefused() throws {
    for label in ["a", "b"] { try folder.picture("\(label)/1.png") }
    var options = DatasetOptions()
    options.width = 0
    options.height = 5
    #expect(throws: PreprocessingError.invalidSize(width: 0, height: 5)) {
      try DatasetLoader.open(folder.path, options: options)
    }
  }

  @Test func everyErrorSaysWhere() {
    let errors: [DatasetError] = [
      .notFound(path: "P", searched: []), .unreadable(path: "P", reason: "r"),
      .unrecognized(path: "P", reason: "r"), .ambiguous(path: "P", candidates: ["a", "b"]),
      .invalidHeader(path: "P", field: "f", expected: "1", received: "2"),
      .sizeMismatch(path: "P", expected: 1, received: 2),
      .truncated(path: "P", expected: 2, received: 1), .corruptGzip(path: "P", reason: "r"),
      .tooLarge(path: "P", bytes: 2, limit: 1),
      .countMismatch(images: "P", imageCount: 1, labels: "Q", labelCount: 2),
      .missingPartner(path: "P", expected: "q"),
      .labelOutOfRange(path: "P", sample: 0, label: 9, classes: 3), .noImages(path: "P"),
      .noClassFolders(path: "P", images: 1), .tooFewClasses(path: "P", classes: []),
      .allImagesBad(path: "P", count: 1, firstReason: "r"),
      .invalidManifest(path: "P", row: 1, reason: "r"),
      .invalidClassNames(path: "P", row: 2, reason: "r"),
      .unknownClasses(path: "P", names: ["a"], expected: ["b"]),
      .noKnownClass(path: "P", names: ["a"], expected: ["b"]),
      .missingPart(path: "P", part: .test, available: [.train]),
      .imageLost(path: "P", reason: "r"),
    ]
    for error in errors {
      #expect(error.description.hasPrefix("P"), "\(error)")
      #expect(!error.description.contains("\n"))
    }
    #expect(Set(errors.map(\.description)).count == errors.count)
  }
}
